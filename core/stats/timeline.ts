import type { Transaction } from "../dissect/transaction.ts";
import { Counters } from "./counters.ts";

/** Buckets kept at most; then two become one, and the interval is twice as long. */
export const MAX_BUCKETS = 1024;

/**
 * Counters over time in constant memory. A transaction counts when it is complete: at its
 * response, or at its request where none came.
 */
export class Timeline {
  /** Length of a bucket in milliseconds. */
  interval: number;
  readonly #timed: boolean;
  readonly #buckets = new Map<number, Counters>();

  /** `timed` counts response times too, in a sketch for each bucket. */
  constructor(interval: number, timed = true) {
    this.interval = interval;
    this.#timed = timed;
  }

  add(transaction: Transaction): void {
    const stamp = (transaction.response ?? transaction.request)?.stamp;
    if (stamp === undefined) return;
    const ms = stamp.seconds * 1000 + stamp.nanos / 1e6;
    let bucket = this.#buckets.get(Math.floor(ms / this.interval));
    if (bucket === undefined) {
      while (this.#buckets.size >= MAX_BUCKETS) this.#widen();
      bucket = this.#bucket(Math.floor(ms / this.interval));
    }
    bucket.add(transaction, this.#timed);
  }

  #bucket(index: number): Counters {
    let bucket = this.#buckets.get(index);
    if (bucket === undefined) {
      bucket = new Counters();
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
  get buckets(): { start: number; counters: Counters }[] {
    return [...this.#buckets].sort(([a], [b]) => a - b)
      .map(([index, counters]) => ({ start: index * this.interval, counters }));
  }
}
