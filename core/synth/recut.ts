import type { Packet } from "../capture/packet.ts";
import type { Segment } from "../net/segment.ts";
import { sealIpv4, sealTcp } from "./checksum.ts";

const IPV4 = 20, IPV6 = 40;
const FIN_PSH = 0x09;

/**
 * The packet of `segment` as several with at most `mss` bytes of payload each, as a sender
 * with a smaller maximum segment size would have sent them. All keep the packet's number and
 * time; FIN and PSH stay with the last. A packet that cannot be cut is given back as it is:
 * one captured in part, put together from fragments, or behind IP options.
 *
 * Source: RFC 9293 section 3.7.1.
 */
export function recut(segment: Segment, mss: number): Packet[] {
  const { packet, bytes, start, end, length, optionsStart } = segment;
  const captured = end - start;
  if (bytes !== packet.bytes || optionsStart === undefined) return [packet];
  if (captured !== length || length <= mss) return [packet];
  const tcp = optionsStart - 20;
  const ip = headerBefore(bytes, packet.start, tcp, end);
  if (ip === null) return [packet];
  const pieces: Packet[] = [];
  for (let at = 0; at < length; at += mss) {
    const size = Math.min(mss, length - at);
    const piece = new Uint8Array(start - packet.start + size);
    piece.set(bytes.subarray(packet.start, start));
    piece.set(bytes.subarray(start + at, start + at + size), start - packet.start);
    describe(piece, ip - packet.start, tcp - packet.start, segment.sequence + at);
    if (at + size < length) piece[tcp - packet.start + 13]! &= ~FIN_PSH;
    sealTcp(piece, tcp - packet.start, piece.length, tcp - ip === IPV6);
    const whole = { bytes: piece, start: 0, end: piece.length };
    pieces.push({ ...packet, ...whole, originalLength: piece.length });
  }
  return pieces;
}

/** Where the IP header without options before `tcp` begins; null where there is none. */
function headerBefore(
  bytes: Uint8Array,
  first: number,
  tcp: number,
  end: number,
): number | null {
  const v4 = tcp - IPV4, v6 = tcp - IPV6;
  const length = (at: number) => bytes[at]! << 8 | bytes[at + 1]!;
  if (v4 >= first && bytes[v4] === 0x45 && length(v4 + 2) === end - v4) return v4;
  return v6 >= first && bytes[v6]! >>> 4 === 6 && length(v6 + 4) === end - tcp
    ? v6
    : null;
}

/** Writes length and sequence number of a piece, and the checksum of an IPv4 header. */
function describe(piece: Uint8Array, ip: number, tcp: number, sequence: number): void {
  const view = new DataView(piece.buffer);
  view.setUint32(tcp + 4, sequence);
  if (tcp - ip === IPV4) {
    view.setUint16(ip + 2, piece.length - ip);
    sealIpv4(piece, ip);
  } else view.setUint16(ip + 4, piece.length - tcp);
}
