import { Sketch } from "../stats/sketch.ts";

/** Different values that are counted one by one. */
const MAX_COUNTED = 512;

/** The upper median of any number of values: exact while few differ, else within 1 %. */
export class Median {
  #counts: Map<number, number> | null = new Map();
  readonly #sketch = new Sketch();

  add(value: number): void {
    this.#sketch.add(value);
    this.#counts?.set(value, (this.#counts.get(value) ?? 0) + 1);
    if ((this.#counts?.size ?? 0) > MAX_COUNTED) this.#counts = null;
  }

  /** Null without values. */
  get value(): number | null {
    const { count } = this.#sketch;
    if (count === 0) return null;
    if (this.#counts === null) return this.#sketch.quantile(0.5);
    let below = Math.floor(count / 2);
    for (const [value, times] of [...this.#counts].sort(([a], [b]) => a - b)) {
      if (below < times) return value;
      below -= times;
    }
    return null;
  }
}
