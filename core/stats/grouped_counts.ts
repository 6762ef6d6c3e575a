import type { Counted } from "./counted.ts";
import { Counters, OTHERS } from "./counters.ts";
import { type Group, ordered } from "./order.ts";

/** Groups kept at most; further ones count together as {@link OTHERS}. */
export const MAX_GROUPS = 10_000;

/** Counters by a key, in bounded memory. */
export class GroupedCounts {
  readonly #groups = new Map<string | null, Counters>();

  /** Counts a transaction in the group of a key; null stands for an unknown one. */
  add(key: string | null, counted: Counted): void {
    this.#group(key).add(counted);
  }

  #group(key: string | null): Counters {
    let group = this.#groups.get(key);
    if (group !== undefined) return group;
    if (this.#groups.size >= MAX_GROUPS && key !== OTHERS) return this.#group(OTHERS);
    group = new Counters();
    this.#groups.set(key, group);
    return group;
  }

  /** All groups together. */
  get total(): Counters {
    const total = new Counters();
    for (const counters of this.#groups.values()) total.merge(counters);
    return total;
  }

  /** The groups, largest first; the key is null of what has none. */
  get groups(): Group[] {
    return ordered([...this.#groups]);
  }
}
