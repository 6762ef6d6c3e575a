const utf8 = new TextEncoder();

/**
 * Appends little-endian values to a buffer that grows as needed.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const writer = new Writer();
 * writer.u8(1);
 * writer.u32(2);
 * assertEquals(writer.finish(), new Uint8Array([1, 2, 0, 0, 0]));
 * ```
 */
export class Writer {
  #bytes = new Uint8Array(64);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  #grow(length: number): number {
    const offset = this.#length;
    if (offset + length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, offset + length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#length = offset + length;
    return offset;
  }

  u8(value: number): void {
    const offset = this.#grow(1);
    this.#view.setUint8(offset, value);
  }

  u16(value: number): void {
    const offset = this.#grow(2);
    this.#view.setUint16(offset, value, true);
  }

  u32(value: number): void {
    const offset = this.#grow(4);
    this.#view.setUint32(offset, value, true);
  }

  u64(value: bigint): void {
    const offset = this.#grow(8);
    this.#view.setBigUint64(offset, value, true);
  }

  u128(value: bigint): void {
    this.u64(BigInt.asUintN(64, value));
    this.u64(BigInt.asUintN(64, value >> 64n));
  }

  f32(value: number): void {
    const offset = this.#grow(4);
    this.#view.setFloat32(offset, value, true);
  }

  f64(value: number): void {
    const offset = this.#grow(8);
    this.#view.setFloat64(offset, value, true);
  }

  bytes(value: Uint8Array): void {
    const offset = this.#grow(value.length);
    this.#bytes.set(value, offset);
  }

  text(value: string): void {
    this.bytes(utf8.encode(value));
  }

  /** Writes `value` as a u32 over what stands at `offset`. */
  patchU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  /** Writes `value` as a u8 over what stands at `offset`. */
  patchU8(offset: number, value: number): void {
    this.#view.setUint8(offset, value);
  }

  /** The bytes from `start` on, as a view that the next write may invalidate. */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#length);
  }

  /** A copy of all that was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
