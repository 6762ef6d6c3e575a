/**
 * Rows of transactions for the table, fetched by windows as they come into view.
 *
 * @module
 */
import type { RowPage, TransactionRow } from "../../api.ts";
import { load } from "./client.ts";

/** Rows by place; those that are not here yet are undefined. */
export interface RowSource {
  readonly total: number;
  row(index: number): TransactionRow | undefined;
  /** Tells which rows are in view. */
  want(first: number, end: number): void;
}

const PAGE = 100;
/** Pages kept; the least recently used go first. */
const KEPT = 100;
/** A quick pass over many rows asks only for those it stops at, after so many ms. */
const REST = 40;
/** How long to wait for more of a search than its first rows, and until it is asked again. */
const WAIT = 200, AGAIN = 400;

/** The rows of a capture that pass a filter. */
export class CaptureRows implements RowSource {
  total = 0;
  /** How many of those are remarks and no transactions. */
  remarks = 0;
  /** Whether the first rows have come. */
  isReady = false;
  /** Whether all rows are found, or what part of the capture was looked at so far. */
  isComplete = true;
  part = 1;
  readonly #path: string;
  readonly #selection: Readonly<Record<string, string>>;
  readonly #changed: (error: unknown) => void;
  readonly #pages = new Map<number, readonly TransactionRow[]>();
  readonly #running = new Map<number, AbortController>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;

  /** `changed` is called when rows have come, or with the reason why they have not. */
  constructor(
    capture: string,
    selection: Readonly<Record<string, string>>,
    changed: (error: unknown) => void,
  ) {
    this.#path = `captures/${encodeURIComponent(capture)}/transactions`;
    this.#selection = selection;
    this.#changed = changed;
    this.#fetch(0);
  }

  row(index: number): TransactionRow | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  want(first: number, end: number): void {
    clearTimeout(this.#timer);
    const wanted: number[] = [];
    for (let page = Math.floor(first / PAGE); page * PAGE < end; page++) {
      const rows = this.#pages.get(page);
      if (rows === undefined) wanted.push(page);
      else {
        this.#pages.delete(page); // last in the map is last used
        this.#pages.set(page, rows);
      }
    }
    for (const [page, running] of this.#running) {
      if (wanted.includes(page) || this.total === 0) continue;
      running.abort();
      // It may be wanted again before it has ended.
      this.#running.delete(page);
    }
    if (wanted.length === 0) return;
    this.#timer = setTimeout(() => wanted.forEach((page) => this.#fetch(page)), REST);
  }

  /** Asks for what follows the last row, while a capture still grows. */
  refresh(): void {
    this.#fetch(Math.floor(this.total / PAGE));
  }

  /** The place of a transaction among the rows, or of the next one that passes. */
  async locate(transaction: number): Promise<number> {
    if (Object.keys(this.#selection).length === 0) return transaction;
    const { offset } = await this.#load({ at: transaction, limit: 1 });
    return offset;
  }

  /** Ends all requests. */
  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    for (const running of this.#running.values()) running.abort();
  }

  async #fetch(page: number): Promise<void> {
    if (this.#running.has(page)) return;
    const abort = new AbortController();
    this.#running.set(page, abort);
    try {
      const place = { offset: page * PAGE, limit: PAGE, wait: WAIT };
      const found = await this.#load(place, abort.signal);
      const { items, total, remarks, complete, searched } = found;
      this.total = total;
      this.remarks = remarks;
      this.isComplete = complete;
      this.part = searched;
      clearTimeout(this.#again);
      if (!complete) this.#again = setTimeout(() => this.refresh(), AGAIN);
      this.isReady = true;
      if (items.length > 0) this.#pages.set(page, items);
      for (const old of this.#pages.keys()) {
        if (this.#pages.size > KEPT) this.#pages.delete(old);
      }
      this.#changed(null);
    } catch (error) {
      if (!abort.signal.aborted) this.#changed(error);
    } finally {
      if (this.#running.get(page) === abort) this.#running.delete(page);
    }
  }

  #load(place: Readonly<Record<string, number>>, signal?: AbortSignal): Promise<RowPage> {
    const parameters = { view: "row", ...place, ...this.#selection };
    return load<RowPage>(this.#path, parameters, signal);
  }
}
