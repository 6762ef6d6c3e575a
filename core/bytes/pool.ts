/** Buffers smaller than this are made anew: that costs less than looking for one. */
const LEAST = 16 * 1024;
/** Most buffers, and bytes, that wait to be used again. */
const MOST_FREE = 16;
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Lends buffers and takes them back, so that long PDUs read one after another need no fresh
 * memory each. A buffer that is not given back is simply its borrower's.
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * const pool = new BufferPool();
 * const buffer = pool.take(20_000);
 * pool.give(buffer.subarray(0, 10));
 * assertEquals(pool.take(18_000).buffer, buffer.buffer);
 * assert(pool.take(18_000).buffer !== buffer.buffer);
 * ```
 */
export class BufferPool {
  #free: Uint8Array[] = [];
  #bytes = 0;
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** A buffer of at least `length` bytes, with anything in it. */
  take(length: number): Uint8Array {
    if (length < LEAST) return new Uint8Array(length);
    const at = this.#free.findIndex((buffer) =>
      buffer.length >= length && buffer.length <= 4 * length
    );
    const [buffer = new Uint8Array(length)] = at < 0 ? [] : this.#free.splice(at, 1);
    if (at >= 0) this.#bytes -= buffer.length;
    this.#lent.add(buffer.buffer);
    return buffer;
  }

  /** Takes a lent buffer back, of which `bytes` is a part; nobody may look at it any more. */
  give({ buffer }: Uint8Array): void {
    if (!this.#lent.delete(buffer)) return;
    const full = this.#free.length >= MOST_FREE ||
      this.#bytes + buffer.byteLength > MOST_BYTES;
    if (full) return;
    this.#bytes += buffer.byteLength;
    this.#free.push(new Uint8Array(buffer));
  }
}
