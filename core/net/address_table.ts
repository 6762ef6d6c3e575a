import { u16be, u32be } from "../bytes/integers.ts";
import { endpointText } from "./endpoint.ts";

const FIRST_SLOTS = 1024;
/** Interned ids of IPv6 addresses start above all IPv4 addresses. */
const IPV6_BASE = 4294967296;

/**
 * Gives each address a small number: an IPv4 address its value as u32, an IPv6 address the
 * next free number from 2^32 on. Memory is about 40 bytes per distinct IPv6 address.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const table = new AddressTable();
 * const id = table.ipv6(new Uint8Array([...new Array(15).fill(0), 1]), 0);
 * assertEquals([table.text(id), table.text(0x7f000001)], ["::1", "127.0.0.1"]);
 * assertEquals(table.endpoint(id, 8090), "[::1]:8090");
 * ```
 */
export class AddressTable {
  /** Four words per address, in order of id. */
  #words = new Uint32Array(FIRST_SLOTS * 2);
  #count = 0;
  /** Open addressing; holds index + 1, 0 where free. At most half full. */
  #slots = new Uint32Array(FIRST_SLOTS);

  /** The number of the IPv6 address at `bytes[at..at+16)`. */
  ipv6(bytes: Uint8Array, at: number): number {
    const a = u32be(bytes, at), b = u32be(bytes, at + 4);
    const c = u32be(bytes, at + 8), d = u32be(bytes, at + 12);
    const mask = this.#slots.length - 1;
    let slot = hash(a, b, c, d) & mask;
    for (;;) {
      const index = this.#slots[slot]! - 1;
      if (index < 0) break;
      const w = this.#words;
      const i = index * 4;
      if (w[i + 3] === d && w[i + 2] === c && w[i + 1] === b && w[i] === a) {
        return IPV6_BASE + index;
      }
      slot = slot + 1 & mask;
    }
    this.#slots[slot] = this.#count + 1;
    this.#words.set([a, b, c, d], this.#count * 4);
    this.#count += 1;
    if (this.#count * 2 >= this.#slots.length) this.#grow();
    return IPV6_BASE + this.#count - 1;
  }

  /** The address as text: dotted quad, or RFC 5952 without brackets. */
  text(id: number): string {
    if (id < IPV6_BASE) return ipv4Text(id);
    const at = (id - IPV6_BASE) * 4;
    return ipv6Text(this.#words.subarray(at, at + 4));
  }

  /** `address:port`, with an IPv6 address in brackets. */
  endpoint(id: number, port: number): string {
    return endpointText(this.text(id), port);
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let index = 0; index < this.#count; index++) {
      const i = index * 4;
      let slot = hash(words[i]!, words[i + 1]!, words[i + 2]!, words[i + 3]!) & mask;
      while (this.#slots[slot] !== 0) slot = slot + 1 & mask;
      this.#slots[slot] = index + 1;
    }
  }
}

function hash(a: number, b: number, c: number, d: number): number {
  let h = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ h >>> 15 ^ c, 0xc2b2ae35);
  h = Math.imul(h ^ h >>> 13 ^ d, 0x27d4eb2f);
  return h ^ h >>> 16;
}

function ipv4Text(value: number): string {
  return `${value >>> 24}.${value >>> 16 & 255}.${value >>> 8 & 255}.${value & 255}`;
}

/**
 * IPv6 text of four big-endian words: lower case, the longest run of zeros (the first of
 * equals, two groups at least) as `::`, an embedded IPv4 address dotted.
 *
 * Source: RFC 5952 sections 4 and 5.
 */
function ipv6Text(words: Uint32Array): string {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setUint32(i * 4, word));
  const groups = Array.from({ length: 8 }, (_, i) => u16be(bytes, i * 2));
  let best = 0, bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end += 1;
    if (end - i > bestLength) [best, bestLength] = [i, end - i];
    if (end > i) i = end - 1;
  }
  const dotted = best === 0 &&
    (bestLength === 6 || bestLength === 5 && groups[5] === 0xffff);
  const parts = groups.slice(0, dotted ? 6 : 8).map((group) => group.toString(16));
  if (dotted) parts.push(ipv4Text(words[3]!));
  if (bestLength < 2) return parts.join(":");
  const head = parts.slice(0, best).join(":");
  const tail = parts.slice(best + bestLength).join(":");
  return `${head}::${tail}`;
}
