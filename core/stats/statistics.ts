import { hostOf } from "../net/endpoint.ts";
import type { Outcome } from "../dissect/outcome.ts";
import type { Transaction } from "../dissect/transaction.ts";
import { countedOf } from "./counted.ts";
import type { Counters } from "./counters.ts";
import { GroupedCounts } from "./grouped_counts.ts";
import { Offsets } from "./offsets.ts";
import type { Group } from "./order.ts";
import { Timeline } from "./timeline.ts";
import { Traffic } from "./traffic.ts";

/** What stands between the parts of a key of several; a part that is not known is empty. */
const BETWEEN = " | ";
/** The first length of a bucket where none is asked for, in ms. */
const FINEST = 1;

type KeyOf = (transaction: Transaction, traffic: Traffic) => string | null;

/** What stands for the status of a transaction without a response. */
const NO_STATUS: Readonly<Partial<Record<Outcome, string>>> = {
  unanswered: "no response",
  one_way: "one way",
};

/** The key of a command: its name, or its code where the name is not known. */
export function commandKey(
  { name, code }: { readonly name: string | null; readonly code: number | null },
): string | null {
  return name ?? (code === null ? null : `code ${code}`);
}

const KEYS = {
  command: commandKey,
  status: ({ statusName, failure, outcome }) =>
    failure ?? statusName ?? NO_STATUS[outcome ?? "ok"] ?? null,
  outcome: ({ outcome }) => outcome,
  stream: (_, { stream }) => stream,
  topic: (_, { topic }) => topic,
  partition: (_, { partition }) => partition,
  consumer: (_, { consumer }) => consumer,
  group: (_, { group }) => group,
  user: ({ conversation }) => conversation.user,
  client: ({ conversation }) => hostOf(conversation.client),
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
  /** Whether the timeline counts response times too; default: where an interval is asked for. */
  timed?: boolean;
  /** False leaves out where the time went: server, network, client. */
  splits?: boolean;
  /** False leaves out how far behind consumers were over time. */
  lags?: boolean;
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
  readonly #counts = new GroupedCounts();
  /** How far consumers are. */
  readonly offsets: Offsets;
  readonly #splits: boolean;

  constructor(options: StatisticsOptions = {}) {
    const { by = "command", interval, timed = interval !== undefined } = options;
    this.#splits = options.splits ?? true;
    this.offsets = new Offsets(options.lags ?? true);
    this.#keys = typeof by === "string" ? [by] : by;
    this.by = this.#keys.join(",");
    this.timeline = new Timeline(
      interval === undefined ? FINEST : interval * 1000,
      timed,
    );
  }

  add(transaction: Transaction): void {
    if (transaction.isRemark) return;
    const traffic = new Traffic(transaction);
    const counted = countedOf(transaction, traffic, this.#splits);
    this.#counts.add(this.#key(transaction, traffic), counted);
    this.timeline.add(counted);
    this.offsets.add(transaction, traffic);
  }

  #key(transaction: Transaction, traffic: Traffic): string | null {
    const keys = this.#keys;
    if (keys.length === 1) return KEYS[keys[0]!](transaction, traffic);
    return keys.map((key) => KEYS[key](transaction, traffic)).join(BETWEEN);
  }

  /** All groups together. */
  get total(): Counters {
    return this.#counts.total;
  }

  /** The groups, largest first; the key is null of what has none. */
  get groups(): Group[] {
    return this.#counts.groups;
  }
}
