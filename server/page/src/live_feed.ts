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
import { LiveChannel } from "./live_channel.ts";
import type { RowSource } from "./row_source.ts";
import type { ServerEvent } from "./sse.ts";

/** Transactions kept in the page; older ones fall out. */
export const KEPT = 20_000;
/** Seconds of statistics kept. */
const SECONDS = 180;
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
  readonly #changed: (state: FeedState) => void;
  readonly #channel: LiveChannel;
  #isClosed = false;
  #shown: TransactionRow[] = [];
  #waiting: TransactionRow[] = [];
  #state: FeedState = EMPTY_FEED;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(filter: string, changed: (state: FeedState) => void) {
    this.#changed = changed;
    this.#channel = new LiveChannel(filter, {
      event: (event) => this.#take(event),
      state: (isConnected, notice) =>
        this.#set({
          isConnected,
          error: null,
          ...notice === null ? {} : { notice },
        }),
      refused: (error) => this.#set({ isConnected: false, error }),
    });
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
    this.#isClosed = true;
    this.#channel.close();
    clearTimeout(this.#timer);
  }

  #take({ event, data }: ServerEvent): void {
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
      // Told again after the server was started anew, or of another tab.
      if (statistics.time <= (this.#state.statistics.at(-1)?.time ?? 0)) return;
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
    if (!this.#isClosed) this.#changed(this.#state);
  }
}

function snapshot(rows: readonly TransactionRow[]): RowSource {
  return { total: rows.length, row: (index) => rows[index], want() {} };
}
