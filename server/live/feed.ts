import type { Transaction } from "../../core/dissect/transaction.ts";
import { escapeJson } from "../../core/export/printable.ts";
import type { Filter } from "../../core/filter/mod.ts";
import type { JsonOptions } from "../../core/schema/mod.ts";
import { countedOf, Counters, seriesRecord } from "../../core/stats/mod.ts";
import type { LiveNotice, LiveStatistics, TransactionRow } from "../api.ts";
import type { Limits } from "../limits.ts";
import type { Metrics } from "../metrics.ts";
import { ProblemError } from "../problem.ts";
import { TrafficMetrics } from "./traffic_metrics.ts";
import { NameBook } from "../query/name_book.ts";
import { rowOf } from "../query/row.ts";

const SECOND_MS = 1000;
/** Seconds of statistics kept for those who come later. */
const MAX_SECONDS = 180;

/** A transaction in the ring. */
interface Entry {
  readonly transaction: Transaction;
  readonly bytes: number;
  /** Its event, once a listener needed it. */
  event: Uint8Array | null;
}

/** What a feed works with. */
export interface FeedOptions {
  readonly limits: Pick<Limits, "ring" | "ringBytes" | "listeners" | "listenerBytes">;
  readonly metrics: Metrics;
  readonly json: JsonOptions;
}

/** What a listener wants. */
export interface Subscription {
  readonly filter: Filter;
  /** The filter lets everything pass. */
  readonly isEverything: boolean;
  /** Where it was before, as the header `Last-Event-ID` says. */
  readonly lastEventId: string | null;
  /** Without that: so many of the last transactions come first. */
  readonly last: number;
}

/**
 * Live transactions: a ring of the last ones and its listeners. Each listener reads from the
 * ring at its own pace; one that falls out of it is told so and dropped.
 */
export class LiveFeed {
  readonly #options: FeedOptions;
  /** Tells the events of this run from those of an earlier one. */
  readonly #run = crypto.randomUUID().slice(0, 8);
  readonly #ring = new Map<number, Entry>();
  readonly #listeners = new Set<Listener>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #failures: Uint8Array[] = [];
  readonly #traffic: TrafficMetrics;
  #bytes = 0;
  /** Number of the next transaction. */
  #next = 0;
  /** Transactions so far; remarks are none. */
  #total = 0;
  #second = new Counters();
  readonly #seconds: Uint8Array[] = [];
  readonly #names = new NameBook();
  /** What sources say they could not see. */
  dropped = 0;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#traffic = new TrafficMetrics(options.metrics);
    this.#timer = setInterval(() => this.#tick(), SECOND_MS);
  }

  /** Number of the oldest transaction kept. */
  get #first(): number {
    return this.#next - this.#ring.size;
  }

  /** Takes a transaction from a source. */
  add(transaction: Transaction): void {
    const { limits, metrics } = this.#options;
    const bytes = (transaction.request?.bytes.length ?? 0) +
      (transaction.response?.bytes.length ?? 0);
    this.#ring.set(this.#next++, { transaction, bytes, event: null });
    this.#bytes += bytes;
    while (this.#ring.size > limits.ring || this.#bytes > limits.ringBytes) {
      if (this.#ring.size === 1) break;
      const oldest = this.#first;
      this.#bytes -= this.#ring.get(oldest)!.bytes;
      this.#ring.delete(oldest);
    }
    this.#names.learn(transaction);
    if (!transaction.isRemark) {
      this.#total++;
      this.#second.add(countedOf(transaction, null));
      metrics.add("iggyscope_live_transactions_total");
      this.#traffic.add(transaction);
    }
    for (const listener of this.#listeners) listener.pump();
  }

  /** Sets the gauges of live traffic. */
  refreshMetrics(): void {
    this.#traffic.refresh();
  }

  /** The transaction of a number, while it is in the ring. Throws 404. */
  transaction(n: number): Transaction {
    const entry = this.#ring.get(n);
    if (entry === undefined) {
      throw new ProblemError(404, "The transaction is not in the ring, or no more.");
    }
    return entry.transaction;
  }

  /** Events for one listener, until it goes. Throws 503 when there are too many. */
  subscribe(subscription: Subscription): ReadableStream<Uint8Array> {
    const { limits } = this.#options;
    if (this.#listeners.size >= limits.listeners) {
      throw new ProblemError(503, "Too many listeners.", {}, { "retry-after": "5" });
    }
    const { filter, isEverything, lastEventId } = subscription;
    const listener: Listener = new Listener(filter, isEverything, {
      entry: (n) => this.#ring.get(n) ?? null,
      event: (n) => this.#event(n),
      bounds: () => ({ first: this.#first, next: this.#next }),
      gone: (isSlow) => {
        if (!this.#listeners.delete(listener)) return;
        if (isSlow) this.#options.metrics.add("iggyscope_live_dropped_total");
        this.#countListeners();
      },
    }, limits.listenerBytes);
    this.#listeners.add(listener);
    this.#countListeners();
    for (const event of this.#failures) listener.tell(event);
    if (isEverything && (lastEventId ?? "") === "") {
      for (const event of this.#seconds) listener.tell(event);
    }
    this.#place(listener, subscription);
    listener.counted = this.#next;
    return listener.stream;
  }

  /** Tells all listeners what became of a source. */
  notice(kind: "ended" | "failed" | "proxy", message: string): void {
    const event = noticeEvent({ kind, message, missed: 0 });
    // Who comes later is told as well why nothing comes.
    if (kind === "failed") this.#failures.push(event);
    for (const listener of this.#listeners) listener.tell(event);
  }

  /** Ends all streams. */
  close(): void {
    clearInterval(this.#timer);
    this.notice("ended", "The server is stopping.");
    for (const listener of [...this.#listeners]) listener.close();
  }

  /** Says where a listener begins. */
  #place(listener: Listener, { lastEventId, last }: Subscription): void {
    const [run, number] = (lastEventId ?? "").split("-");
    if (run === this.#run && /^\d{1,15}$/.test(number ?? "")) {
      listener.next = Math.min(Number(number) + 1, this.#next);
      const missed = this.#first - listener.next;
      if (missed > 0) {
        listener.next = this.#first;
        listener.tell(noticeEvent({
          kind: "missed",
          message: `${missed} transactions are no longer kept.`,
          missed,
        }));
      }
    } else {
      const isOlder = lastEventId !== null && lastEventId !== "";
      listener.next = isOlder ? this.#first : Math.max(this.#first, this.#next - last);
      if (isOlder) {
        const message = "The server was started anew since.";
        listener.tell(noticeEvent({ kind: "missed", message, missed: 0 }));
      }
    }
    listener.pump();
  }

  #event(n: number): Uint8Array {
    const entry = this.#ring.get(n)!;
    if (entry.event === null) {
      const row: TransactionRow = {
        ...rowOf(entry.transaction, this.#options.json, (key) => this.#names.nameOf(key)),
        transaction: n,
      };
      entry.event = sse("transaction", { row }, `${this.#run}-${n}`);
    }
    return entry.event;
  }

  #tick(): void {
    const time = Date.now() / 1000;
    const { dropped } = this;
    const eventOf = (second: Counters, total: number) => {
      const statistics: LiveStatistics = {
        time,
        ...seriesRecord(second),
        total,
        dropped,
      };
      return sse("statistics", statistics);
    };
    const event = eventOf(this.#second, this.#total);
    this.#second = new Counters();
    this.#seconds.push(event);
    if (this.#seconds.length > MAX_SECONDS) this.#seconds.shift();
    for (const listener of this.#listeners) {
      const own = listener.takeSecond();
      listener.tell(own === null ? event : eventOf(own.second, own.total));
    }
  }

  #countListeners(): void {
    this.#options.metrics.set("iggyscope_live_listeners", this.#listeners.size);
  }
}

/** What a listener reads from. */
interface Ring {
  entry(n: number): Entry | null;
  event(n: number): Uint8Array;
  bounds(): { first: number; next: number };
  gone(isSlow: boolean): void;
}

/** One open connection. */
class Listener {
  readonly stream: ReadableStream<Uint8Array>;
  /** Number of the transaction it gets next. */
  next = 0;
  /** Number of the first transaction that its own counters count. */
  counted = 0;
  readonly #filter: Filter;
  readonly #ring: Ring;
  /** What passed its filter in this second, and since it came; null where all passes. */
  #own: { second: Counters; total: number } | null;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;

  constructor(filter: Filter, isEverything: boolean, ring: Ring, mostBytes: number) {
    this.#filter = filter;
    this.#own = isEverything ? null : { second: new Counters(), total: 0 };
    this.#ring = ring;
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
        controller.enqueue(encoder.encode("retry: 1000\n\n"));
      },
      pull: () => this.pump(),
      cancel: () => {
        this.#controller = null;
        ring.gone(false);
      },
    }, { highWaterMark: mostBytes, size: (chunk) => chunk.length });
  }

  /** Sends what it has not seen, as far as it takes it. */
  pump(): void {
    const { first, next } = this.#ring.bounds();
    if (this.next < first && this.#controller !== null) return this.#drop(first);
    while (this.next < next && this.#hasRoom()) {
      const n = this.next++;
      const entry = this.#ring.entry(n);
      if (entry !== null && this.#filter(entry.transaction)) {
        const isCounted = n >= this.counted && !entry.transaction.isRemark;
        if (this.#own !== null && isCounted) {
          this.#own.second.add(countedOf(entry.transaction, null));
          this.#own.total++;
        }
        this.#controller?.enqueue(this.#ring.event(n));
      }
    }
  }

  /** What passed its filter in the second that ends; null where everything does. */
  takeSecond(): { second: Counters; total: number } | null {
    if (this.#own === null) return null;
    const ended = this.#own;
    this.#own = { second: new Counters(), total: ended.total };
    return ended;
  }

  /** Sends something else, where there is room. */
  tell(event: Uint8Array): void {
    if (this.#hasRoom()) this.#controller?.enqueue(event);
  }

  close(): void {
    this.#controller?.close();
    this.#controller = null;
    this.#ring.gone(false);
  }

  #hasRoom(): boolean {
    return (this.#controller?.desiredSize ?? 0) > 0;
  }

  #drop(first: number): void {
    const missed = first - this.next;
    const message = `Too slow: ${missed} transactions passed unseen.`;
    this.#controller?.enqueue(noticeEvent({ kind: "slow", message, missed }));
    this.#controller?.close();
    this.#controller = null;
    this.#ring.gone(true);
  }
}

const encoder = new TextEncoder();

function noticeEvent(notice: LiveNotice): Uint8Array {
  return sse("notice", notice);
}

function sse(event: string, data: object, id?: string): Uint8Array {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  const json = escapeJson(JSON.stringify(data));
  return encoder.encode(`${idLine}event: ${event}\ndata: ${json}\n\n`);
}
