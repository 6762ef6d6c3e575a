const ETHERNET = 1, NULL = 0, RAW = 101, LOOP = 108, LINUX_SLL = 113, LINUX_SLL2 = 276;
const IPV4 = 228, IPV6 = 229;
const VLANS = new Set([0x8100, 0x88a8, 0x9100]);

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

/**
 * The two outermost IP addresses of a packet as hex, the lower first, the same for both
 * directions, for fragments and for what a tunnel carries; empty where there are none. Packets
 * of one conversation have the same pair, so it is what captures can be divided by.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const bytes = new Uint8Array(20).fill(0x45, 0, 1).fill(10, 12, 16).fill(9, 16, 20);
 * assertEquals(addressPair(101, bytes), "09090909-0a0a0a0a");
 * assertEquals(addressPair(147, bytes), "");
 * ```
 */
export function addressPair(linktype: number, bytes: Uint8Array): string {
  const start = ipStart(linktype, bytes);
  const version = (bytes[start] ?? 0) >> 4;
  const [at, length] = version === 4 ? [12, 4] : version === 6 ? [8, 16] : [0, 0];
  if (length === 0 || start + at + 2 * length > bytes.length) return "";
  const from = bytes.subarray(start + at, start + at + length).toHex();
  const to = bytes.subarray(start + at + length, start + at + 2 * length).toHex();
  return from < to ? `${from}-${to}` : `${to}-${from}`;
}
