/**
 * @module
 * QUIC versions 1 and 2 as a carrier: datagrams in, each stream a pair of flows for whichever
 * framing of the registry recognises it. What was agreed on is always told, as the first keys
 * are known to everybody; the content where the session's secrets are known.
 */
import type { Side, Stamp } from "../../flow/mod.ts";
import { Oldest } from "../../oldest.ts";
import type { Framer, Framing, FramingHost, Opening, Verdict } from "../framing.ts";
import type { PacketIndex } from "../packet_index.ts";
import { type ConnectionBook, QuicConnection } from "./connection.ts";
import { isLongHeader, type LongHeader, MIN_FIRST, readLongHeader } from "./header.ts";
import { initialProtection } from "./protection.ts";

/** Connection ids of all connections kept at most; those seen first go first. */
const MAX_IDS = 65_536;
/** Bytes of ids that tell a connection at any address: shorter ones come by chance. */
const MIN_MOVED = 4;
/** Connections between two addresses kept at most; the first one goes first. */
const MAX_CONNECTIONS = 256;

/**
 * QUIC as a carrier. A client's first packet tells it on any port; elsewhere a short header
 * does where QUIC is expected.
 *
 * Source: RFC 9000, RFC 9001, RFC 9369; apache/iggy core/server/src/quic/ at server-0.8.0.
 */
export const quic: Framing = Object.freeze({
  name: "quic",
  since: "0.5",
  ports: [8080],
  carrier: true,
  transport: "udp",
  detect,
  open: (host: FramingHost) => new QuicFramer(host),
});

function detect({ client, server, expected, sided }: Opening): Verdict {
  const [one, other] = [isFirst(client), isFirst(server)];
  // Of a server's first datagram only the port tells whose it is.
  if (one && !other && (!expected || opensAsClient(client))) return "yes";
  if (other && !one && (!expected || opensAsClient(server))) return "swapped";
  if (one && other) {
    return opensAsClient(server) && !opensAsClient(client) ? "swapped" : "yes";
  }
  if (!expected || client.length + server.length <= 20) return "no";
  // Begun before the capture: the server is who has the port on which one is expected.
  return sided === false ? "swapped" : "yes";
}

/** Whether bytes begin with a client's first datagram. */
function isFirst(bytes: Uint8Array): boolean {
  if (bytes.length < MIN_FIRST || !isLongHeader(bytes, 0)) return false;
  const header = readLongHeader(bytes, 0, bytes.length);
  return header?.type === "initial";
}

function opensAsClient(bytes: Uint8Array): boolean {
  const header = readLongHeader(bytes, 0, bytes.length)!;
  return initialProtection(header.version, header.destination, "client")
    .open(bytes, 0, header.numberAt, header.end) !== null;
}

/** Connections by their ids, of which the oldest go first. */
class ConnectionIds {
  readonly #connections = new Map<string, QuicConnection>();
  readonly #oldest = new Oldest(this.#connections);
  readonly #lengths = new Set<number>();

  /** The connection of an id; null where none has it. */
  get(id: Uint8Array): QuicConnection | null {
    if (!this.#lengths.has(id.length)) return null;
    return this.#connections.get(id.toHex()) ?? null;
  }

  /** The connection of a packet with a short header, which does not say how long its id is. */
  of(packet: Uint8Array, shortest: number): QuicConnection | null {
    for (const length of this.#lengths) {
      const found = length < shortest ? null : this.get(packet.subarray(1, 1 + length));
      if (found !== null) return found;
    }
    return null;
  }

  add(id: Uint8Array, connection: QuicConnection): void {
    if (id.length === 0 || this.get(id) !== null) return;
    if (this.#connections.size >= MAX_IDS) {
      this.#connections.delete(this.#oldest.take()!);
    }
    this.#lengths.add(id.length);
    this.#connections.set(id.toHex(), connection);
  }
}

/** The connections of a dissection, so that one may move to other addresses. */
interface Everywhere {
  readonly ids: ConnectionIds;
  /** How many have a number. */
  count: number;
}

const CONNECTIONS = new WeakMap<PacketIndex, Everywhere>();

/**
 * Reads the datagrams between two addresses. A client that connects again may do so from the
 * same port, and have several connections there at once, which their ids tell apart.
 */
class QuicFramer implements Framer, ConnectionBook {
  readonly #host: FramingHost;
  readonly #everywhere: Everywhere;
  /** Made when an id is known: most of what is no QUIC has none. */
  #here: ConnectionIds | null = null;
  /** Those that began here, the last one last. */
  #own: QuicConnection[] = [];
  /** The connection that began or moved here last; null before there was any. */
  #current: QuicConnection | null = null;
  /** There were others before it. */
  #several = false;

  constructor(host: FramingHost) {
    this.#host = host;
    let everywhere = CONNECTIONS.get(host.packets);
    if (everywhere === undefined) {
      everywhere = { ids: new ConnectionIds(), count: 0 };
      CONNECTIONS.set(host.packets, everywhere);
    }
    this.#everywhere = everywhere;
  }

  data(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    const datagram = bytes.subarray(start, end);
    this.#connectionOf(side, datagram).datagram(side, datagram, stamp);
  }

  gap(): void {}

  finish(): void {}

  close(): void {
    // One that moved here goes on, or ends, where it began.
    for (const connection of this.#own) connection.close();
  }

  known(id: Uint8Array, connection: QuicConnection): void {
    this.#here ??= new ConnectionIds();
    this.#here.add(id, connection);
  }

  everywhere(id: Uint8Array, connection: QuicConnection): void {
    this.#everywhere.ids.add(id, connection);
  }

  nextNumber(): number {
    return this.#everywhere.count++;
  }

  #connectionOf(side: Side, datagram: Uint8Array): QuicConnection {
    if (!isLongHeader(datagram, 0)) {
      this.#current ??= this.#everywhere.ids.of(datagram, MIN_MOVED);
      const known = this.#several ? this.#here?.of(datagram, 1) : null;
      return known ?? this.#likely();
    }
    if (this.#current === null) return this.#begin();
    const header = readLongHeader(datagram, 0, datagram.length);
    if (header === null) return this.#current;
    // After a Retry a client goes on with another id of the server, and its own.
    const known = this.#here?.get(header.destination) ??
      this.#here?.get(header.source) ?? null;
    if (known !== null) return known;
    return side === "client" && this.#begins(header, datagram)
      ? this.#begin()
      : this.#current;
  }

  /** Whether a client's datagram of no known id begins a connection behind the first. */
  #begins({ type, source }: LongHeader, datagram: Uint8Array): boolean {
    if (type !== "initial" || datagram.length < MIN_FIRST) return false;
    if (source.length === 0 && !this.#current?.agreed) return false;
    return opensAsClient(datagram);
  }

  #begin(): QuicConnection {
    const connection = new QuicConnection(this.#host, this);
    if (this.#own.length >= MAX_CONNECTIONS) this.#own.shift()!.close();
    // Mostly the only one: pushing would make room for many.
    this.#own = [...this.#own, connection];
    this.#several = this.#current !== null;
    return this.#current = connection;
  }

  /** Where no id tells it, the last connection that a server answered. */
  #likely(): QuicConnection {
    const current = this.#current ?? this.#begin();
    if (!this.#several || current.agreed) return current;
    return this.#own.findLast(({ agreed }) => agreed) ?? current;
  }
}
