import type { Segment } from "../net/segment.ts";

/** The header of a segment to build; addresses are IPv4 as u32. */
export interface SegmentHeader {
  source: number;
  destination: number;
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgment: number;
  /** Letters of F S R P A U. */
  flags: string;
}

const ETHERNET = 14, IPV4 = 20, TCP = 20;
const WINDOW = 65_535;

/**
 * A segment in a packet of its own: Ethernet, IPv4 and TCP without options, checksums
 * right, captured whole at `micros` microseconds since the epoch. The packet can be
 * written to a capture.
 *
 * Source: RFC 791 section 3.1, RFC 9293 section 3.1.
 */
export function buildSegment(
  header: SegmentHeader,
  payload: Uint8Array,
  number: number,
  micros: number,
): Segment {
  const start = ETHERNET + IPV4 + TCP;
  const bytes = new Uint8Array(start + payload.length);
  const view = new DataView(bytes.buffer);
  const flags = [..."FSRPAU"].reduce(
    (all, letter, bit) => header.flags.includes(letter) ? all | 1 << bit : all,
    0,
  );
  bytes[0] = bytes[6] = 2; // locally administered
  bytes[5] = 1;
  view.setUint16(12, 0x0800);
  view.setUint16(14, 0x4500);
  view.setUint16(16, bytes.length - ETHERNET);
  view.setUint16(20, 0x4000);
  view.setUint16(22, 0x4006);
  view.setUint32(26, header.source);
  view.setUint32(30, header.destination);
  view.setUint16(24, checksum(view, 14, 34, 0));
  view.setUint16(34, header.sourcePort);
  view.setUint16(36, header.destinationPort);
  view.setUint32(38, header.sequence);
  view.setUint32(42, header.acknowledgment);
  view.setUint16(46, 0x5000 | flags);
  view.setUint16(48, WINDOW);
  bytes.set(payload, start);
  view.setUint16(50, checksum(view, 26, bytes.length, 6 + TCP + payload.length));
  const packet = {
    number,
    seconds: Math.floor(micros / 1e6),
    nanos: (micros % 1e6) * 1000,
    linktype: 1,
    bytes,
    start: 0,
    end: bytes.length,
    originalLength: bytes.length,
  };
  const { source, destination, sourcePort, destinationPort, sequence, acknowledgment } =
    header;
  return {
    packet,
    source,
    destination,
    sourcePort,
    destinationPort,
    sequence,
    acknowledgment,
    flags,
    window: WINDOW,
    bytes,
    start,
    end: bytes.length,
    length: payload.length,
  };
}

/** The Internet checksum of `view[start..end)`, plus `sum`. Source: RFC 1071. */
function checksum(view: DataView, start: number, end: number, sum: number): number {
  let at = start;
  for (; at + 1 < end; at += 2) sum += view.getUint16(at);
  if (at < end) sum += view.getUint8(at) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
