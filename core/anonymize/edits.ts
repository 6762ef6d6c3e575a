import { unwrap } from "../flow/mod.ts";

/** Stands for bytes that are not known to be harmless: no framing begins with it. */
const BLANK = 0xff;

/** Where bytes are kept until a packet needs them. */
export interface Spill {
  /** Adds bytes; gives their place. */
  write(bytes: Uint8Array): number;
  /** Bytes from a place on, as many as `length`. */
  read(place: number, length: number): Uint8Array;
}

/** PDUs of a flow: where each begins in it, how long it is, where its bytes are kept. */
class FlowEdits {
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];
  readonly #places: number[] = [];
  #base = 0;
  #near = 0;
  #isSorted = true;

  /** Bytes from the flow's first PDU to a sequence number. */
  #offset(sequence: number): number {
    if (this.#starts.length === 0) this.#base = sequence;
    return unwrap(sequence, this.#base, this.#near);
  }

  add(sequence: number, length: number, place: number): void {
    const start = this.#offset(sequence);
    this.#near = start;
    if (start < (this.#starts.at(-1) ?? -Infinity)) this.#isSorted = false;
    this.#starts.push(start);
    this.#lengths.push(length);
    this.#places.push(place);
  }

  /** Calls `put` for each part of a PDU within `length` bytes from a sequence number on. */
  within(
    sequence: number,
    length: number,
    put: (at: number, length: number, place: number) => void,
  ): void {
    if (this.#starts.length === 0) return;
    if (!this.#isSorted) this.#sort();
    const from = this.#offset(sequence);
    this.#near = from;
    const end = from + length;
    for (let i = this.#firstBefore(from); i < this.#starts.length; i++) {
      const start = this.#starts[i]!;
      if (start >= end) return;
      const [first, last] = [
        Math.max(start, from),
        Math.min(start + this.#lengths[i]!, end),
      ];
      if (first < last) put(first - from, last - first, this.#places[i]! + first - start);
    }
  }

  /** Back to the beginning, for a new reading of the capture. */
  rewind(): void {
    this.#near = 0;
  }

  /** The last PDU that begins at or before a place, or the first. */
  #firstBefore(offset: number): number {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = low + high >> 1;
      if (this.#starts[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  #sort(): void {
    const order = this.#starts.map((_, i) => i)
      .sort((a, b) => this.#starts[a]! - this.#starts[b]!);
    for (const list of [this.#starts, this.#lengths, this.#places]) {
      const sorted = order.map((i) => list[i]!);
      for (let i = 0; i < sorted.length; i++) list[i] = sorted[i]!;
    }
    this.#isSorted = true;
  }
}

/**
 * What stands in the place of the bytes of a capture's flows: anonymous PDUs, and blank
 * bytes where there is none. Three numbers are kept of each PDU; its bytes are spilled.
 */
export class Edits {
  readonly #flows = new Map<string, FlowEdits>();
  readonly #spill: Spill;

  constructor(spill: Spill) {
    this.#spill = spill;
  }

  /** Says what bytes are to be from a sequence number of a flow on. */
  add(flow: string, sequence: number, bytes: Uint8Array): void {
    let edits = this.#flows.get(flow);
    if (edits === undefined) this.#flows.set(flow, edits = new FlowEdits());
    edits.add(sequence, bytes.length, this.#spill.write(bytes));
  }

  /** Ends the first reading. */
  rewind(): void {
    for (const edits of this.#flows.values()) edits.rewind();
  }

  /** Fills a segment's payload that begins at a sequence number. */
  fill(flow: string, sequence: number, payload: Uint8Array): void {
    payload.fill(BLANK);
    this.#flows.get(flow)?.within(sequence, payload.length, (at, length, place) => {
      payload.set(this.#spill.read(place, length), at);
    });
  }
}
