/**
 * Whether two arrays hold the same bytes.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * assert(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
 * ```
 */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
