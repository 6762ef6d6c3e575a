/** A stretch of a flow in offsets; `end` is not included. */
export type Range = readonly [start: number, end: number];

/**
 * Stretches of a flow that are known of, sorted and merged: what came out of order, or what
 * the other side acknowledged selectively.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const ranges = new Ranges();
 * ranges.add(10, 20);
 * ranges.add(30, 40);
 * ranges.add(18, 30);
 * assertEquals([...ranges.list], [[10, 40]]);
 * ```
 */
export class Ranges {
  /** In order, without overlap. */
  list: Range[] = [];

  get bytes(): number {
    return this.list.reduce((sum, [start, end]) => sum + end - start, 0);
  }

  /** Offset after the last stretch; -Infinity where there is none. */
  get highest(): number {
    return this.list.at(-1)?.[1] ?? -Infinity;
  }

  /** Adds a stretch; false where all of it was known. */
  add(start: number, end: number): boolean {
    if (start >= end || this.holds(start, end)) return false;
    let at = 0;
    while (at < this.list.length && this.list[at]![1] < start) at++;
    let until = at;
    while (until < this.list.length && this.list[until]![0] <= end) {
      start = Math.min(start, this.list[until]![0]);
      end = Math.max(end, this.list[until]![1]);
      until++;
    }
    this.list.splice(at, until - at, [start, end]);
    return true;
  }

  /** Whether the whole stretch is known. */
  holds(start: number, end: number): boolean {
    return this.list.some(([from, to]) => from <= start && end <= to);
  }

  /** Forgets what lies before `offset`. */
  release(offset: number): void {
    while (this.list.length > 0 && this.list[0]![1] <= offset) this.list.shift();
    const first = this.list[0];
    if (first !== undefined && first[0] < offset) this.list[0] = [offset, first[1]];
  }

  /** The first stretch from `offset` on that is not known and lies before one that is. */
  hole(offset: number): Range | null {
    for (const [start, end] of this.list) {
      if (offset < start) return [offset, start];
      if (offset < end) offset = end;
    }
    return null;
  }
}
