import { u16le, u32le } from "./integers.ts";

/**
 * Thrown by readers when bytes do not hold what a layout asks for, and caught at the border of
 * the PDU; it never leaves `core/`. On the way up each structure leaves what it had read in
 * `partial`, so that fields before the fault are kept.
 */
export class Malformed extends Error {
  override name = "Malformed";
  /** Offset in bytes, in the coordinates of the cursor, where reading stopped. */
  offset: number;
  /** The value read so far by the innermost structure still open. */
  partial: unknown = undefined;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of UTF-8 bytes, and whether they were valid; bad bytes become U+FFFD. */
export function decodeText(bytes: Uint8Array): { text: string; valid: boolean } {
  if (bytes.length < 40) {
    let text = "";
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte >= 0x80) return decodeAnyText(bytes);
      text += String.fromCharCode(byte);
    }
    return { text, valid: true };
  }
  return decodeAnyText(bytes);
}

function decodeAnyText(bytes: Uint8Array): { text: string; valid: boolean } {
  try {
    return { text: utf8.decode(bytes), valid: true };
  } catch {
    return { text: lossy.decode(bytes), valid: false };
  }
}

/**
 * Reads little-endian values from a range of bytes. Every read is checked against the limit
 * and throws {@link Malformed} when the range is too short; nothing is copied.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const cursor = new Cursor(new Uint8Array([1, 2, 0, 0, 0]));
 * assertEquals([cursor.u8(), cursor.u32(), cursor.remaining], [1, 2, 0]);
 * ```
 */
export class Cursor {
  readonly bytes: Uint8Array;
  /** Position of the next byte, from the start of `bytes`. */
  offset: number;
  /** First position that may not be read. */
  limit: number;
  /** Made when first needed: most bodies hold nothing that bytes and shifts do not give. */
  #view: DataView | null = null;

  constructor(bytes: Uint8Array, offset = 0, limit = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.limit = Math.min(limit, bytes.length);
  }

  get #wide(): DataView {
    return this.#view ??= new DataView(
      this.bytes.buffer,
      this.bytes.byteOffset,
      this.bytes.byteLength,
    );
  }

  /** Bytes left before the limit. */
  get remaining(): number {
    return this.limit - this.offset;
  }

  #advance(length: number): number {
    const offset = this.offset;
    if (length > this.limit - offset) {
      throw new Malformed(
        `${length} bytes needed, ${this.limit - offset} left`,
        offset,
      );
    }
    this.offset = offset + length;
    return offset;
  }

  u8(): number {
    return this.bytes[this.#advance(1)]!;
  }

  u16(): number {
    return u16le(this.bytes, this.#advance(2));
  }

  u32(): number {
    return u32le(this.bytes, this.#advance(4));
  }

  u64(): bigint {
    return this.#wide.getBigUint64(this.#advance(8), true);
  }

  u128(): bigint {
    const offset = this.#advance(16);
    const high = this.#wide.getBigUint64(offset + 8, true);
    const low = this.#wide.getBigUint64(offset, true);
    return high === 0n ? low : (high << 64n) | low;
  }

  i8(): number {
    return this.u8() << 24 >> 24;
  }

  i16(): number {
    return this.u16() << 16 >> 16;
  }

  i32(): number {
    return this.u32() | 0;
  }

  i64(): bigint {
    return this.#wide.getBigInt64(this.#advance(8), true);
  }

  i128(): bigint {
    return BigInt.asIntN(128, this.u128());
  }

  f32(): number {
    return this.#wide.getFloat32(this.#advance(4), true);
  }

  f64(): number {
    return this.#wide.getFloat64(this.#advance(8), true);
  }

  /** The next `length` bytes as a view. */
  take(length: number): Uint8Array {
    const offset = this.#advance(length);
    return this.bytes.subarray(offset, offset + length);
  }

  /** Limits reading to the next `length` bytes; gives the old limit, to be set again. */
  narrow(length: number): number {
    const offset = this.#advance(length);
    const outer = this.limit;
    this.offset = offset;
    this.limit = offset + length;
    return outer;
  }
}
