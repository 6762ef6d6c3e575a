import type { Chunk } from "./out_of_order.ts";

/** A stretch of a flow, in offsets; `start` included, `end` not. */
export interface Span {
  start: number;
  end: number;
}

/** First ring of a flow, bytes. */
const SMALLEST = 1024;

/**
 * The bytes a flow delivered last, so that a retransmission can be compared with what was
 * delivered. A ring that grows with the flow up to `limit` bytes.
 */
export class History {
  limit: number;
  #ring = new Uint8Array(0);
  /** Offsets held: from `#start` to `#end`, without a hole. */
  #start = 0;
  #end = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Memory taken, in bytes. */
  get size(): number {
    return this.#ring.length;
  }

  /** Remembers `bytes[start..end)` as delivered at `offset`; earlier bytes go when full. */
  append(bytes: Uint8Array, start: number, end: number, offset: number): void {
    if (offset !== this.#end) this.#start = offset;
    this.#end = offset + end - start;
    const wanted = Math.min(this.limit, this.#end - this.#start);
    if (wanted > this.#ring.length) this.#grow(wanted, offset);
    const size = this.#ring.length;
    if (size === 0) return;
    if (end - start > size) start = end - size;
    if (this.#end - this.#start > size) this.#start = this.#end - size;
    const at = (this.#end - (end - start)) % size;
    const place = at < 0 ? at + size : at;
    const room = size - place;
    if (end - start <= room) this.#ring.set(bytes.subarray(start, end), place);
    else {
      this.#ring.set(bytes.subarray(start, start + room), place);
      this.#ring.set(bytes.subarray(start + room, end), 0);
    }
  }

  /**
   * Where `bytes[from…]`, said to stand at offsets `start` to `end`, differs from what was
   * delivered there: from the first to the last such byte. Null where nothing differs or
   * nothing is remembered.
   */
  difference(bytes: Uint8Array, from: number, start: number, end: number): Span | null {
    const size = this.#ring.length;
    const low = Math.max(start, this.#start);
    const high = Math.min(end, this.#end);
    let first = -1;
    let last = -1;
    for (let at = low; at < high; at++) {
      const place = at % size;
      if (this.#ring[place < 0 ? place + size : place] === bytes[from + at - start]) {
        continue;
      }
      if (first < 0) first = at - low;
      last = at - low;
    }
    return first < 0 ? null : { start: low + first, end: low + last + 1 };
  }

  /** Makes room for `wanted` bytes and moves what is held, offsets `#start` to `filled`. */
  #grow(wanted: number, filled: number): void {
    let size = Math.max(SMALLEST, this.#ring.length);
    while (size < wanted) size *= 2;
    size = Math.min(size, this.limit);
    const old = this.#ring;
    this.#ring = new Uint8Array(size);
    for (let at = Math.max(this.#start, filled - old.length); at < filled; at++) {
      const from = at % old.length;
      const to = at % size;
      this.#ring[to < 0 ? to + size : to] = old[from < 0 ? from + old.length : from] ?? 0;
    }
  }
}

/**
 * As `History.difference`, against a held chunk; `bytes[from + offset]` is the byte said to
 * stand at `offset`.
 */
export function difference(
  chunk: Chunk,
  bytes: Uint8Array,
  from: number,
  start: number,
  end: number,
): Span | null {
  let first = -1;
  let last = -1;
  for (let at = start; at < end; at++) {
    if (chunk.bytes[at - chunk.start] === bytes[from + at]) continue;
    if (first < 0) first = at;
    last = at;
  }
  return first < 0 ? null : { start: first, end: last + 1 };
}
