import type { Outcome } from "../dissect/outcome.ts";
import type { Transaction } from "../dissect/transaction.ts";
import { Counters } from "./counters.ts";
import { Offsets } from "./offsets.ts";
import { type Group, ordered } from "./order.ts";
import { Timeline } from "./timeline.ts";
import { Traffic } from "./traffic.ts";

/** Groups kept at most; further ones are counted together. */
export const MAX_GROUPS = 10_000;
/** The key of transactions of further groups. */
export const OTHERS = "(others)";
/** What stands between the parts of a key of several; a part that is not known is empty. */
const BETWEEN = " | ";
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
  conversation: ({ conversation }) => conversation.label,
  endpoints: ({ conversation }) => `${conversation.client} → ${conversation.server}`,
} as const satisfies Readonly<Record<string, KeyOf>>;

/** What transactions may be grouped by. */
export type GroupBy = keyof typeof KEYS;

/** All that transactions may be grouped by. */
export const GROUPINGS = Object.keys(KEYS) as readonly GroupBy[];

/** How {@link Statistics} count. */
export interface StatisticsOptions {
  /** One key or several together; default: by command. */
  by?: GroupBy | readonly GroupBy[];
  /** Length of a bucket of the timeline in seconds; default: whatever shows the whole well. */
  interval?: number;
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
  /** The keys, with commas between them. */
  readonly by: string;
  readonly #keys: readonly GroupBy[];
  readonly timeline: Timeline;
  readonly #groups = new Map<string | null, Counters>();
  /** How far consumers are. */
  readonly offsets = new Offsets();

  constructor({ by = "command", interval }: StatisticsOptions = {}) {
    this.#keys = typeof by === "string" ? [by] : by;
    this.by = this.#keys.join(",");
    this.timeline = interval === undefined
      ? new Timeline(FINEST, false)
      : new Timeline(interval * 1000);
  }

  add(transaction: Transaction): void {
    if (transaction.request === null && transaction.response === null) return;
    const traffic = new Traffic(transaction);
    const keys = this.#keys.map((key) => KEYS[key](transaction, traffic));
    const group = this.#group(keys.length === 1 ? keys[0]! : keys.join(BETWEEN));
    group.add(transaction);
    group.addTraffic(traffic);
    this.timeline.add(transaction);
    this.offsets.add(transaction, traffic);
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
