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

/** Unsigned 64 bits, little endian. */
export function u64le(bytes: Uint8Array, at: number): bigint {
  const low = u32le(bytes, at), high = u32le(bytes, at + 4);
  // As one number where that is exact: each step of a bigint makes another.
  if (high < 0x20_0000) return BigInt(high * 0x1_0000_0000 + low);
  return BigInt(high) << 32n | BigInt(low);
}

/** Unsigned 32 bits, big endian (network order). */
export function u32be(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 |
    bytes[at + 3]!) >>> 0;
}
