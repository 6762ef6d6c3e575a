import { hashes } from "../bytes/hashes.ts";

const ETHERNET = 1, NULL = 0, RAW = 101, LOOP = 108, LINUX_SLL = 113, LINUX_SLL2 = 276;
const IPV4 = 228, IPV6 = 229;
const VLANS = new Set([0x8100, 0x88a8, 0x9100]);

const TCP = 6, UDP = 17, IPV6_FRAGMENT = 44;
/** Bytes of IP that tell a packet from others; snap lengths of two hosts are rarely below. */
const TOLD_APART = 80;

/** Where IP begins, by link type; 0 where it is not known, which IP never is at. */
function ipStart(linktype: number, bytes: Uint8Array): number {
  switch (linktype) {
    case RAW:
    case IPV4:
    case IPV6:
      return 0;
    case NULL:
    case LOOP:
      return 4;
    case LINUX_SLL:
      return 16;
    case LINUX_SLL2:
      return 20;
    case ETHERNET: {
      let at = 12;
      while (VLANS.has(bytes[at]! << 8 | bytes[at + 1]!)) at += 4;
      return at + 2;
    }
    default:
      return bytes.length;
  }
}

/** What divides captures: who a packet is between, and by what its copies are known. */
export interface Outermost {
  /**
   * The two outermost IP addresses as hex, the lower first: the same for both directions, for
   * fragments and for what a tunnel carries; empty where there are none. Packets of one
   * conversation have the same pair.
   */
  readonly pair: string;
  /** The two ports of TCP, the lower first; empty of what is no TCP, and of fragments. */
  readonly ports: string;
  /** Whether it is a fragment of an IP packet. */
  readonly fragment: boolean;
  /**
   * A digest without what differs where the packet was captured: link layer, hops left, and
   * checksums, which network cards fill in late.
   */
  readonly digest: bigint;
}

/**
 * The outermost addresses and ports of a packet.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const bytes = new Uint8Array(40).fill(0x45, 0, 1).fill(6, 9, 10).fill(10, 12, 16).fill(9, 16, 20);
 * bytes.set([0x1f, 0x9a, 0, 80], 20);
 * const { pair, ports, fragment } = outermost(101, bytes);
 * assertEquals([pair, ports, fragment], ["09090909-0a0a0a0a", "80-8090", false]);
 * assertEquals(outermost(147, bytes).pair, "");
 * ```
 */
export function outermost(linktype: number, bytes: Uint8Array): Outermost {
  const start = ipStart(linktype, bytes);
  const ip = bytes.subarray(start);
  const version = (ip[0] ?? 0) >> 4;
  if (version === 4 && ip.length >= 20) return ipv4(ip);
  if (version === 6 && ip.length >= 40) return ipv6(ip);
  const digest = digestOf(bytes.subarray(0, TOLD_APART));
  return { pair: "", ports: "", fragment: false, digest };
}

function ipv4(ip: Uint8Array): Outermost {
  const header = (ip[0]! & 15) * 4;
  const fragment = ((ip[6]! & 0x3f) | ip[7]!) !== 0;
  const kept = ip.slice(0, Math.min(TOLD_APART, (ip[2]! << 8 | ip[3]!) || TOLD_APART));
  kept[1] = 0;
  kept.fill(0, 8, 9).fill(0, 10, 12);
  return {
    pair: between(ip.subarray(12, 16), ip.subarray(16, 20)),
    ...transport(ip[9]!, ip.subarray(header), kept.subarray(header), fragment),
    digest: digestOf(kept),
  };
}

function ipv6(ip: Uint8Array): Outermost {
  const next = ip[6]!;
  const kept = ip.slice(0, Math.min(TOLD_APART, 40 + (ip[4]! << 8 | ip[5]!)));
  kept.fill(0, 0, 4);
  kept[7] = 0;
  return {
    pair: between(ip.subarray(8, 24), ip.subarray(24, 40)),
    ...transport(next, ip.subarray(40), kept.subarray(40), next === IPV6_FRAGMENT),
    digest: digestOf(kept),
  };
}

/** Ports of TCP; the checksum is taken out of what the digest is of. */
function transport(
  protocol: number,
  bytes: Uint8Array,
  kept: Uint8Array,
  fragment: boolean,
): { ports: string; fragment: boolean } {
  if (fragment) return { ports: "", fragment };
  if (protocol === UDP) kept.fill(0, 6, 8);
  if (protocol !== TCP || bytes.length < 4) return { ports: "", fragment };
  kept.fill(0, 16, 18);
  const from = bytes[0]! << 8 | bytes[1]!, to = bytes[2]! << 8 | bytes[3]!;
  return { ports: `${Math.min(from, to)}-${Math.max(from, to)}`, fragment };
}

function between(one: Uint8Array, other: Uint8Array): string {
  const from = one.toHex(), to = other.toHex();
  return from < to ? `${from}-${to}` : `${to}-${from}`;
}

function digestOf(bytes: Uint8Array): bigint {
  hashes.xxh3(bytes, 0, bytes.length);
  return hashes.value;
}
