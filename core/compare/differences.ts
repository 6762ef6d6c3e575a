import type { Leaves } from "./leaves.ts";

/** One field, without indices, that differs between transactions that belong together. */
export interface FieldDifference {
  readonly command: string;
  /** `request.version`, `response.topics.id`. */
  readonly path: string;
  /** Pairs in which it differs. */
  count: number;
  /** The values of the first such pair; null where a side has none. */
  readonly a: string | null;
  readonly b: string | null;
  /** The transactions of that pair. */
  readonly inA: number;
  readonly inB: number;
}

/** Differences by command and field. */
export class Differences {
  readonly #fields = new Map<string, FieldDifference>();
  /** Leaves of the first side that wait for those of the second. */
  readonly #waiting = new Map<number, Leaves>();

  /** Keeps the values of a transaction of the first capture, by the place of its pair. */
  keep(pair: number, leaves: Leaves): void {
    this.#waiting.set(pair, leaves);
  }

  /** Compares a transaction of the second capture with the one kept for its pair. */
  compare(
    pair: number,
    command: string,
    [inA, inB]: readonly [number, number],
    b: Leaves,
  ): void {
    const a = this.#waiting.get(pair);
    if (a === undefined) return;
    this.#waiting.delete(pair);
    const seen = new Set<string>();
    for (const path of new Set([...a.keys(), ...b.keys()])) {
      const [left, right] = [a.get(path) ?? null, b.get(path) ?? null];
      if (left === right) continue;
      const form = path.replaceAll(/\.\d+/g, "");
      if (seen.has(form)) continue;
      seen.add(form);
      const key = `${command} ${form}`;
      const known = this.#fields.get(key);
      if (known !== undefined) known.count++;
      else {
        const difference = { command, path: form, count: 1, a: left, b: right, inA, inB };
        this.#fields.set(key, difference);
      }
    }
  }

  /** All that was found, commands and fields in the order they first differed. */
  get list(): readonly FieldDifference[] {
    return [...this.#fields.values()];
  }
}
