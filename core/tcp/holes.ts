import { sequenceDistance } from "../flow/sequence.ts";

/** A stretch of sequence numbers: the first, and the one behind the last. */
type Stretch = readonly [start: number, end: number];

/** Holes remembered; the oldest are forgotten. */
const MAX_HOLES = 100;

/**
 * Which bytes of a flow were not captured up to the highest one that was.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const holes = new Holes(1000);
 * holes.skip(1100, 1200);
 * holes.fill(1150, 1200);
 * assertEquals([1100, 1150, 900].map((at) => holes.holds(at, 50)), [true, false, true]);
 * assertEquals([1000, 1120].map((at) => holes.endOf(at, 1300)), [1100, 1120]);
 * ```
 */
export class Holes {
  #first: number;
  #list: Stretch[] = [];

  /** Nothing before `first` was seen. */
  constructor(first: number) {
    this.#first = first;
  }

  /** Whether one of the bytes is in a hole. */
  holds(sequence: number, length: number): boolean {
    return sequenceDistance(sequence, this.#first) > 0 ||
      this.#list.some((hole) => overlap(hole, sequence, sequence + length));
  }

  /** Where the bytes that were seen from `sequence` on end, at `next` at the latest. */
  endOf(sequence: number, next: number): number {
    if (sequenceDistance(sequence, next) < 0) return sequence;
    const hole = this.#list.find(([, to]) => sequenceDistance(sequence, to) > 0);
    if (hole === undefined) return next;
    return sequenceDistance(sequence, hole[0]) > 0 ? hole[0] : sequence;
  }

  /** What stands between the highest byte seen and a segment was not seen. */
  skip(from: number, to: number): void {
    this.#list.push([from, to]);
    this.#forget();
  }

  /** A segment has these bytes. */
  fill(start: number, end: number): void {
    if (sequenceDistance(start, this.#first) > 0) this.#first = start;
    if (!this.#list.some((hole) => overlap(hole, start, end))) return;
    this.#list = this.#list.flatMap((hole): Stretch[] => {
      if (!overlap(hole, start, end)) return [hole];
      const rest: Stretch[] = [[hole[0], start], [end, hole[1]]];
      return rest.filter(([from, to]) => sequenceDistance(from, to) > 0);
    });
    // A segment within a hole makes two of it.
    this.#forget();
  }

  #forget(): void {
    if (this.#list.length > MAX_HOLES) this.#list.shift();
  }
}

function overlap([from, to]: Stretch, start: number, end: number): boolean {
  return sequenceDistance(start, to) > 0 && sequenceDistance(from, end) > 0;
}
