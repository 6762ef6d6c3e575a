import { internetChecksum, sealIpv4 } from "./checksum.ts";
import type { Address } from "./frame.ts";

const ETHERNET = 14, IPV4 = 20, ICMP = 8, QUOTED = 28;

/**
 * What a router says of an IPv4 packet that is longer than the next link takes: destination
 * unreachable, fragmentation needed, with the link's MTU and the packet's first bytes.
 *
 * Source: RFC 792 (destination unreachable), RFC 1191 section 4.
 */
export function fragmentationNeeded(
  packet: Uint8Array,
  to: Address,
  mtu: number,
): Uint8Array {
  const bytes = new Uint8Array(ETHERNET + IPV4 + ICMP + QUOTED);
  const view = new DataView(bytes.buffer);
  bytes.set(packet.subarray(6, 12), 0);
  bytes.set(packet.subarray(0, 6), 6);
  view.setUint16(12, 0x0800);
  view.setUint16(14, 0x4500);
  view.setUint16(16, bytes.length - ETHERNET);
  view.setUint8(22, 64);
  view.setUint8(23, 1);
  bytes.set(packet.subarray(30, 34), 26);
  bytes.set(to.address, 30);
  sealIpv4(bytes, ETHERNET);
  const icmp = ETHERNET + IPV4;
  bytes.set([3, 4], icmp);
  view.setUint16(icmp + 6, mtu);
  bytes.set(packet.subarray(ETHERNET, ETHERNET + QUOTED), icmp + ICMP);
  view.setUint16(icmp + 2, internetChecksum(bytes, icmp, bytes.length));
  return bytes;
}
