import { u16be } from "../../bytes/integers.ts";

const none = new Uint8Array(0);

/**
 * Reads the numbers and vectors of handshake messages in order. What is not all there reads as
 * 0 or as no bytes, and `short` says so from then on.
 *
 * Source: RFC 8446 section 3.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const reader = new VectorReader(Uint8Array.of(3, 4, 2, 7, 8, 0, 9));
 * assertEquals([reader.u16(), [...reader.vector(1)]], [0x304, [7, 8]]);
 * assertEquals([[...reader.vector(2)], reader.short], [[], true]);
 * ```
 */
export class VectorReader {
  /** Something asked for was not all there. */
  short = false;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next `length` bytes as a view. */
  take(length: number): Uint8Array {
    if (length > this.remaining) {
      this.short = true;
      this.#at = this.#bytes.length;
      return none;
    }
    return this.#bytes.subarray(this.#at, this.#at += length);
  }

  u8(): number {
    return this.take(1)[0] ?? 0;
  }

  u16(): number {
    const bytes = this.take(2);
    return bytes.length === 0 ? 0 : u16be(bytes, 0);
  }

  u24(): number {
    const high = this.u8();
    return high << 16 | this.u16();
  }

  /** A vector whose length has a prefix of 1 to 3 bytes. */
  vector(prefix: 1 | 2 | 3): Uint8Array {
    return this.take(prefix === 1 ? this.u8() : prefix === 2 ? this.u16() : this.u24());
  }
}
