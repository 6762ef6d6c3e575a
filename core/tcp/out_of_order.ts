import type { Stamp } from "../flow/mod.ts";
import type { Segment } from "../net/segment.ts";
import { stampOf } from "./stamp.ts";

/** A run of bytes that arrived ahead of its turn; offsets within the flow. */
export interface Chunk {
  start: number;
  end: number;
  /** A copy of the bytes, exactly `end - start` of them. */
  bytes: Uint8Array;
  /** Offset up to which the segment went on the wire: behind `end` where it was cut. */
  cutTo: number;
  /** The packet they came in. */
  stamp: Stamp;
}

/** Told about each run of bytes that is already held: compare, first copy wins. */
export type OverlapSink = (held: Chunk, start: number, end: number) => void;

/** Memory one chunk costs besides its bytes, so that one-byte segments fill the budget too. */
export const CHUNK_OVERHEAD = 64;

/** Chunks per block: small enough to shift, large enough that blocks stay few. */
const BLOCK = 256;

/**
 * Bytes of one flow that wait for earlier ones: chunks in order, none overlapping. Kept as
 * a sorted list of short sorted lists, so an insertion anywhere costs about O(log n) with
 * any order of arrival, and the first chunk leaves in O(1).
 */
export class OutOfOrder {
  /** Bytes held, overhead included: what counts against the limits. */
  size = 0;
  /** Chunks held. */
  count = 0;
  #blocks: Chunk[][] = [];

  /** The chunk with the lowest offset, or undefined when nothing waits. */
  first(): Chunk | undefined {
    return this.#blocks[0]?.[0];
  }

  /** Removes and returns the first chunk. */
  shift(): Chunk | undefined {
    const block = this.#blocks[0];
    const chunk = block?.shift();
    if (block === undefined || chunk === undefined) return undefined;
    if (block.length === 0) this.#blocks.shift();
    this.size -= chunk.bytes.length + CHUNK_OVERHEAD;
    this.count--;
    return chunk;
  }

  /**
   * Copies what is not held yet of the segment's payload, which belongs at `offset`, from
   * `start` to `end`; `overlap` hears about the rest. Returns how many bytes were new.
   */
  insert(
    segment: Segment,
    offset: number,
    start: number,
    end: number,
    overlap: OverlapSink,
  ): number {
    const from = segment.start - offset;
    const stamp = stampOf(segment);
    let [b, i] = this.#find(start);
    let fresh = 0;
    let at = start;
    while (at < end) {
      const held = this.#blocks[b]?.[i];
      if (held !== undefined && held.start <= at) {
        const until = Math.min(end, held.end);
        overlap(held, at, until);
        at = until;
      } else {
        const until = held === undefined ? end : Math.min(end, held.start);
        const bytes = segment.bytes.slice(from + at, from + until);
        const cutTo = until === end ? offset + segment.length : until;
        const chunk = { start: at, end: until, bytes, cutTo, stamp };
        [b, i] = this.#put(b, i, chunk);
        fresh += until - at;
        at = until;
      }
      const block = this.#blocks[b];
      if (block !== undefined && ++i >= block.length) {
        b++;
        i = 0;
      }
    }
    return fresh;
  }

  /** Position of the first chunk that ends after `offset`; past the end when none does. */
  #find(offset: number): [block: number, index: number] {
    const b = lowest(this.#blocks.length, (n) => last(this.#blocks[n]).end > offset);
    const block = this.#blocks[b];
    if (block === undefined) return [b, 0];
    return [b, lowest(block.length, (n) => (block[n]?.end ?? Infinity) > offset)];
  }

  /** Puts a chunk before position (b, i) and returns where it then is. */
  #put(b: number, i: number, chunk: Chunk): [block: number, index: number] {
    this.size += chunk.bytes.length + CHUNK_OVERHEAD;
    this.count++;
    if (i === 0 && b > 0) {
      b--;
      i = this.#blocks[b]?.length ?? 0;
    }
    const block = this.#blocks[b];
    if (block === undefined) {
      this.#blocks.push([chunk]);
      return [0, 0];
    }
    block.splice(i, 0, chunk);
    if (block.length <= BLOCK) return [b, i];
    // Appending leaves full blocks behind, as arrivals mostly come in order.
    const cut = i === BLOCK ? BLOCK : BLOCK >> 1;
    this.#blocks.splice(b + 1, 0, block.splice(cut));
    return i < cut ? [b, i] : [b + 1, i - cut];
  }
}

function last(block: Chunk[] | undefined): Chunk {
  const chunk = block?.[block.length - 1];
  if (chunk === undefined) throw new Error("empty block");
  return chunk;
}

/** The lowest n in 0..count for which `holds`, which stays true once true; else count. */
function lowest(count: number, holds: (n: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
