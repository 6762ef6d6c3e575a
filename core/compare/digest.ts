/**
 * A hash of text in 52 bits (two FNV-1a-like halves), to tell values apart without keeping
 * them. It is no protection against values made to collide.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(digest("a", 1) === digest("a", 1), true);
 * assertEquals(digest("a", 1) === digest("b", 1), false);
 * ```
 */
export function digest(text: string, seed = 0): number {
  let high = 0x811c9dc5 ^ seed, low = 0x1b873593 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x85ebca6b);
    low ^= low >>> 13;
  }
  return (high >>> 6) * 2 ** 26 + (low >>> 6);
}
