/**
 * How far `to` lies ahead of `from` in TCP's 32-bit sequence space, in bytes: negative
 * where it lies behind, from -2^31 to 2^31 - 1.
 *
 * Source: RFC 9293 section 3.4 (arithmetic modulo 2^32), RFC 7323 section 5.2.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(sequenceDistance(0xfffffff0, 0x10), 0x20);
 * assertEquals(sequenceDistance(0x10, 0xfffffff0), -0x20);
 * ```
 */
export function sequenceDistance(from: number, to: number): number {
  return (to - from) | 0;
}

/**
 * The sequence number `bytes` after `sequence`, u32. `bytes` may be negative and may be
 * larger than the sequence space, up to 2^53.
 *
 * Source: RFC 9293 section 3.4.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(sequenceAdd(0xffffffff, 1), 0);
 * assertEquals(sequenceAdd(0, -1), 0xffffffff);
 * ```
 */
export function sequenceAdd(sequence: number, bytes: number): number {
  return (sequence + bytes) >>> 0;
}

/**
 * Unwraps a sequence number: the offset, counted from where the sequence number was
 * `base`, of the place nearest to offset `near` that has this sequence number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * // A flow that began at 100 and is 2^32 bytes on: sequence number 150 is offset 2^32 + 50.
 * assertEquals(unwrap(150, 100, 2 ** 32), 2 ** 32 + 50);
 * ```
 */
export function unwrap(sequence: number, base: number, near: number): number {
  return near + sequenceDistance(sequenceAdd(base, near), sequence);
}
