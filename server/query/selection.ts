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
import { type Condition, conditionOf } from "./pushdown.ts";
import { Search, type SearchStep } from "./search.ts";

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

/** Rows that SQL looks through between two breaths. */
const SQL_ROWS = 50_000;
/** Numbers that one question to SQL gives at most. */
const FOUND_ROWS = 50_000;

/** Finds transactions; of finished captures the numbers found are kept for the next page. */
export class Selector {
  readonly #options: SelectorOptions;
  readonly #limiter: Limiter;
  readonly #cache = new Map<string, Search>();
  readonly #orders: Orders;

  constructor(options: SelectorOptions) {
    this.#options = options;
    const { searches, waitingSearches } = options.limits;
    this.#limiter = new Limiter(searches, waitingSearches);
    this.#orders = new Orders((id) => options.store.index(id));
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
      const condition = expression && conditionOf(expression, registry.root);
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
      return everything(index.count);
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
    return listed(search.numbers, search.isDone, search.part);
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
    if (!selection.isComplete) return { ...selection, total: 0, isSorted: true };
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
    const parts = condition === null ? [] : [condition];
    if (from > -Infinity) parts.push({ sql: "time >= ?", values: [from], isExact: true });
    if (to < Infinity) parts.push({ sql: "time < ?", values: [to], isExact: true });
    const told = parts.length === 0 ? null : {
      sql: parts.map(({ sql }) => sql).join(" AND "),
      values: parts.flatMap(({ values }) => values),
    };
    // A sign before n keeps SQLite from going by numbers where there is something better.
    const better = told && { ...told, sql: told.sql.replaceAll("(n ", "(+n ") };
    const needsFilter = !parts.every(({ isExact }) => isExact) ||
      condition === null && !isEverything;
    const { count } = store.index(id);
    const isIndexed = better !== null && store.index(id).isIndexed(better);
    const sought = isIndexed ? better : told;
    // Where an index leads to them, all are found at once; else some rows are looked at.
    const rowsAtOnce = isIndexed ? count : SQL_ROWS;
    const rows = needsFilter && !isIndexed ? count : Math.ceil(count / 100);
    return this.run(
      async (breath) => {
        for (let from = 0; from < count;) {
          let end = Math.min(count, from + rowsAtOnce);
          const index = store.index(id);
          const candidates = sought && index.matching(from, end, sought, {
            limit: FOUND_ROWS,
            byIndex: isIndexed,
          });
          if (candidates?.length === FOUND_ROWS) end = candidates.at(-1)! + 1;
          const most = candidates?.length ?? end - from;
          for (let place = 0; place < most; place++) {
            const n = candidates?.[place] ?? from + place;
            if (!needsFilter || passes(store.index(id).transaction(n))) step.found(n);
            if (!breath.due) continue;
            step.reached(n, count);
            await breath.take();
          }
          step.reached(end, count);
          if (breath.due) await breath.take();
          from = end;
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

function everything(total: number): Selection {
  return {
    total,
    isEverything: true,
    isSorted: false,
    isComplete: true,
    part: 1,
    at: (place) => place,
    placeOf: (n) => Math.min(n, total),
  };
}

function listed(numbers: Uint32Array, isComplete: boolean, part: number): Selection {
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
