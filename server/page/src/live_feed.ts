/**
 * The live feed: keeps the newest transactions, resumes where it broke off, can be held.
 *
 * @module
 */
import type {
  LiveNotice,
  LiveStatistics,
  LiveTransaction,
  TransactionRow,
} from "../../api.ts";
import { apiUrl, ask, RefusedError } from "./client.ts";
import type { RowSource } from "./row_source.ts";
import { readEvents, type ServerEvent } from "./sse.ts";

/** Transactions kept in the page; older ones fall out. */
export const KEPT = 20_000;
/** Seconds of statistics kept. */
const SECONDS = 180;
/** So many of those before are shown at first. */
const BEGIN = 500;
/** News are drawn so often, in ms. */
const DRAW = 150;

/** What the feed has, to be drawn. */
export interface FeedState {
  readonly source: RowSource;
  readonly statistics: readonly LiveStatistics[];
  /** What happened to the feed, for people. */
  readonly notice: string;
  readonly isConnected: boolean;
  readonly isPaused: boolean;
  /** Transactions that came while it was held. */
  readonly waiting: number;
  readonly error: unknown;
}

/** What the feed has before it begins. */
export const EMPTY_FEED: FeedState = {
  source: snapshot([]),
  statistics: [],
  notice: "",
  isConnected: false,
  isPaused: false,
  waiting: 0,
  error: null,
};

/** Follows `GET /api/live`. */
export class LiveFeed {
  readonly #filter: string;
  readonly #changed: (state: FeedState) => void;
  readonly #abort = new AbortController();
  #shown: TransactionRow[] = [];
  #waiting: TransactionRow[] = [];
  #state: FeedState = EMPTY_FEED;
  #lastId: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(filter: string, changed: (state: FeedState) => void) {
    this.#filter = filter;
    this.#changed = changed;
    this.#run();
  }

  /** Holds the table; what comes is kept aside. */
  pause(): void {
    this.#set({ isPaused: true });
  }

  /** Shows what came meanwhile, and goes on. */
  resume(): void {
    this.#set({ isPaused: false });
    this.#draw();
  }

  /** Ends the feed. */
  close(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    for (let wait = 500; !signal.aborted; wait = Math.min(wait * 2, 10_000)) {
      try {
        const headers: Record<string, string> = { Accept: "text/event-stream" };
        if (this.#lastId !== null) headers["Last-Event-ID"] = this.#lastId;
        const url = apiUrl("live", { filter: this.#filter, last: BEGIN });
        const { body } = await ask(url, { headers, signal });
        this.#set({ isConnected: true, error: null });
        wait = 500;
        if (body !== null) {
          for await (const event of readEvents(body)) this.#take(event);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof RefusedError && ![429, 503].includes(error.problem.status)) {
          this.#set({ isConnected: false, error });
          return;
        }
      }
      this.#set({ isConnected: false, notice: "The connection broke; trying again." });
      await new Promise((done) => setTimeout(done, wait));
    }
  }

  #take({ event, data, id }: ServerEvent): void {
    if (id !== null) this.#lastId = id;
    if (event === "transaction") {
      const { row } = JSON.parse(data) as LiveTransaction;
      const last = this.#waiting.at(-1) ?? this.#shown.at(-1);
      if (last !== undefined && row.transaction <= last.transaction) {
        // The server was started anew and counts from 0: what was before is gone there.
        this.#shown = [];
        this.#waiting = [];
      }
      this.#waiting.push(row);
      if (this.#waiting.length > KEPT) this.#waiting.splice(0, KEPT / 4);
    } else if (event === "statistics") {
      const statistics = JSON.parse(data) as LiveStatistics;
      this.#state = {
        ...this.#state,
        statistics: [...this.#state.statistics, statistics].slice(-SECONDS),
      };
    } else if (event === "notice") {
      this.#state = { ...this.#state, notice: (JSON.parse(data) as LiveNotice).message };
    }
    this.#timer ??= setTimeout(() => this.#draw(), DRAW);
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#state.isPaused) {
      this.#set({ waiting: this.#waiting.length });
      return;
    }
    this.#shown = [...this.#shown, ...this.#waiting].slice(-KEPT);
    this.#waiting = [];
    this.#set({ source: snapshot(this.#shown), waiting: 0 });
  }

  #set(change: Partial<FeedState>): void {
    this.#state = { ...this.#state, ...change };
    if (!this.#abort.signal.aborted) this.#changed(this.#state);
  }
}

function snapshot(rows: readonly TransactionRow[]): RowSource {
  return { total: rows.length, row: (index) => rows[index], want() {} };
}
