/** Buffers smaller than this are made anew: that costs less than looking for one. */
const LEAST = 16 * 1024;
/** Most buffers, and bytes, that wait to be used again. */
const MAX_FREE = 16;
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Lends buffers and takes them back, so that long PDUs read one after another need no fresh
 * memory each. A buffer that is not given back is simply its borrower's; of one that is, all views
 * become empty, so that nobody who kept one sees the bytes of another PDU in it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const pool = new BufferPool();
 * const buffer = pool.take(20_000);
 * buffer[0] = 7;
 * pool.give(buffer.subarray(0, 10));
 * assertEquals(buffer.length, 0);
 * assertEquals(pool.take(18_000)[0], 7);
 * assertEquals(pool.take(18_000)[0], 0);
 * ```
 */
export class BufferPool {
  #free: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;
  readonly #lent = new WeakSet<ArrayBuffer>();

  /** A buffer of at least `length` bytes, with anything in it. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (length < LEAST) return new Uint8Array(length);
    const at = this.#free.findIndex((buffer) =>
      buffer.length >= length && buffer.length <= 4 * length
    );
    const [buffer = new Uint8Array(length)] = at < 0 ? [] : this.#free.splice(at, 1);
    if (at >= 0) this.#bytes -= buffer.length;
    this.#lent.add(buffer.buffer);
    return buffer;
  }

  /** Takes a lent buffer back, of which `bytes` is a part; all views of it become empty. */
  give({ buffer }: Uint8Array): void {
    if (buffer.byteLength < LEAST || !(buffer instanceof ArrayBuffer)) return;
    if (!this.#lent.delete(buffer)) return;
    const own = buffer.transfer();
    const full = this.#free.length >= MAX_FREE ||
      this.#bytes + own.byteLength > MAX_BYTES;
    if (full) return;
    this.#bytes += own.byteLength;
    this.#free.push(new Uint8Array(own));
  }
}
