import {
  Series,
  Timeline,
  type TimelineRecord,
  timelineRecord,
} from "../../core/stats/mod.ts";
import type { IndexRow } from "../store/row_file.ts";

/** Numbers of buckets that are asked for at every opening: the API's usual one, the page's. */
export const KNOWN_BUCKETS: readonly number[] = [200, 240];
/**
 * Buckets kept while a capture is dissected; then ten become one. A tenth of them is more than
 * any of {@link KNOWN_BUCKETS}, so that every bucket asked for is made of whole ones.
 */
const MAX_BUCKETS = 4000;
/** The shortest interval, in ms. */
const LEAST = 1e-3;

/** Counts over time in bounded memory, before first and last time are known. */
export class TimelineBuilder {
  #interval = LEAST;
  #buckets = new Map<number, Series>();
  #first = Infinity;
  #last = -Infinity;

  add(row: IndexRow): void {
    const { time } = row;
    if (time === null) return;
    this.#first = Math.min(this.#first, time);
    this.#last = Math.max(this.#last, time);
    this.#at(Math.floor(time * 1000 / this.#interval)).add(row);
    if (this.#buckets.size > MAX_BUCKETS) this.#widen();
  }

  #at(index: number): Series {
    let counters = this.#buckets.get(index);
    if (counters === undefined) {
      counters = new Series();
      this.#buckets.set(index, counters);
    }
    return counters;
  }

  #widen(): void {
    const old = this.#buckets;
    this.#buckets = new Map();
    this.#interval *= 10;
    for (const [index, counters] of old) this.#at(Math.floor(index / 10)).merge(counters);
  }

  /** The series by the number of buckets; those that are too fine for what was kept lack. */
  finish(): Record<string, TimelineRecord> {
    const found: Record<string, TimelineRecord> = {};
    if (this.#first > this.#last) return found;
    for (const buckets of KNOWN_BUCKETS) {
      const made = emptyTimeline(this.#first, this.#last, buckets);
      if (made.interval < this.#interval * 0.999) continue;
      for (const [index, counters] of this.#buckets) {
        // The middle, which no rounding puts beside the bucket it is in.
        made.take((index + 0.5) * this.#interval / 1000, counters);
      }
      found[buckets] = timelineRecord(made);
    }
    return found;
  }
}

/** A series from a first to a last time in seconds, without counts, of about so many buckets. */
export function emptyTimeline(first: number, last: number, buckets: number): Timeline {
  const interval = niceInterval((last - first) / Math.max(1, buckets - 1));
  const timeline = new Timeline(interval * 1000);
  timeline.cover(first);
  timeline.cover(last);
  return timeline;
}

/** The next 1, 2 or 5 times a power of ten; at least a microsecond. */
function niceInterval(least: number): number {
  if (!(least > 1e-6)) return 1e-6;
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((factor) => factor * power >= least * 0.999999) ?? 10;
  return factor * power;
}
