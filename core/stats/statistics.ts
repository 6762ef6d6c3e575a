import type { Outcome } from "../dissect/outcome.ts";
import type { Transaction } from "../dissect/transaction.ts";
import { Counters } from "./counters.ts";
import { Timeline } from "./timeline.ts";
import { Traffic } from "./traffic.ts";

/** Groups kept at most; further ones are counted together. */
export const MAX_GROUPS = 10_000;
/** The key of transactions of further groups. */
export const OTHERS = "(others)";
/** The first length of a bucket where none is asked for, in ms. */
const FINEST = 1;

type KeyOf = (transaction: Transaction, traffic: Traffic) => string | null;

const host = (endpoint: string) => endpoint.slice(0, endpoint.lastIndexOf(":"));

/** What stands for the status of a transaction without a response. */
const NO_STATUS: Readonly<Partial<Record<Outcome, string>>> = {
  unanswered: "no response",
  one_way: "one way",
};

const KEYS = {
  command: ({ name, code }) => name ?? (code === null ? null : `code ${code}`),
  status: ({ statusName, failure, outcome }) =>
    failure ?? statusName ?? NO_STATUS[outcome ?? "ok"] ?? null,
  outcome: ({ outcome }) => outcome,
  stream: (_, { stream }) => stream,
  topic: (_, { topic }) => topic,
  partition: (_, { partition }) => partition,
  consumer: (_, { consumer }) => consumer,
  group: (_, { group }) => group,
  user: ({ conversation }) => conversation.user,
  client: ({ conversation }) => host(conversation.client),
  server: ({ conversation }) => conversation.server,
  conversation: ({ conversation }) => `${conversation.number}`,
} as const satisfies Readonly<Record<string, KeyOf>>;

/** What transactions may be grouped by. */
export type GroupBy = keyof typeof KEYS;

/** All that transactions may be grouped by. */
export const GROUPINGS = Object.keys(KEYS) as readonly GroupBy[];

/** How {@link Statistics} count. */
export interface StatisticsOptions {
  /** Default: by command. */
  by?: GroupBy;
  /** Length of a bucket of the timeline in seconds; default: whatever shows the whole well. */
  interval?: number;
}

/** A consumer's last known place in a partition. */
export interface ConsumerOffsets {
  /** `stream/topic/partition` */
  readonly partition: string;
  /** `stream/topic group workers` */
  readonly consumer: string;
  /** Last offset it was given; null where nothing told. */
  readonly polled: bigint | null;
  /** Last offset it stored, or the server said it had. */
  readonly stored: bigint | null;
  /** Newest offset of the partition. */
  readonly newest: bigint | null;
}

/**
 * Counts transactions as they come, in memory that does not grow with their number: by one
 * key, over time, and how far consumers are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const statistics = new Statistics({ by: "topic" });
 * assertEquals([statistics.total.count, statistics.groups], [0, []]);
 * ```
 */
export class Statistics {
  readonly by: GroupBy;
  readonly timeline: Timeline;
  readonly #groups = new Map<string | null, Counters>();
  readonly #offsets = new Map<string, ConsumerOffsets>();

  constructor({ by = "command", interval }: StatisticsOptions = {}) {
    this.by = by;
    this.timeline = interval === undefined
      ? new Timeline(FINEST, false)
      : new Timeline(interval * 1000);
  }

  add(transaction: Transaction): void {
    if (transaction.request === null && transaction.response === null) return;
    const traffic = new Traffic(transaction);
    const group = this.#group(KEYS[this.by](transaction, traffic));
    group.add(transaction);
    group.addTraffic(traffic);
    this.timeline.add(transaction);
    this.#follow(traffic);
  }

  #group(key: string | null): Counters {
    let group = this.#groups.get(key);
    if (group !== undefined) return group;
    if (this.#groups.size >= MAX_GROUPS && key !== OTHERS) return this.#group(OTHERS);
    group = new Counters();
    this.#groups.set(key, group);
    return group;
  }

  #follow(traffic: Traffic): void {
    if (!traffic.isOk) return;
    const { partition, consumer } = traffic;
    if (partition === null || consumer === null) return;
    const polled = traffic.polled?.last ?? null;
    const key = `${partition} ${consumer}`;
    const before = this.#offsets.get(key);
    if (before === undefined && this.#offsets.size >= MAX_GROUPS) return;
    this.#offsets.set(key, {
      partition,
      consumer,
      polled: polled ?? before?.polled ?? null,
      stored: traffic.stores ?? (traffic.commits ? polled : null) ?? traffic.stored ??
        before?.stored ?? null,
      newest: traffic.newest ?? before?.newest ?? null,
    });
  }

  /** All groups together. */
  get total(): Counters {
    const total = new Counters();
    for (const counters of this.#groups.values()) total.merge(counters);
    return total;
  }

  /** The groups, largest first; the key is null of what has none. */
  get groups(): [key: string | null, counters: Counters][] {
    return [...this.#groups].sort(([a, one], [b, other]) =>
      other.count - one.count || ((a ?? "") < (b ?? "") ? -1 : 1)
    );
  }

  /** How far each consumer is in each partition, in order of name. */
  get offsets(): ConsumerOffsets[] {
    return [...this.#offsets].sort(([a], [b]) => a < b ? -1 : 1).map(([, one]) => one);
  }
}
