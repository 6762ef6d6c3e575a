/**
 * @module
 * QUIC versions 1 and 2 as a carrier: datagrams in, each stream a pair of flows for whichever
 * framing of the registry recognises it. What was agreed on is always told, as the first keys
 * are known to everybody; the content where the session's secrets are known.
 */
import type { Side, Stamp } from "../../flow/mod.ts";
import type { Framer, Framing, FramingHost, Opening, Verdict } from "../framing.ts";
import type { PacketIndex } from "../packet_index.ts";
import { QuicConnection } from "./connection.ts";
import { isLongHeader, type LongHeader, readLongHeader } from "./header.ts";
import { initialProtection } from "./protection.ts";

/** Connection ids of all connections kept at most; those seen first go first. */
const MAX_IDS = 65_536;
/** Connections between two addresses kept at most; the first one goes first. */
const MAX_CONNECTIONS = 256;
/** Fewest bytes of a client's first datagram. Source: RFC 9000 section 14.1. */
const MIN_FIRST = 1200;

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

/** The connections of a dissection by their ids, so that one may move to other addresses. */
const CONNECTIONS = new WeakMap<PacketIndex, Map<string, QuicConnection>>();

/**
 * Reads the datagrams between two addresses. A client that connects again may do so from the
 * same port, and have several connections there at once, which their ids tell apart.
 */
class QuicFramer implements Framer {
  readonly #host: FramingHost;
  readonly #connections: Map<string, QuicConnection>;
  /** Those that began here, the last one last. */
  readonly #own: QuicConnection[] = [];
  readonly #ids = new Map<string, QuicConnection>();
  readonly #idLengths = new Set<number>();
  /** The connection that began or moved here last; null before there was any. */
  #current: QuicConnection | null = null;
  /** There were others before it. */
  #several = false;

  constructor(host: FramingHost) {
    this.#host = host;
    let connections = CONNECTIONS.get(host.packets);
    if (connections === undefined) {
      CONNECTIONS.set(host.packets, connections = new Map());
    }
    this.#connections = connections;
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

  #connectionOf(side: Side, datagram: Uint8Array): QuicConnection {
    if (isLongHeader(datagram, 0)) {
      const header = readLongHeader(datagram, 0, datagram.length);
      if (side === "client" && this.#begins(header, datagram)) return this.#begin();
      const { destination, source } = header ?? {};
      return this.#known(destination) ?? this.#known(source) ?? this.#last();
    }
    if (this.#current === null) this.#current = this.#moved(datagram);
    if (this.#several) {
      for (const length of this.#idLengths) {
        const found = this.#known(datagram.subarray(1, 1 + length));
        if (found !== null) return found;
      }
    }
    return this.#likely();
  }

  /** Whether a datagram of the client begins a connection behind the first. */
  #begins(header: LongHeader | null, datagram: Uint8Array): boolean {
    if (this.#current === null || header?.type !== "initial") return false;
    const { destination, source } = header;
    // After a Retry a client goes on with another id of the server, and its own.
    if (this.#ids.has(destination.toHex()) || this.#ids.has(source.toHex())) return false;
    if (source.length === 0 && !this.#current.agreed) return false;
    return opensAsClient(datagram);
  }

  #begin(): QuicConnection {
    const connection = new QuicConnection(this.#host, (id) => this.#know(id, connection));
    if (this.#own.length >= MAX_CONNECTIONS) this.#own.shift()!.close();
    this.#own.push(connection);
    this.#several = this.#current !== null;
    return this.#current = connection;
  }

  /** The connection of an id, where there are several. */
  #known(id: Uint8Array | undefined): QuicConnection | null {
    if (!this.#several || id === undefined || id.length === 0) return null;
    return this.#ids.get(id.toHex()) ?? null;
  }

  #last(): QuicConnection {
    return this.#current ?? this.#begin();
  }

  /** Where no id tells it, the last connection that a server answered. */
  #likely(): QuicConnection {
    const current = this.#last();
    if (!this.#several || current.agreed) return current;
    return this.#own.findLast(({ agreed }) => agreed) ?? current;
  }

  #know(id: Uint8Array, connection: QuicConnection): void {
    const key = id.toHex();
    this.#idLengths.add(id.length);
    for (const ids of [this.#ids, this.#connections]) {
      if (ids.has(key)) continue;
      if (ids.size >= MAX_IDS) {
        const [oldest] = ids.keys();
        ids.delete(oldest!);
      }
      ids.set(key, connection);
    }
  }

  /** The connection whose id a packet with a short header is sent to. */
  #moved(datagram: Uint8Array): QuicConnection | null {
    for (let length = 20; length >= 4; length--) {
      const found = this.#connections.get(datagram.subarray(1, 1 + length).toHex());
      if (found !== undefined) return found;
    }
    return null;
  }
}
