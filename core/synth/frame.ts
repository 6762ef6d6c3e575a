import { sealIpv4, sealTcp } from "./checksum.ts";

/** Flags of a segment. Source: RFC 9293 section 3.1. */
export const FLAGS = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;

/** One end of a connection: 4 or 16 bytes of address, and a port. */
export interface Address {
  readonly address: Uint8Array;
  readonly port: number;
}

/** What a segment says in its header and options; sequence numbers are u32. */
export interface SegmentHeader {
  sequence: number;
  /** 0 without the ACK flag. */
  acknowledgment: number;
  flags: number;
  /** As on the wire, unscaled. */
  window: number;
  mss?: number;
  windowScale?: number;
  sackPermitted?: boolean;
  /** Value and echo reply, in milliseconds. */
  timestamps?: readonly [number, number];
  /** Left and right edges of blocks that arrived out of order. */
  sack?: readonly (readonly [number, number])[];
}

/** A segment on its way: what it says, and the packet it is in. */
export interface Frame extends SegmentHeader {
  /** An Ethernet frame. */
  readonly bytes: Uint8Array;
  /** The payload is `bytes[start..)`. */
  readonly start: number;
  /** A checksum in it is wrong, so its receiver drops it. */
  readonly damaged?: true;
}

const ETHERNET = 14, TCP = 20;
const DONT_FRAGMENT = 0x4000, TTL = 64;

/**
 * Builds a segment in a packet of its own, Ethernet and IPv4 or IPv6 around it, checksums
 * right. `fill` writes `length` bytes of payload at `at`.
 *
 * Source: RFC 791 section 3.1, RFC 8200 section 3, RFC 9293 section 3.1, RFC 7323 section 2
 * and 3, RFC 2018 section 2 and 3.
 */
export function buildFrame(
  from: Address,
  to: Address,
  header: SegmentHeader,
  length: number,
  fill: (bytes: Uint8Array, at: number) => void,
  id = 0,
): Frame {
  const options = optionBytes(header);
  const v6 = from.address.length === 16;
  const tcp = ETHERNET + (v6 ? 40 : 20);
  const start = tcp + TCP + options.length;
  const bytes = new Uint8Array(start + length);
  const view = new DataView(bytes.buffer);
  writeEthernet(bytes, from, to, v6);
  if (v6) writeIpv6(view, from, to, bytes.length - tcp);
  else writeIpv4(view, from, to, bytes.length - ETHERNET, id);
  view.setUint16(tcp, from.port);
  view.setUint16(tcp + 2, to.port);
  view.setUint32(tcp + 4, header.sequence);
  view.setUint32(tcp + 8, header.acknowledgment);
  view.setUint8(tcp + 12, TCP + options.length << 2);
  view.setUint8(tcp + 13, header.flags);
  view.setUint16(tcp + 14, header.window);
  bytes.set(options, tcp + TCP);
  if (length > 0) fill(bytes, start);
  sealTcp(bytes, tcp, bytes.length, v6);
  return { ...header, bytes, start };
}

/** The longest payload of a packet: an IP length has 16 bits. */
export const MAX_PAYLOAD = 65_535 - 40 - TCP - 40;

/** Locally administered addresses made of the last bytes of the IP addresses. */
function writeEthernet(bytes: Uint8Array, from: Address, to: Address, v6: boolean): void {
  bytes[0] = bytes[6] = 2;
  bytes.set(to.address.subarray(-4), 2);
  bytes.set(from.address.subarray(-4), 8);
  bytes.set(v6 ? [0x86, 0xdd] : [0x08, 0x00], 12);
}

function writeIpv4(
  view: DataView,
  from: Address,
  to: Address,
  length: number,
  id: number,
): void {
  const bytes = new Uint8Array(view.buffer);
  view.setUint16(14, 0x4500);
  view.setUint16(16, length);
  view.setUint16(18, id);
  view.setUint16(20, DONT_FRAGMENT);
  view.setUint8(22, TTL);
  view.setUint8(23, 6);
  bytes.set(from.address, 26);
  bytes.set(to.address, 30);
  sealIpv4(bytes, ETHERNET);
}

function writeIpv6(view: DataView, from: Address, to: Address, length: number): void {
  const bytes = new Uint8Array(view.buffer);
  view.setUint32(14, 0x6000_0000);
  view.setUint16(18, length);
  view.setUint8(20, 6);
  view.setUint8(21, TTL);
  bytes.set(from.address, 22);
  bytes.set(to.address, 38);
}

const NO_OPTIONS = new Uint8Array(0);

function optionBytes(header: SegmentHeader): Uint8Array {
  const { mss, windowScale, sackPermitted, timestamps, sack = [] } = header;
  if (timestamps === undefined && mss === undefined && sack.length === 0) {
    return NO_OPTIONS;
  }
  const list: number[] = [];
  const u32 = (value: number) => [value >>> 24, value >>> 16, value >>> 8, value];
  if (mss !== undefined) list.push(2, 4, mss >>> 8, mss);
  if (sackPermitted) list.push(4, 2);
  if (timestamps !== undefined) {
    if (!sackPermitted) list.push(1, 1);
    list.push(8, 10, ...timestamps.flatMap(u32));
  }
  if (windowScale !== undefined) list.push(1, 3, 3, windowScale);
  if (sack.length > 0) {
    list.push(1, 1, 5, 2 + 8 * sack.length, ...sack.flat().flatMap(u32));
  }
  while (list.length % 4 !== 0) list.push(1);
  return Uint8Array.from(list);
}
