import type { Counters } from "./counters.ts";

/** A group of transactions: its key, null where it is not known, and its counts. */
export type Group = readonly [key: string | null, counters: Counters];

/** The slowest first; groups without a time last. */
const quantile = (q: number) => ({ times }: Counters) =>
  times.count === 0 ? -1 : times.quantile(q);

const ORDERS = {
  count: ({ count }) => count,
  errors: ({ errors }) => errors,
  unanswered: ({ unanswered }) => unanswered,
  bytes: ({ requestBytes, responseBytes }) => requestBytes + responseBytes,
  p50: quantile(0.5),
  p99: quantile(0.99),
  max: ({ times }) => times.count === 0 ? -1 : times.max,
} as const satisfies Readonly<Record<string, (counters: Counters) => number>>;

/** What groups may be ordered by. */
export type GroupOrder = keyof typeof ORDERS;

/** All that groups may be ordered by, the most of it first. */
export const GROUP_ORDERS = Object.keys(ORDERS) as readonly GroupOrder[];

/** Groups with the most of something first, those alike by their keys; at most `top` of them. */
export function ordered(
  groups: readonly Group[],
  by: GroupOrder = "count",
  top = Infinity,
): Group[] {
  const valueOf = ORDERS[by];
  return groups.toSorted(([a, one], [b, other]) =>
    valueOf(other) - valueOf(one) || ((a ?? "") < (b ?? "") ? -1 : 1)
  ).slice(0, top);
}
