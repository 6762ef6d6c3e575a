/** Bits of a half: together they make an integer that a number holds exactly. */
const HALF = 2 ** 26;

/**
 * A hash of text in 52 bits (two FNV-1a-like halves), to tell values apart without keeping
 * them; `before` is the hash of what stood before it. It is no protection against values made
 * to collide.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(digest("a", 1) === digest("a", 1), true);
 * assertEquals(digest("a", 1) === digest("b", 1), false);
 * ```
 */
export function digest(text: string, before = 0): number {
  let high = 0x811c9dc5 ^ before / HALF, low = 0x1b873593 ^ before % HALF;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x85ebca6b);
    low ^= low >>> 13;
  }
  return (high >>> 6) * HALF + (low >>> 6);
}
