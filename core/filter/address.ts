import { addressOf } from "../net/endpoint.ts";

/** An IP address, or with fewer `bits` than its family has a network. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
  readonly bits: number;
}

/**
 * Reads an IPv4 or IPv6 address, with `/prefix` where given; null where the text is none. An
 * IPv6 address may end in a dotted quad.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(parseAddress("10.0.0.0/8"), { family: 4, value: 0x0a000000n, bits: 8 });
 * assertEquals(parseAddress("::1")?.value, 1n);
 * ```
 */
export function parseAddress(text: string): Address | null {
  const [address = "", prefix, ...more] = text.split("/", 3);
  if (more.length > 0 || address.length > 45) return null;
  const family = address.includes(":") ? 6 : 4;
  const value = family === 6 ? ipv6(address) : ipv4(address);
  const most = family === 6 ? 128 : 32;
  if (value === null || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return null;
  const bits = prefix === undefined ? most : Number(prefix);
  return bits > most ? null : { family, value, bits };
}

function ipv4(text: string): bigint | null {
  const parts = text.split(".");
  const wrong = (part: string) => !/^\d{1,3}$/.test(part) || Number(part) > 255;
  if (parts.length !== 4 || parts.some(wrong)) return null;
  return BigInt(parts.reduce((sum, part) => sum * 256 + Number(part), 0));
}

function ipv6(text: string): bigint | null {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted !== null) {
    const low = ipv4(dotted[2]!);
    if (low === null) return null;
    const groups = [low >> 16n, low & 0xffffn].map((group) => group.toString(16));
    return ipv6(dotted[1]! + groups.join(":"));
  }
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const groups = halves.map((half) => half === "" ? [] : half.split(":"));
  const count = groups.flat().length;
  if (halves.length === 1 ? count !== 8 : count > 7) return null;
  const [head = [], tail = []] = groups;
  const all = [...head, ...new Array<string>(8 - count).fill("0"), ...tail];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return BigInt(`0x${all.map((group) => group.padStart(4, "0")).join("")}`);
}

/** The address of an `address:port` as conversations have it. */
export function endpointAddress(endpoint: string): Address | null {
  return parseAddress(addressOf(endpoint));
}

/** -1, 0 or 1, a network taking all its addresses for equal; NaN across families. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.family !== b.family) return NaN;
  const shift = BigInt((a.family === 6 ? 128 : 32) - Math.min(a.bits, b.bits));
  const [x, y] = [a.value >> shift, b.value >> shift];
  return x < y ? -1 : x > y ? 1 : 0;
}
