import type { Counted } from "./counted.ts";
import { Series } from "./counters.ts";

/** Buckets kept at most; then two become one, and the interval is twice as long. */
export const MAX_BUCKETS = 1024;

/**
 * Counts over time in constant memory. A transaction counts at its request, or at its
 * response where the request was not captured.
 */
export class Timeline {
  /** Length of a bucket in milliseconds. */
  interval: number;
  readonly #timed: boolean;
  readonly #buckets = new Map<number, Series>();

  /** `timed` counts times too, in a sketch for each bucket. */
  constructor(interval: number, timed = true) {
    this.interval = interval;
    this.#timed = timed;
  }

  add(counted: Counted): void {
    if (counted.time !== null) this.#at(counted.time).add(counted, this.#timed);
  }

  /** Has a bucket at a time, in seconds since the epoch, even where nothing happened. */
  cover(time: number): void {
    this.#at(time);
  }

  /** Takes counts that were made elsewhere, of a time in seconds since the epoch. */
  take(time: number, counters: Series): void {
    this.#at(time).merge(counters);
  }

  #at(time: number): Series {
    const ms = time * 1000;
    const bucket = this.#buckets.get(Math.floor(ms / this.interval));
    if (bucket !== undefined) return bucket;
    while (this.#buckets.size >= MAX_BUCKETS) this.#widen();
    return this.#bucket(Math.floor(ms / this.interval));
  }

  #bucket(index: number): Series {
    let bucket = this.#buckets.get(index);
    if (bucket === undefined) {
      bucket = new Series();
      this.#buckets.set(index, bucket);
    }
    return bucket;
  }

  #widen(): void {
    const old = [...this.#buckets];
    this.#buckets.clear();
    this.interval *= 2;
    for (const [index, counters] of old) {
      this.#bucket(Math.floor(index / 2)).merge(counters);
    }
  }

  /** Buckets in order of time with the moment each begins, in ms since the epoch. */
  get buckets(): { start: number; counters: Series }[] {
    return [...this.#buckets].sort(([a], [b]) => a - b)
      .map(([index, counters]) => ({ start: index * this.interval, counters }));
  }
}
