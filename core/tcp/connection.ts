import { endpointText } from "../net/endpoint.ts";
import type { Conversation, Moment, Side, Wire } from "../flow/mod.ts";
import type { Segment } from "../net/segment.ts";
import { Analysis } from "./analysis.ts";
import { TcpFlow } from "./flow.ts";
import { Timing } from "./timing.ts";
import type { EarlySegments } from "./order.ts";
import { nanosBetween } from "./patience.ts";
import type { Shared } from "./shared.ts";
import type { UseList } from "./table.ts";
import type { ConversationState, ConversationStatistics } from "./statistics.ts";

/** Flags of RFC 9293 section 3.1. */
export const FIN = 1, SYN = 2, RST = 4, ACK = 16;

/** A conversation as the tracker keeps it: endpoints, both flows, and what was seen. */
export class TcpConversation implements Conversation, Wire {
  readonly number: number;
  /** The endpoint that orders first, and the other: interned addresses and ports. */
  readonly lowAddress: number;
  readonly highAddress: number;
  readonly lowPort: number;
  readonly highPort: number;
  /** The flow sent by each endpoint. */
  readonly low: TcpFlow;
  readonly high: TcpFlow;
  /** A SYN was captured, so the sides are certain. */
  handshake = false;
  handshakeNanos: number | null = null;
  packets = 0;
  /** Segments captured before bytes that they acknowledge, and put back into order. */
  reordered = 0;
  /** Those that still wait. */
  early: EarlySegments | null = null;
  /** Told to the sink, and told that it ended. */
  opened = false;
  closed = false;
  /** The side whose RST ended the conversation; null too if it went on afterwards. */
  resetBy: 0 | 1 | null = null;
  issues = 0;
  /** The next one with the same hash in the tracker's table. */
  sibling: TcpConversation | null = null;
  /** The tracker's list it is in, and its neighbours there, least recently used first. */
  list: UseList | null = null;
  older: TcpConversation | null = null;
  newer: TcpConversation | null = null;

  /** Null where nobody asks for what it counts. */
  readonly #analysis: Analysis | null;
  readonly #timing: Timing;
  readonly #shared: Shared;
  #client: 0 | 1 = 0;
  /** Texts of both ends, made when first asked for: every transaction asks. */
  #lowEndpoint: string | null = null;
  #highEndpoint: string | null = null;
  /** When the last SYN of an opening was captured; null where none was. */
  #synSeconds: number | null = null;
  #synNanos = 0;
  #established = false;
  #reset = false;
  readonly #startSeconds: number;
  readonly #startNanos: number;
  #endSeconds: number;
  #endNanos: number;

  /** `from` is the side that sent `segment`, the first packet. */
  constructor(number: number, segment: Segment, from: 0 | 1, shared: Shared) {
    const { source, destination, sourcePort, destinationPort } = segment;
    this.number = number;
    this.lowAddress = from === 0 ? source : destination;
    this.highAddress = from === 0 ? destination : source;
    this.lowPort = from === 0 ? sourcePort : destinationPort;
    this.highPort = from === 0 ? destinationPort : sourcePort;
    this.low = new TcpFlow(this, shared);
    this.high = new TcpFlow(this, shared);
    this.#shared = shared;
    this.#timing = new Timing(segment.packet.seconds);
    this.#analysis = shared.analysis ? new Analysis() : null;
    this.#startSeconds = this.#endSeconds = segment.packet.seconds;
    this.#startNanos = this.#endNanos = segment.packet.nanos;
    if (sourcePort !== destinationPort) {
      this.#client = this.lowPort > this.highPort ? 0 : 1;
    } else this.#client = from;
  }

  /** The flow sent by a side. */
  flow(side: 0 | 1): TcpFlow {
    return side === 0 ? this.low : this.high;
  }

  get client(): TcpFlow {
    return this.flow(this.#client);
  }
  get server(): TcpFlow {
    return this.flow(this.#client === 0 ? 1 : 0);
  }
  get clientPort(): number {
    return this.#client === 0 ? this.lowPort : this.highPort;
  }
  get serverPort(): number {
    return this.#client === 0 ? this.highPort : this.lowPort;
  }
  get clientEndpoint(): string {
    return this.#endpoint(this.#client);
  }
  get serverEndpoint(): string {
    return this.#endpoint(this.#client === 0 ? 1 : 0);
  }

  /** Itself, as what its segments prove. */
  get wire(): Wire {
    return this;
  }

  roundTripUs(side: Side): number | null {
    return this.#timing.roundTripUs(this.#indexOf(side));
  }

  get hasSpans(): boolean {
    return this.#timing.hasSpans;
  }

  closedUs(side: Side, from: Moment, to: Moment): number {
    return this.#timing.closedUs(this.#indexOf(side), from, to);
  }

  missingUs(side: Side, from: Moment, to: Moment): number {
    return this.#timing.missingUs(this.#indexOf(side), from, to);
  }

  #indexOf(side: Side): 0 | 1 {
    return (side === "client") === (this.#client === 0) ? 0 : 1;
  }

  swapSides(): void {
    this.#client = this.#client === 0 ? 1 : 0;
  }

  /** Counts a packet sent by side `from`, and notes what its flags say of the whole. */
  note(segment: Segment, from: 0 | 1): void {
    const { flags, packet, length } = segment;
    const flow = this.flow(from);
    this.packets++;
    flow.packets++;
    flow.bytes += length;
    this.#endSeconds = packet.seconds;
    this.#endNanos = packet.nanos;
    if ((flags & SYN) !== 0) {
      if ((flags & ACK) === 0) {
        this.#synSeconds = packet.seconds;
        this.#synNanos = packet.nanos;
      }
      if (!this.handshake) {
        this.handshake = true;
        if (!this.opened) this.#client = (flags & ACK) === 0 ? from : from === 0 ? 1 : 0;
      } else if ((flags & ACK) === 0 && from !== this.#client && !this.opened) {
        // Both opened it at once: the ports tell.
        this.#client = this.lowPort > this.highPort ? 0 : 1;
      }
    } else if ((flags & ACK) !== 0) {
      if ((flags & RST) === 0) this.#established = true;
      // A clock too coarse to show it makes Wireshark take the next one.
      if (!this.handshakeNanos && this.#synSeconds !== null) {
        this.handshakeNanos = nanosBetween(this.#synSeconds, this.#synNanos, segment);
      }
    }
    if ((flags & RST) !== 0) {
      this.#reset = true;
      this.resetBy = from;
    } else if (this.resetBy === from) this.resetBy = null; // Not its RST, or an old one.
    this.#timing.note(segment, from);
    this.#analysis?.note(segment, from, this.handshakeNanos);
  }

  /** The counts so far. */
  statistics(): ConversationStatistics {
    const analysis = this.#analysis;
    const client = this.#client;
    const server = client === 0 ? 1 : 0;
    return {
      client: this.client.statistics(analysis && analysis.counts(client)),
      server: this.server.statistics(analysis && analysis.counts(server)),
      reordered: this.reordered,
      state: this.#stateName(),
      startSeconds: this.#startSeconds,
      startNanos: this.#startNanos,
      endSeconds: this.#endSeconds,
      endNanos: this.#endNanos,
      handshakeNanos: this.handshakeNanos,
      analysis: analysis && {
        client: analysis.facts(client),
        server: analysis.facts(server),
      },
    };
  }

  #stateName(): ConversationState {
    if (this.low.finished && this.high.finished) return "closed";
    if (this.#reset) return "reset";
    if (!this.handshake) return "mid-capture";
    return this.#established ? "established" : "half-open";
  }

  #endpoint(side: 0 | 1): string {
    if (side === 0) {
      return this.#lowEndpoint ??= this.#textOf(this.lowAddress, this.lowPort);
    }
    return this.#highEndpoint ??= this.#textOf(this.highAddress, this.highPort);
  }

  #textOf(address: number, port: number): string {
    return endpointText(this.#shared.addressText(address), port);
  }
}
