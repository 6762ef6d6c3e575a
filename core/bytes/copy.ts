/** Bytes of a block that small copies share. */
const BLOCK = 8192;
/** Longest copy that shares a block. */
const SMALL = BLOCK / 4;
/** Up to here a loop is faster than a call. */
const TINY = 64;

let block = new Uint8Array(0);
let used = 0;

/**
 * A copy of `bytes[start..end)`. Small ones are cut from a shared block: an array of their own
 * would cost several times as much to make. A kept copy keeps its block of 8 KiB.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(copyOf(new Uint8Array([1, 2, 3, 4]), 1, 3), new Uint8Array([2, 3]));
 * ```
 */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  if (length > SMALL) return bytes.slice(start, end);
  if (used + length > block.length) {
    block = new Uint8Array(BLOCK);
    used = 0;
  }
  const at = used;
  used += length;
  copyInto(block, at, bytes, start, end);
  return block.subarray(at, used);
}

/** Copies `bytes[start..end)` to a place of another array. */
export function copyInto(
  to: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
): void {
  const length = end - start;
  if (length > TINY) to.set(bytes.subarray(start, end), at);
  else for (let i = 0; i < length; i++) to[at + i] = bytes[start + i]!;
}

/**
 * Several arrays of bytes as one; a single one is given as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(concat([Uint8Array.of(1), Uint8Array.of(2, 3)]), Uint8Array.of(1, 2, 3));
 * ```
 */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
