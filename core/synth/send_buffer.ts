/**
 * The bytes an application wrote and its peer has not acknowledged. Places are offsets in the
 * flow: 1 is the first byte, as the SYN takes 0.
 */
export class SendBuffer {
  /** Offset after the last byte written. */
  end = 1;
  #start = 1;
  #chunks: { start: number; bytes: Uint8Array }[] = [];

  /** Bytes held. */
  get size(): number {
    return this.end - this.#start;
  }

  /** Appends bytes, which must not change any more. */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push({ start: this.end, bytes });
    this.end += bytes.length;
  }

  /** Forgets what lies before `offset`. */
  release(offset: number): void {
    let done = 0;
    while (
      done < this.#chunks.length &&
      this.#chunks[done]!.start + this.#chunks[done]!.bytes.length <= offset
    ) done++;
    if (done > 0) this.#chunks.splice(0, done);
    this.#start = Math.min(Math.max(this.#start, offset), this.end);
  }

  /** Copies `length` bytes from `offset` on to `target[at..)`. */
  copy(offset: number, length: number, target: Uint8Array, at: number): void {
    const end = offset + length;
    for (let i = this.#find(offset); offset < end; i++) {
      const { start, bytes } = this.#chunks[i]!;
      const from = offset - start;
      const part = Math.min(bytes.length - from, end - offset);
      target.set(bytes.subarray(from, from + part), at);
      offset += part;
      at += part;
    }
  }

  /** The chunk that holds `offset`. */
  #find(offset: number): number {
    let low = 0, high = this.#chunks.length - 1;
    while (low < high) {
      const middle = low + high + 1 >> 1;
      if (this.#chunks[middle]!.start <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
