/**
 * The Internet checksum of `bytes[start..end)` with `sum` added: the value to write into a
 * header whose checksum field is 0.
 *
 * Source: RFC 1071 section 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
 * assertEquals(internetChecksum(bytes, 0, 8), 0x220d); // RFC 1071's sum ddf2, complemented
 * ```
 */
export function internetChecksum(
  bytes: Uint8Array,
  start: number,
  end: number,
  sum = 0,
): number {
  let at = start;
  for (; at + 1 < end; at += 2) sum += bytes[at]! << 8 | bytes[at + 1]!;
  if (at < end) sum += bytes[at]! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/**
 * Writes the checksum of the TCP segment `bytes[tcp..end)` behind an IPv4 or IPv6 header
 * without extensions that ends at `tcp`; addresses stand before it.
 *
 * Source: RFC 9293 section 3.1, RFC 8200 section 8.1.
 */
export function sealTcp(bytes: Uint8Array, tcp: number, end: number, v6: boolean): void {
  bytes[tcp + 16] = bytes[tcp + 17] = 0;
  const addresses = tcp - (v6 ? 32 : 8);
  const sum = internetChecksum(bytes, addresses, end, 6 + end - tcp);
  bytes[tcp + 16] = sum >>> 8;
  bytes[tcp + 17] = sum;
}

/** Writes the checksum of the IPv4 header of 20 bytes at `ip`. Source: RFC 791 section 3.1. */
export function sealIpv4(bytes: Uint8Array, ip: number): void {
  bytes[ip + 10] = bytes[ip + 11] = 0;
  const sum = internetChecksum(bytes, ip, ip + 20);
  bytes[ip + 10] = sum >>> 8;
  bytes[ip + 11] = sum;
}
