import { LINKTYPES } from "../capture/linktypes.ts";
import type { Packet } from "../capture/packet.ts";
import { internetChecksum } from "../synth/checksum.ts";
import type { StandIns } from "./stand_ins.ts";

/** EtherTypes. Source: IEEE 802 numbers. */
const IPV4 = 0x0800, IPV6 = 0x86dd, VLANS = [0x8100, 0x88a8, 0x9100];
/** For local experiments: what readers show as bytes and do not decode. */
const EXPERIMENTAL = 0x88b5;
const TCP = 6;
/** Lengths of addresses and of headers. */
const MAC = 6, IPV6_HEADER = 40, TCP_HEADER = 20;

/** Where the parts of an ordinary TCP packet stand in its bytes. */
export interface TcpPlaces {
  readonly ip: number;
  readonly v6: boolean;
  readonly tcp: number;
  readonly payload: number;
  /** The end of the datagram as captured; what follows is padding. */
  readonly end: number;
  /** The end of the datagram on the wire. */
  readonly wire: number;
}

/** The link header of a packet. */
interface Link {
  /** Where the network header begins. */
  readonly end: number;
  /** Where the EtherType stands, or -1. */
  readonly type: number;
  /** Addresses, each with its length. */
  readonly addresses: readonly (readonly [at: number, length: number])[];
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The link header of the packet's bytes, or null where the link type is another. */
function linkOf(linktype: number, bytes: Uint8Array): Link | null {
  switch (linktype) {
    case LINKTYPES.ETHERNET: {
      if (bytes.length < 2 * MAC + 2) return null;
      let type = 2 * MAC;
      while (type + 6 <= bytes.length && VLANS.includes(view(bytes).getUint16(type))) {
        type += 4;
      }
      return { end: type + 2, type, addresses: [[0, MAC], [MAC, MAC]] };
    }
    case LINKTYPES.LINUX_SLL:
      return bytes.length < 16 ? null : { end: 16, type: 14, addresses: [[6, MAC]] };
    case LINKTYPES.LINUX_SLL2:
      return bytes.length < 20 ? null : { end: 20, type: 0, addresses: [[12, MAC]] };
    case LINKTYPES.NULL:
    case LINKTYPES.LOOP:
      return bytes.length < 4 ? null : { end: 4, type: -1, addresses: [] };
    case LINKTYPES.RAW:
    case LINKTYPES.IPV4:
    case LINKTYPES.IPV6:
      return { end: 0, type: -1, addresses: [] };
    default:
      return null;
  }
}

/**
 * Where TCP stands in a packet that holds one whole datagram of it right behind the link header;
 * null in any other, such as a fragment, a tunnel or a cut header.
 */
export function tcpPlaces(linktype: number, bytes: Uint8Array): TcpPlaces | null {
  const link = linkOf(linktype, bytes);
  if (link === null || bytes.length < link.end + 20) return null;
  const ip = link.end;
  const at = view(bytes);
  const version = bytes[ip]! >> 4;
  const type = link.type < 0 ? (version === 6 ? IPV6 : IPV4) : at.getUint16(link.type);
  if (type === IPV4 && version === 4) return behindIpv4(bytes, at, ip);
  return type === IPV6 && version === 6 ? behindIpv6(bytes, at, ip) : null;
}

function behindIpv4(bytes: Uint8Array, at: DataView, ip: number): TcpPlaces | null {
  const header = (bytes[ip]! & 15) * 4;
  const isFragment = (at.getUint16(ip + 6) & 0x3fff) !== 0;
  if (header < 20 || isFragment || bytes[ip + 9] !== TCP) return null;
  const length = at.getUint16(ip + 2);
  // Offload leaves the length of a large segment at 0.
  const wire = length === 0 ? bytes.length : ip + length;
  return behindIp(bytes, ip, ip + header, wire, false);
}

function behindIpv6(bytes: Uint8Array, at: DataView, ip: number): TcpPlaces | null {
  if (bytes.length < ip + IPV6_HEADER || bytes[ip + 6] !== TCP) return null;
  const length = at.getUint16(ip + 4);
  const wire = length === 0 ? bytes.length : ip + IPV6_HEADER + length;
  return behindIp(bytes, ip, ip + IPV6_HEADER, wire, true);
}

function behindIp(
  bytes: Uint8Array,
  ip: number,
  tcp: number,
  wire: number,
  v6: boolean,
): TcpPlaces | null {
  const end = Math.min(bytes.length, wire);
  if (end < tcp + TCP_HEADER) return null;
  const header = (bytes[tcp + 12]! >> 4) * 4;
  if (header < TCP_HEADER || tcp + header > end) return null;
  return { ip, v6, tcp, payload: tcp + header, end, wire };
}

/** Puts stand-ins in the place of the addresses of link and network. */
export function replaceAddresses(
  linktype: number,
  bytes: Uint8Array,
  places: TcpPlaces | null,
  standIns: StandIns,
): void {
  for (const [at, length] of linkOf(linktype, bytes)?.addresses ?? []) {
    const address = bytes.subarray(at, at + length);
    // Broadcast and no address say nothing.
    if (address.every((byte) => byte === 0) || address.every((byte) => byte === 0xff)) {
      continue;
    }
    address.set(standIns.address(address));
  }
  if (places === null) return;
  const [first, length] = places.v6 ? [8, 16] : [12, 4];
  for (const at of [places.ip + first, places.ip + first + length]) {
    const address = bytes.subarray(at, at + length);
    address.set(standIns.address(address));
  }
}

/** Makes a packet blank behind its link header, as one of a protocol nobody decodes. */
export function blank(linktype: number, bytes: Uint8Array): void {
  const link = linkOf(linktype, bytes);
  bytes.fill(0, link?.end ?? 0);
  if (link !== null && link.type >= 0) view(bytes).setUint16(link.type, EXPERIMENTAL);
}

/**
 * Writes the checksums of an ordinary TCP packet. Where the snap length cut the segment, its own
 * is changed by as much as the captured bytes changed.
 *
 * Source: RFC 9293 section 3.1; RFC 1624 section 3, equation 3.
 */
export function sealPacket(
  bytes: Uint8Array,
  before: Uint8Array,
  places: TcpPlaces,
): void {
  const { ip, v6, tcp, end, wire } = places;
  const at = view(bytes);
  if (!v6) {
    at.setUint16(ip + 10, 0);
    at.setUint16(ip + 10, internetChecksum(bytes, ip, tcp));
  }
  const [addresses, length] = v6 ? [ip + 8, 32] : [ip + 12, 8];
  const sumOf = (of: Uint8Array) => {
    const zeroed = of.slice(0, end);
    zeroed[tcp + 16] = zeroed[tcp + 17] = 0;
    const pseudo = ~internetChecksum(zeroed, addresses, addresses + length) & 0xffff;
    return internetChecksum(zeroed, tcp, end, pseudo + TCP + wire - tcp);
  };
  if (end === wire) at.setUint16(tcp + 16, sumOf(bytes));
  else {
    const old = view(before).getUint16(tcp + 16);
    // Complements: the sum of what is missing is the same in both.
    const missing = (~old & 0xffff) + sumOf(before);
    const sum = (~sumOf(bytes) & 0xffff) + missing;
    at.setUint16(tcp + 16, ~fold(sum) & 0xffff);
  }
}

function fold(sum: number): number {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** The packet's captured bytes as a copy. */
export function bytesOf({ bytes, start, end }: Packet): Uint8Array {
  return bytes.slice(start, end);
}
