/** Largest relative error of a quantile. */
export const RELATIVE_ERROR = 0.01;
const LOG_GAMMA = Math.log((1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR));
/** What lies in the middle of a bucket, as a part of its upper end. */
const MIDDLE = 1 - RELATIVE_ERROR;
/** Values from here down, negative ones included, share one bucket. */
const LEAST = 1e-3;
/** Buckets from 1 µs or one byte up to a day in µs are counted in an array. */
const DENSE = 1400;
/** Buckets that are counted one by one before there is an array: most sketches have few. */
const MAX_SPARSE = 32;
const NONE = new Float64Array(0);
const PER_LOG_GAMMA = 1 / LOG_GAMMA;

/**
 * Quantiles of any number of values in constant memory: counts in buckets that grow by a
 * constant factor, so that a quantile is off by at most 1 % of itself. Sketches merge without
 * further loss. Extremes are exact.
 *
 * Source: Masson, Rim, Lee: DDSketch, PVLDB 12 (12), 2019.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * const sketch = new Sketch();
 * for (let i = 1; i <= 1000; i++) sketch.add(i);
 * assertAlmostEquals(sketch.quantile(0.9), 900, 9);
 * ```
 */
export class Sketch {
  count = 0;
  sum = 0;
  min = Infinity;
  max = -Infinity;
  /** Counts of the buckets from 0 on, once there are many; no longer than needed. */
  #dense: Float64Array = NONE;
  /** Counts of the first buckets, and of all that are not in the array. */
  readonly #sparse = new Map<number, number>();
  /** Values of at most {@link LEAST}. */
  #low = 0;

  add(value: number): void {
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (value <= LEAST) this.#low++;
    else {
      this.#count(Math.ceil(Math.log(value) * PER_LOG_GAMMA), 1);
    }
  }

  #count(bucket: number, count: number): void {
    const isIn = bucket >= 0 && bucket < DENSE && this.#sparse.size >= MAX_SPARSE;
    if (!isIn) {
      this.#sparse.set(bucket, (this.#sparse.get(bucket) ?? 0) + count);
      return;
    }
    if (bucket >= this.#dense.length) {
      const wider = new Float64Array(Math.min(DENSE, 64 + 2 * bucket));
      wider.set(this.#dense);
      this.#dense = wider;
    }
    this.#dense[bucket]! += count;
  }

  /** The buckets that hold something, lowest first; one may come in two parts. */
  #buckets(): [bucket: number, count: number][] {
    const found = [...this.#sparse];
    this.#dense.forEach((count, bucket) => {
      if (count > 0) found.push([bucket, count]);
    });
    return found.sort(([a], [b]) => a - b);
  }

  /** Takes over all values of another sketch. */
  merge(other: Sketch): void {
    this.count += other.count;
    this.sum += other.sum;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    this.#low += other.#low;
    for (const [bucket, count] of other.#sparse) this.#count(bucket, count);
    const dense = other.#dense;
    for (let bucket = 0; bucket < dense.length; bucket++) {
      if (dense[bucket]! > 0) this.#count(bucket, dense[bucket]!);
    }
  }

  /** The value with a part `q` of all values at or below it; NaN without values. */
  quantile(q: number): number {
    if (this.count === 0) return NaN;
    const rank = Math.max(1, Math.ceil(q * this.count));
    let seen = this.#low;
    if (seen >= rank) return Math.min(this.min, LEAST);
    if (rank === this.count) return this.max;
    for (const [bucket, count] of this.#buckets()) {
      seen += count;
      if (seen < rank) continue;
      const middle = Math.exp(bucket * LOG_GAMMA) * MIDDLE;
      return Math.min(Math.max(middle, this.min), this.max);
    }
    return this.max;
  }
}
