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
import { isLongHeader, readLongHeader } from "./header.ts";
import { initialProtection } from "./protection.ts";

/** Connection ids of all connections kept at most; those seen first go first. */
const MAX_IDS = 65_536;
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

/** Reads the datagrams between two addresses. */
class QuicFramer implements Framer {
  readonly #connections: Map<string, QuicConnection>;
  readonly #own: QuicConnection;
  /** The connection of the last datagrams; null before there were any. */
  #current: QuicConnection | null = null;

  constructor(host: FramingHost) {
    let connections = CONNECTIONS.get(host.packets);
    if (connections === undefined) {
      CONNECTIONS.set(host.packets, connections = new Map());
    }
    this.#connections = connections;
    this.#own = new QuicConnection(host, (id) => this.#know(id));
  }

  data(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    const datagram = bytes.subarray(start, end);
    this.#current ??= this.#moved(datagram) ?? this.#own;
    this.#current.datagram(side, datagram, stamp);
  }

  gap(): void {}

  finish(): void {}

  close(): void {
    // One that moved here goes on, or ends, where it began.
    if (this.#current === this.#own) this.#own.close();
  }

  #know(id: Uint8Array): void {
    const key = id.toHex();
    if (this.#connections.has(key)) return;
    if (this.#connections.size >= MAX_IDS) {
      const [oldest] = this.#connections.keys();
      this.#connections.delete(oldest!);
    }
    this.#connections.set(key, this.#own);
  }

  /** The connection whose id a packet with a short header is sent to. */
  #moved(datagram: Uint8Array): QuicConnection | null {
    if (isLongHeader(datagram, 0)) return null;
    for (let length = 20; length >= 4; length--) {
      const found = this.#connections.get(datagram.subarray(1, 1 + length).toHex());
      if (found !== undefined) return found;
    }
    return null;
  }
}
