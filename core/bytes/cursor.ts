import { amount } from "./amount.ts";
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
  /** The field that could not be read, with those around it: `messages.3.payload`. */
  field: string | null = null;
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
 * Eight bytes in several forms: a view of each payload would cost more than its numbers. Every
 * machine that Deno runs on is little-endian.
 */
const words = new Uint32Array(2);
const unsigned = new BigUint64Array(words.buffer);
const signed = new BigInt64Array(words.buffer);
const single = new Float32Array(words.buffer);
const double = new Float64Array(words.buffer);

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

  constructor(bytes: Uint8Array, offset = 0, limit = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.limit = Math.min(limit, bytes.length);
  }

  /** Bytes left before the limit. */
  get remaining(): number {
    return this.limit - this.offset;
  }

  #advance(length: number): number {
    const offset = this.offset;
    if (length > this.limit - offset) {
      throw new Malformed(
        `${amount(length, "byte")} needed, ${this.limit - offset} left`,
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
    this.#load(this.#advance(8));
    return unsigned[0]!;
  }

  u128(): bigint {
    const offset = this.#advance(16);
    this.#load(offset + 8);
    const high = unsigned[0]!;
    this.#load(offset);
    const low = unsigned[0]!;
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
    this.#load(this.#advance(8));
    return signed[0]!;
  }

  i128(): bigint {
    return BigInt.asIntN(128, this.u128());
  }

  f32(): number {
    words[0] = this.u32();
    return single[0]!;
  }

  f64(): number {
    this.#load(this.#advance(8));
    return double[0]!;
  }

  /** Puts 8 bytes where they can be read as numbers that are as wide. */
  #load(offset: number): void {
    words[0] = u32le(this.bytes, offset);
    words[1] = u32le(this.bytes, offset + 4);
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
