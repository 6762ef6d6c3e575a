/**
 * Fixed-width integers read straight from a byte array, for the hot paths of `capture/`,
 * `net/` and `tcp/`. The caller has checked the range: a byte past the end reads as 0.
 *
 * @module
 */

/** Unsigned 16 bits, little endian. */
export function u16le(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8;
}

/** Unsigned 16 bits, big endian (network order). */
export function u16be(bytes: Uint8Array, at: number): number {
  return bytes[at]! << 8 | bytes[at + 1]!;
}

/** Unsigned 32 bits, little endian. */
export function u32le(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
    bytes[at + 3]! << 24) >>> 0;
}

/** Unsigned 32 bits, big endian (network order). */
export function u32be(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 |
    bytes[at + 3]!) >>> 0;
}
