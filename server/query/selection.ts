import type { Registry } from "../../core/dissect/registry.ts";
import { compileFilter, type Filter, FilterError } from "../../core/filter/mod.ts";
import type { Limits } from "../limits.ts";
import type { Metrics } from "../metrics.ts";
import { filterProblem, ProblemError } from "../problem.ts";
import type { Store } from "../store/store.ts";
import { Breath, Limiter } from "./limiter.ts";

/** Bytes of results kept. */
const CACHE_BYTES = 32 * 1024 * 1024;

/** Which transactions are meant. */
export interface Choice {
  /** Display filter; empty for all. */
  readonly filter?: string;
  /** Seconds since the epoch of the request; `to` is not included. */
  readonly from?: number;
  readonly to?: number;
}

/** Transactions chosen, in order. */
export interface Selection {
  readonly total: number;
  /** The number of the transaction at a place. */
  at(place: number): number;
  /** The first place whose number is at least `n`. */
  placeOf(n: number): number;
}

/** What a {@link Selector} works with. */
export interface SelectorOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly showSecrets: boolean;
}

/** Finds transactions; of finished captures the numbers found are kept for the next page. */
export class Selector {
  readonly #options: SelectorOptions;
  readonly #limiter: Limiter;
  readonly #cache = new Map<string, Promise<Uint32Array>>();
  readonly #sizes = new Map<string, number>();

  constructor(options: SelectorOptions) {
    this.#options = options;
    const { searches, waitingSearches } = options.limits;
    this.#limiter = new Limiter(searches, waitingSearches);
  }

  /** Compiles a filter. Throws 422 with the place of the fault. */
  compile(text: string): Filter {
    const { limits, registry, showSecrets } = this.#options;
    if (text.length > limits.filterLength) {
      throw new ProblemError(
        422,
        `A filter has at most ${limits.filterLength} characters.`,
        { offset: limits.filterLength, length: 0, suggestion: null },
      );
    }
    try {
      return compileFilter(text, registry, { showSecrets });
    } catch (error) {
      throw error instanceof FilterError ? filterProblem(error) : error;
    }
  }

  /** Runs long work in turn with the other searches. */
  run<T>(work: (breath: Breath) => Promise<T>): Promise<T> {
    this.#options.metrics.add("iggyscope_searches_total");
    return this.#limiter.run(() => work(new Breath(this.#options.limits.searchMs)));
  }

  /** The transactions chosen of a capture. */
  async select(id: string, choice: Choice): Promise<Selection> {
    const { filter = "", from, to } = choice;
    const passes = this.compile(filter);
    const index = this.#options.store.index(id);
    if (filter.trim() === "" && from === undefined && to === undefined) {
      return everything(index.count);
    }
    const { state } = this.#options.store.get(id);
    if (state !== "ready") return listed(await this.#find(id, choice, passes));
    const key = `${id} ${from ?? ""} ${to ?? ""} ${filter}`;
    let found = this.#cache.get(key);
    if (found === undefined) {
      found = this.#find(id, choice, passes);
      this.#cache.set(key, found);
      found.then(
        ({ byteLength }) => this.#keep(key, byteLength),
        () => this.#cache.delete(key),
      );
    } else {
      this.#cache.delete(key);
      this.#cache.set(key, found);
    }
    return listed(await found);
  }

  #find(id: string, choice: Choice, passes: Filter): Promise<Uint32Array> {
    const { filter = "", from = -Infinity, to = Infinity } = choice;
    return this.run(async (breath) => {
      const { store } = this.#options;
      const isTimed = from > -Infinity || to < Infinity;
      const candidates = isTimed ? store.index(id).between(from, to) : null;
      if (candidates !== null && filter.trim() === "") return candidates;
      const count = candidates?.length ?? store.index(id).count;
      const found = new Numbers();
      for (let place = 0; place < count; place++) {
        const n = candidates?.[place] ?? place;
        if (passes(store.index(id).transaction(n))) found.push(n);
        if (breath.due) await breath.take();
      }
      return found.finish();
    });
  }

  #keep(key: string, bytes: number): void {
    this.#sizes.set(key, bytes + key.length * 2);
    let total = this.#sizes.values().reduce((sum, size) => sum + size, 0);
    for (const oldest of this.#cache.keys()) {
      if (total <= CACHE_BYTES) break;
      total -= this.#sizes.get(oldest) ?? 0;
      this.#sizes.delete(oldest);
      this.#cache.delete(oldest);
    }
  }
}

/** A list of numbers that grows. */
class Numbers {
  #list = new Uint32Array(1024);
  #count = 0;

  push(n: number): void {
    if (this.#count === this.#list.length) {
      const grown = new Uint32Array(this.#count * 2);
      grown.set(this.#list);
      this.#list = grown;
    }
    this.#list[this.#count++] = n;
  }

  finish(): Uint32Array {
    return this.#list.slice(0, this.#count);
  }
}

function everything(total: number): Selection {
  return { total, at: (place) => place, placeOf: (n) => Math.min(n, total) };
}

function listed(numbers: Uint32Array): Selection {
  return {
    total: numbers.length,
    at: (place) => numbers[place]!,
    placeOf(n) {
      let low = 0, high = numbers.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (numbers[middle]! < n) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}
