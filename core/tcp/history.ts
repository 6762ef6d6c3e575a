import type { Chunk } from "./out_of_order.ts";

/** A stretch of a flow, in offsets; `start` included, `end` not. */
export interface Span {
  start: number;
  end: number;
}

/** Bytes of a flow's first ring; each further one has four times as many. */
const SMALLEST = 64;
const GROWTH = 4;
/** Rings up to here are cut from slabs, as a buffer of its own costs more than it holds. */
const CUT = 4096;
const SLAB = 64 * 1024;
/** Up to here a loop is faster than a call and a view. */
const FEW = 96;

/** Part of a buffer: less than a view of it takes, as every flow has one. */
interface Ring {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly size: number;
}

const NONE: Uint8Array = new Uint8Array(0);

/** Memory for histories, bounded; small rings are used again, as making them is dear. */
export class Rings {
  /** Bytes in use. */
  used = 0;
  readonly #limit: number;
  /** Rings to be used again, by their size. */
  readonly #free = new Map<number, Ring[]>();
  #slab = NONE;
  /** Bytes of the slab that are given out. */
  #cut = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A ring of `size` bytes, or null when that is over the limit. Its content is arbitrary. */
  take(size: number): Ring | null {
    if (this.used + size > this.#limit) return null;
    this.used += size;
    if (size > CUT) return { bytes: new Uint8Array(size), from: 0, size };
    const ring = this.#free.get(size)?.pop();
    if (ring !== undefined) return ring;
    if (this.#cut + size > this.#slab.length) {
      this.#slab = new Uint8Array(SLAB);
      this.#cut = 0;
    }
    const from = this.#cut;
    this.#cut += size;
    return { bytes: this.#slab, from, size };
  }

  give(ring: Ring): void {
    const { size } = ring;
    this.used -= size;
    if (size > CUT) return;
    const free = this.#free.get(size);
    if (free === undefined) this.#free.set(size, [ring]);
    else free.push(ring);
  }
}

/**
 * The bytes a flow delivered last, so that a retransmission can be compared with what was
 * delivered. A ring that grows with the flow up to `limit` bytes, while there is memory.
 */
export class History {
  readonly #limit: number;
  readonly #rings: Rings;
  /** Its ring, without an object around. */
  #bytes = NONE;
  #from = 0;
  #size = 0;
  /** Offsets held: from `#start` to `#end`, without a hole. */
  #start = 0;
  #end = 0;

  constructor(limit: number, rings: Rings) {
    this.#limit = limit;
    this.#rings = rings;
  }

  /** Gives its memory back. */
  clear(): void {
    this.#replace(NONE, 0, 0);
    this.#start = this.#end;
  }

  /** Takes another ring and gives the last one back. */
  #replace(bytes: Uint8Array, from: number, size: number): void {
    if (this.#size > 0) {
      this.#rings.give({ bytes: this.#bytes, from: this.#from, size: this.#size });
    }
    this.#bytes = bytes;
    this.#from = from;
    this.#size = size;
  }

  /** Remembers `bytes[start..end)` as delivered at `offset`; earlier bytes go when full. */
  append(bytes: Uint8Array, start: number, end: number, offset: number): void {
    if (offset !== this.#end) this.#start = offset;
    this.#end = offset + end - start;
    const wanted = Math.min(this.#limit, this.#end - this.#start);
    if (wanted > this.#size) this.#grow(wanted, offset);
    const size = this.#size;
    if (size === 0) {
      this.#start = this.#end;
      return;
    }
    if (end - start > size) start = end - size;
    if (this.#end - this.#start > size) this.#start = this.#end - size;
    const ring = this.#bytes, from = this.#from;
    const to = place(this.#end - (end - start), size);
    const room = size - to;
    if (end - start <= Math.min(room, FEW)) {
      for (let i = start, at = from + to; i < end; i++, at++) ring[at] = bytes[i]!;
    } else if (end - start <= room) ring.set(bytes.subarray(start, end), from + to);
    else {
      ring.set(bytes.subarray(start, start + room), from + to);
      ring.set(bytes.subarray(start + room, end), from);
    }
  }

  /**
   * Where `bytes[from…]`, said to stand at offsets `start` to `end`, differs from what was
   * delivered there: from the first to the last such byte. Null where nothing differs or
   * nothing is remembered.
   */
  difference(bytes: Uint8Array, from: number, start: number, end: number): Span | null {
    const ring = this.#bytes, base = this.#from, size = this.#size;
    const low = Math.max(start, this.#start);
    const high = Math.min(end, this.#end);
    let first = -1;
    let last = -1;
    for (let at = low; at < high; at++) {
      if (ring[base + place(at, size)] === bytes[from + at - start]) continue;
      if (first < 0) first = at - low;
      last = at - low;
    }
    return first < 0 ? null : { start: low + first, end: low + last + 1 };
  }

  /** Makes room for `wanted` bytes and moves what is held, offsets `#start` to `filled`. */
  #grow(wanted: number, filled: number): void {
    let size = Math.max(SMALLEST, this.#size);
    while (size < wanted) size *= GROWTH;
    size = Math.min(size, this.#limit);
    const ring = this.#rings.take(size);
    if (ring === null) return;
    let at = Math.max(this.#start, filled - this.#size);
    while (at < filled) {
      const from = place(at, this.#size);
      const to = place(at, size);
      const length = Math.min(filled - at, this.#size - from, size - to);
      const first = this.#from + from;
      ring.bytes.set(this.#bytes.subarray(first, first + length), ring.from + to);
      at += length;
    }
    this.#replace(ring.bytes, ring.from, ring.size);
  }
}

/** Where offset `at`, which may be negative, lies in a ring. */
function place(at: number, size: number): number {
  const rest = at % size;
  return rest < 0 ? rest + size : rest;
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
