/** What an {@link OrderedBytes} is told. */
export interface OrderedSink {
  /** The next bytes, valid until the call returns. */
  data(bytes: Uint8Array): void;
  /** `length` bytes never came. */
  gap(length: number): void;
  /** So many bytes more wait for earlier ones, or fewer. */
  held?(bytes: number): void;
}

/** Bytes at an offset that wait for those before them. */
interface Waiting {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Puts bytes that come with their offsets in order: repeated ones are left out, of bytes that
 * came twice the first copy counts, and what waits for a hole is bounded.
 */
export class OrderedBytes {
  /** Bytes told so far, lost ones included. */
  position = 0;
  /** Bytes that wait for earlier ones. */
  held = 0;
  readonly #sink: OrderedSink;
  readonly #most: number;
  /** Disjoint, in order of their offsets. */
  #waiting: Waiting[] = [];

  constructor(sink: OrderedSink, most: number) {
    this.#sink = sink;
    this.#most = most;
  }

  /** Takes bytes at an offset. */
  push(offset: number, bytes: Uint8Array): void {
    const known = this.position - offset;
    if (known > 0) {
      if (known >= bytes.length) return;
      bytes = bytes.subarray(known);
      offset = this.position;
    }
    if (bytes.length === 0) return;
    if (offset === this.position && this.#waiting.length === 0) return this.#tell(bytes);
    this.#keep(offset, bytes);
    this.#drain();
    while (this.held > this.#most) this.#giveUp();
  }

  /** Gives up what is missing, and tells all that waits; to `size` where that is known. */
  flush(size: number | null = null): void {
    while (this.#waiting.length > 0) this.#giveUp();
    if (size !== null && size > this.position) this.#lose(size - this.position);
  }

  #keep(offset: number, bytes: Uint8Array): void {
    // What comes late goes before a few at the end.
    let place = this.#waiting.length;
    while (place > 0 && this.#waiting[place - 1]!.offset > offset) place--;
    const before = this.#waiting[place - 1];
    const covered = before === undefined
      ? 0
      : before.offset + before.bytes.length - offset;
    if (covered > 0) {
      if (covered >= bytes.length) return;
      bytes = bytes.subarray(covered);
      offset += covered;
    }
    for (let after; (after = this.#waiting[place]) !== undefined;) {
      const room = after.offset - offset;
      if (room >= bytes.length) break;
      if (room > 0) {
        this.#insert(place++, offset, bytes.subarray(0, room));
      }
      const skipped = room + after.bytes.length;
      if (skipped >= bytes.length) return;
      bytes = bytes.subarray(skipped);
      offset += skipped;
      place++;
    }
    this.#insert(place, offset, bytes);
  }

  #insert(place: number, offset: number, bytes: Uint8Array): void {
    this.#waiting.splice(place, 0, { offset, bytes: bytes.slice() });
    this.#count(bytes.length);
  }

  #count(bytes: number): void {
    this.held += bytes;
    this.#sink.held?.(bytes);
  }

  #drain(): void {
    let done = 0;
    for (const { offset, bytes } of this.#waiting) {
      if (offset !== this.position) break;
      this.#count(-bytes.length);
      done++;
      this.#tell(bytes);
    }
    if (done > 0) this.#waiting.splice(0, done);
  }

  #giveUp(): void {
    this.#lose(this.#waiting[0]!.offset - this.position);
    this.#drain();
  }

  #lose(length: number): void {
    this.position += length;
    this.#sink.gap(length);
  }

  #tell(bytes: Uint8Array): void {
    this.position += bytes.length;
    this.#sink.data(bytes);
  }
}
