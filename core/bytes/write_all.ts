/**
 * Writes all of the bytes: a file may take only some at once.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const taken: number[] = [];
 * const slow = { writeSync: (bytes: Uint8Array) => taken.push(bytes[0]!) && 1 };
 * writeAll(slow, Uint8Array.of(1, 2, 3));
 * assertEquals(taken, [1, 2, 3]);
 * ```
 */
export function writeAll(
  file: { writeSync(bytes: Uint8Array): number },
  bytes: Uint8Array,
): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
