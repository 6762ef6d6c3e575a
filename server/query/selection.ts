import type { Registry } from "../../core/dissect/registry.ts";
import {
  checkFilter,
  fieldTable,
  type Filter,
  FilterError,
  parse,
} from "../../core/filter/mod.ts";
import type { Limits } from "../limits.ts";
import type { Metrics } from "../metrics.ts";
import { filterProblem, ProblemError } from "../problem.ts";
import type { Store } from "../store/store.ts";
import { Breath, Limiter } from "./limiter.ts";
import { inOrder, Orders, type Sort } from "./orders.ts";
import { type Condition, Pushdown } from "./pushdown.ts";
import { Search, type SearchStep } from "./search.ts";
import type { RowTest } from "../store/row_file.ts";

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
  /** How many were found so far. */
  readonly total: number;
  /** How many of those are remarks and no transactions. */
  readonly remarks: number;
  /** Whether nothing was left out. */
  readonly isEverything: boolean;
  /** Whether it is in another order than that of numbers. */
  readonly isSorted: boolean;
  /** Whether those are all. */
  readonly isComplete: boolean;
  /** Part of the capture that was looked at, 0 to 1. */
  readonly part: number;
  /** The number of the transaction at a place. */
  at(place: number): number;
  /** The first place whose number is at least `n`; of a sorted one, the place of `n`. */
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

/** Who asks, and how long they like to wait. */
export interface Asking {
  /** Aborts when they are gone. */
  readonly signal: AbortSignal;
  /** Those found within so many ms will do. */
  readonly waitMs?: number;
}

/** Rows of the index that are looked through between two breaths. */
const SCANNED = 65_536;

/** Finds transactions; of finished captures the numbers found are kept for the next page. */
export class Selector {
  readonly #options: SelectorOptions;
  readonly #limiter: Limiter;
  readonly #cache = new Map<string, Search>();
  readonly #orders: Orders;
  readonly #pushdown: Pushdown;

  constructor(options: SelectorOptions) {
    this.#options = options;
    const { searches, waitingSearches } = options.limits;
    this.#limiter = new Limiter(searches, waitingSearches);
    this.#orders = new Orders((id) => options.store.index(id));
    const { root, commands } = options.registry;
    this.#pushdown = new Pushdown(root, commands, options.store.kinds);
  }

  /** Makes what the first filter needs, which takes as long as a question does. */
  prepare(): void {
    fieldTable(this.#options.registry);
  }

  /** Compiles a filter. Throws 422 with the place of the fault. */
  compile(text: string): Filter {
    return this.#compile(text).passes;
  }

  #compile(text: string): { passes: Filter; condition: Condition | null } {
    const { limits, registry, showSecrets } = this.#options;
    if (text.length > limits.filterLength) {
      throw new ProblemError(
        422,
        `A filter has at most ${limits.filterLength} characters.`,
        { offset: limits.filterLength, length: 0, suggestion: null },
      );
    }
    try {
      const expression = parse(text);
      const passes = checkFilter(expression, fieldTable(registry), { showSecrets });
      const condition = expression && this.#pushdown.conditionOf(expression);
      return { passes, condition };
    } catch (error) {
      throw error instanceof FilterError ? filterProblem(error) : error;
    }
  }

  /** Runs long work over so many rows in turn with the other searches. */
  run<T>(
    work: (breath: Breath) => Promise<T>,
    rows: number,
    signal: AbortSignal,
  ): Promise<T> {
    const { metrics, limits: { searchMs } } = this.#options;
    metrics.add("iggyscope_searches_total");
    return this.#limiter.run(() => work(new Breath(searchMs, signal)), rows, signal);
  }

  /** The transactions chosen of a capture. */
  async select(
    id: string,
    choice: Choice,
    { signal, waitMs }: Asking,
  ): Promise<Selection> {
    const { filter = "", from, to } = choice;
    const { store } = this.#options;
    const compiled = this.#compile(filter);
    const index = store.index(id);
    if (filter.trim() === "" && from === undefined && to === undefined) {
      return everything(index.count, index.remarks().length);
    }
    const key = `${id} ${from ?? ""} ${to ?? ""} ${filter}`;
    let search = this.#cache.get(key);
    if (search === undefined) {
      const { passes, condition } = compiled;
      search = new Search((step) => this.#find(id, choice, passes, condition, step));
      // What was found of a capture that grows is out of date at once.
      if (store.get(id).state === "ready") this.#remember(key, search);
    } else {
      this.#cache.delete(key);
      this.#cache.set(key, search);
    }
    await search.wait(signal, waitMs);
    const found = listed(search.numbers, search.isDone, search.part);
    let remarks = 0;
    for (const n of store.index(id).remarks()) {
      const place = found.placeOf(n);
      if (place < found.total && found.at(place) === n) remarks++;
    }
    return { ...found, remarks };
  }

  /**
   * The same in another order, once all of it is found; nothing before. Throws 409 while the
   * capture is not complete.
   */
  async sorted(
    id: string,
    selection: Selection,
    sort: Sort,
    signal: AbortSignal,
  ): Promise<Selection> {
    const { store } = this.#options;
    if (store.get(id).state !== "ready") throw new ProblemError(409, "Not yet complete.");
    if (!selection.isComplete) {
      return { ...selection, total: 0, remarks: 0, isSorted: true };
    }
    const order = await this.run(
      (breath) => this.#orders.of(id, sort, breath),
      selection.total,
      signal,
    );
    return inOrder(selection, order, sort.startsWith("-"));
  }

  #find(
    id: string,
    { filter = "", from = -Infinity, to = Infinity }: Choice,
    passes: Filter,
    condition: Condition | null,
    step: SearchStep,
  ): Promise<void> {
    const { store } = this.#options;
    const isEverything = filter.trim() === "";
    const needsFilter = !isEverything && condition?.isExact !== true;
    const test = withinTime(condition?.test ?? null, from, to);
    const { count } = store.index(id);
    // Looking through the index is quick; only what has to be decoded waits for its turn.
    const rows = needsFilter ? count : Math.ceil(count / 100);
    return this.run(
      async (breath) => {
        for (let first = 0; first < count; first += SCANNED) {
          const end = Math.min(count, first + SCANNED);
          const candidates = test && store.index(id).matching(first, end, test);
          const most = candidates?.length ?? end - first;
          for (let place = 0; place < most; place++) {
            const n = candidates?.[place] ?? first + place;
            if (!needsFilter || passes(store.index(id).transaction(n))) step.found(n);
            if (!needsFilter || !breath.due) continue;
            step.reached(n, count);
            await breath.take();
          }
          step.reached(end, count);
          if (breath.due) await breath.take();
        }
      },
      rows,
      step.signal,
    );
  }

  #remember(key: string, search: Search): void {
    this.#cache.set(key, search);
    const forget = () => {
      if (this.#cache.get(key) === search) this.#cache.delete(key);
    };
    search.done.then(() => this.#trim(), forget);
  }

  #trim(): void {
    const sizeOf = (key: string, search: Search) => search.byteLength + key.length * 2;
    let total = this.#cache.entries().reduce((sum, entry) => sum + sizeOf(...entry), 0);
    for (const [oldest, search] of this.#cache) {
      if (total <= CACHE_BYTES) break;
      if (!search.isDone) continue;
      total -= sizeOf(oldest, search);
      this.#cache.delete(oldest);
    }
  }
}

/** Rows that pass a test, if there is one, and lie within a time, if it has ends. */
function withinTime(test: RowTest | null, from: number, to: number): RowTest | null {
  if (from === -Infinity && to === Infinity) return test;
  return (view) => {
    const passes = test?.(view) ?? new Uint8Array(view.length).fill(1);
    const times = view.column("time");
    for (let i = 0; i < passes.length; i++) {
      if (!(times[i]! >= from && times[i]! < to)) passes[i] = 0;
    }
    return passes;
  };
}

function everything(total: number, remarks: number): Selection {
  return {
    total,
    remarks,
    isEverything: true,
    isSorted: false,
    isComplete: true,
    part: 1,
    at: (place) => place,
    placeOf: (n) => Math.min(n, total),
  };
}

function listed(
  numbers: Uint32Array,
  isComplete: boolean,
  part: number,
): Omit<Selection, "remarks"> {
  return {
    total: numbers.length,
    isEverything: false,
    isSorted: false,
    isComplete,
    part,
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
