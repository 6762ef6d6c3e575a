import type { Conversation, Side } from "../flow/mod.ts";
import type { AddressTable } from "../net/address_table.ts";
import type { Datagram } from "../net/segment.ts";
import { Oldest } from "../oldest.ts";
import type { TcpSink } from "./sink.ts";
import { type ConversationStatistics, flowStatistics } from "./statistics.ts";

/** UDP conversations open at most; the least recently used go first. */
const MAX_CONVERSATIONS = 65_536;

/** The datagrams between two endpoints; who sent the first one is taken for the client. */
class UdpConversation implements Conversation {
  readonly transport = "udp";
  readonly handshake = false;
  readonly statistics: ConversationStatistics;
  readonly number: number;
  /** The sender of the first datagram, and the other. */
  readonly #endpoints: readonly [string, string];
  readonly #ports: readonly [number, number];
  #swapped = false;

  constructor(
    number: number,
    { packet, sourcePort, destinationPort }: Datagram,
    endpoints: readonly [string, string],
  ) {
    this.number = number;
    this.#endpoints = endpoints;
    this.#ports = [sourcePort, destinationPort];
    this.statistics = {
      client: flowStatistics(),
      server: flowStatistics(),
      reordered: 0,
      state: "half-open",
      startSeconds: packet.seconds,
      startNanos: packet.nanos,
      endSeconds: packet.seconds,
      endNanos: packet.nanos,
      handshakeNanos: null,
      analysis: null,
    };
  }

  get clientEndpoint(): string {
    return this.#endpoints[this.#swapped ? 1 : 0];
  }
  get serverEndpoint(): string {
    return this.#endpoints[this.#swapped ? 0 : 1];
  }
  get clientPort(): number {
    return this.#ports[this.#swapped ? 1 : 0];
  }
  get serverPort(): number {
    return this.#ports[this.#swapped ? 0 : 1];
  }

  swapSides(): void {
    this.#swapped = !this.#swapped;
    const { client, server } = this.statistics;
    this.statistics.client = server;
    this.statistics.server = client;
  }

  /** Counts a datagram; gives the side that sent it. */
  note({ packet, start, end }: Datagram, fromFirst: boolean): Side {
    const side: Side = fromFirst === this.#swapped ? "server" : "client";
    const { statistics } = this;
    statistics[side].packets++;
    statistics[side].bytes += Math.max(0, end - start);
    if (!fromFirst) statistics.state = "established";
    statistics.endSeconds = packet.seconds;
    statistics.endNanos = packet.nanos;
    return side;
  }
}

/** What is kept of a conversation: the number of its first sender's address and its port. */
interface Known {
  readonly conversation: UdpConversation;
  readonly source: number;
  readonly port: number;
}

/**
 * Tells UDP conversations as flows, each event one datagram. They are numbered from 0 in order
 * of their first packet, as tshark's `udp.stream`; one that comes back after so many others
 * that it was let go has a new number.
 */
export class UdpTracker {
  readonly #sink: TcpSink;
  readonly #addresses: AddressTable;
  readonly #known = new Map<string, Known>();
  readonly #oldest = new Oldest(this.#known);
  #last: { key: string; known: Known } | null = null;
  #count = 0;

  constructor(sink: TcpSink, addresses: AddressTable) {
    this.#sink = sink;
    this.#addresses = addresses;
  }

  /** Takes a datagram; gives its conversation. */
  push(datagram: Datagram): Conversation {
    const { source, sourcePort, packet, bytes, start, end } = datagram;
    const { conversation, ...first } = this.#knownOf(datagram);
    const fromFirst = first.source === source && first.port === sourcePort;
    const side = conversation.note(datagram, fromFirst);
    if (end > start) {
      const { number, seconds, nanos } = packet;
      const stamp = { packet: number, seconds, nanos };
      this.#sink.data(conversation, side, bytes, start, end, stamp);
    }
    return conversation;
  }

  /** The counts so far; null where the conversation is no UDP. */
  statistics(conversation: Conversation): ConversationStatistics | null {
    return conversation instanceof UdpConversation ? conversation.statistics : null;
  }

  /** Says that no packet follows. */
  end(): void {
    for (const { conversation } of this.#known.values()) this.#close(conversation);
    this.#known.clear();
  }

  #knownOf(datagram: Datagram): Known {
    const key = keyOf(datagram);
    if (this.#last?.key === key) return this.#last.known;
    let known = this.#known.get(key);
    if (known === undefined) {
      this.#makeRoom();
      const { source, destination, sourcePort, destinationPort } = datagram;
      const conversation = new UdpConversation(this.#count++, datagram, [
        this.#addresses.endpoint(source, sourcePort),
        this.#addresses.endpoint(destination, destinationPort),
      ]);
      known = { conversation, source, port: sourcePort };
      this.#sink.open?.(conversation);
    } else this.#known.delete(key);
    // Behind all others: the first one is the one not used for longest.
    this.#known.set(key, known);
    this.#last = { key, known };
    return known;
  }

  #makeRoom(): void {
    if (this.#known.size < MAX_CONVERSATIONS) return;
    const oldest = this.#oldest.take()!;
    const { conversation } = this.#known.get(oldest)!;
    this.#known.delete(oldest);
    this.#close(conversation);
  }

  #close(conversation: UdpConversation): void {
    this.#sink.close?.(conversation);
    this.#sink.release?.(conversation, conversation.statistics);
  }
}

/** The same for both directions. */
function keyOf({ source, sourcePort, destination, destinationPort }: Datagram): string {
  const isFirst = source < destination ||
    source === destination && sourcePort <= destinationPort;
  return isFirst
    ? `${source} ${sourcePort} ${destination} ${destinationPort}`
    : `${destination} ${destinationPort} ${source} ${sourcePort}`;
}
