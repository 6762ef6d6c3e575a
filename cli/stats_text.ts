import { amount } from "../core/bytes/amount.ts";
import { shortSize, shortTime } from "../core/export/human.ts";
import { column, escapeText, fit, widthOf } from "../core/export/printable.ts";
import { formatTime } from "../core/dissect/time.ts";
import {
  type Column,
  GROUP_COLUMNS,
  NOTHING,
  placeColumns,
  placeRows,
} from "./offset_columns.ts";
import {
  countColumns,
  groupColumns,
  LOST_COLUMNS,
  messageColumns,
  shortCount,
  TIME_COLUMNS,
} from "./stats_columns.ts";
import { paint, span } from "../core/export/spans.ts";
import type { MessageCounts, Series } from "../core/stats/counters.ts";
import type { Group } from "../core/stats/order.ts";
import { RELATIVE_ERROR } from "../core/stats/sketch.ts";
import type { Statistics } from "../core/stats/statistics.ts";

/** How the report looks. */
export interface StatsTextOptions {
  readonly width: number;
  readonly color: boolean;
  /** A row for each interval. */
  readonly timeline: boolean;
  /** Where the time went in each group. */
  readonly times: boolean;
}

const LEVELS = "▁▂▃▄▅▆▇█";
const MAX_ROWS = 40;

/** Values as a line of blocks, one column each. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(...values);
  return values.map((value) =>
    value === 0 ? " " : LEVELS[Math.min(7, Math.floor(value / most * 8))]
  ).join("");
}

/** Statistics as text for people, in lines of at most `width` columns. */
export function statsText(
  statistics: Statistics,
  groups: readonly Group[],
  options: StatsTextOptions,
): string {
  const { total, offsets } = statistics;
  if (total.count === 0) return "no transactions\n";
  const parts = [summary(statistics, options)];
  const columns = groupColumns(groups, options, secondsOf(statistics));
  parts.push(section(statistics.by, groups, columns, options));
  if (options.times) {
    parts.push(section("time", groups, TIME_COLUMNS, options));
    const stopped = groups.filter(([, { parts }]) =>
      parts !== null && parts.lost.sum + parts.zeroWindow.sum > 0
    );
    if (stopped.length > 0) {
      parts.push(section("time stopped", stopped, LOST_COLUMNS, options));
    }
  }
  const withMessages = groups.filter(([, { produced, consumed }]) =>
    produced || consumed
  );
  for (const way of ["produced", "consumed"] as const) {
    const rows = withMessages.flatMap((
      [key, counters],
    ): [string | null, MessageCounts][] =>
      counters[way] === null ? [] : [[key, counters[way]]]
    );
    if (rows.length > 0) parts.push(section(way, rows, messageColumns(way), options));
  }
  const rows = errorRows(groups);
  if (rows.length > 0 && statistics.by !== "status") {
    parts.push(section("errors", rows, countColumns(rows[0]![1]), options));
  }
  const places = placeRows(offsets.places);
  if (places.length > 0) {
    parts.push(section("offsets", places, placeColumns(places), options, MAX_ROWS / 2));
  }
  const changes = offsets.groups.filter(({ members, joins }) => members > 1 || joins > 1);
  if (changes.length > 0) {
    const rows = changes.map((one) => [one.group, one] as const);
    parts.push(section("consumer groups", rows, GROUP_COLUMNS, options, MAX_ROWS / 2));
  }
  if (options.timeline) {
    const { buckets } = statistics.timeline;
    const times = buckets.map(({ start }) => clock(start));
    const day = times[0]!.slice(0, 11);
    const oneDay = times.every((time) => time.startsWith(day));
    const rows = buckets.map(({ counters }, i): [string, Series] => [
      oneDay ? times[i]!.slice(11) : times[i]!,
      counters,
    ]);
    const columnsOfTime = groupColumns(
      rows,
      options,
      statistics.timeline.interval / 1000,
    );
    parts.push(section("time (UTC)", rows, columnsOfTime, options, Infinity));
  }
  parts.push(
    `Times are from request to response; quantiles are within ${
      RELATIVE_ERROR * 100
    } %.\n`,
  );
  return parts.join("\n");
}

/** What failed in which group how often, most frequent first. */
function errorRows(
  groups: readonly Group[],
): [string, number][] {
  return groups.flatMap(([key, { statuses }]) =>
    [...statuses].map(([name, { count }]): [string, number] => [
      `${key ?? NOTHING}: ${name}`,
      count,
    ])
  ).sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
}

function summary(statistics: Statistics, { width }: StatsTextOptions): string {
  const { total, timeline } = statistics;
  const { buckets, interval } = timeline;
  const [first] = buckets;
  const start = first?.start ?? 0;
  const end = (buckets.at(-1)?.start ?? 0) + interval;
  const seconds = Math.max(end - start, 1) / 1000;
  const facts = [
    amount(total.count, "transaction"),
    `${shortTime((end - start) * 1000)}`,
    `${shortCount(Math.round(total.count / seconds))}/s`,
    `${shortSize(total.requestBytes)} asked`,
    `${shortSize(total.responseBytes)} answered`,
    ...total.errors > 0 ? [amount(total.errors, "error")] : [],
    ...total.unanswered > 0 ? [`${total.unanswered} unanswered`] : [],
    ...total.oneWay > 0 ? [`${total.oneWay} one way`] : [],
    ...total.withoutRequest > 0 ? [`${total.withoutRequest} without request`] : [],
  ];
  let text = wrapped(facts, width);
  if (buckets.length > 1) {
    const label = `from ${clock(start)} UTC `;
    const span = Math.round((end - start) / interval);
    const columns = Math.min(60, width - label.length, span);
    const counts = new Array<number>(columns).fill(0);
    for (const bucket of buckets) {
      const at = Math.floor((bucket.start - start) / (end - start) * columns);
      counts[at] = counts[at]! + bucket.counters.count;
    }
    text += `${label}${sparkline(counts).trimEnd()}\n`;
  }
  return text;
}

/** Facts with commas between them, in lines of at most `width` columns. */
function wrapped(facts: readonly string[], width: number): string {
  const lines: string[] = [];
  for (const fact of facts) {
    const last = lines.at(-1);
    if (last === undefined || last.length + fact.length + 3 > width) lines.push(fact);
    else lines[lines.length - 1] = `${last}, ${fact}`;
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** Rows of keys, the column of keys as wide as there is room. */
function section<Row>(
  title: string,
  rows: readonly (readonly [key: string | null, row: Row])[],
  columns: readonly Column<Row>[],
  { width, color }: StatsTextOptions,
  mostRows = MAX_ROWS,
): string {
  const shown = rows.slice(0, mostRows).map(([key, row]) =>
    [escapeText(key ?? NOTHING), row] as const
  );
  const others = columns.reduce((sum, [, columnWidth]) => sum + 1 + columnWidth, 0);
  const longest = Math.max(widthOf(title), ...shown.map(([key]) => widthOf(key)));
  const keys = Math.max(8, Math.min(longest, width - others));
  const titles = columns.map(([name, columnWidth]) =>
    column(name, columnWidth, isBar(name) ? "left" : "right")
  );
  const line = ([key, row]: readonly [string, Row]) =>
    [
      column(key, keys),
      ...columns.map(([name, columnWidth, text]) =>
        column(text(row), columnWidth, isBar(name) ? "left" : "right")
      ),
    ].join(" ").trimEnd();
  const head = fit([column(title, keys), ...titles].join(" ").trimEnd(), width);
  const rest = rows.length - shown.length;
  return [
    paint(span(head, "strong"), color),
    ...shown.map(line),
    ...rest > 0 ? [`… and ${rest} more; -T json prints all`] : [],
  ].map((text) => `${text}\n`).join("");
}

function isBar(title: string): boolean {
  return title === "";
}

/** Seconds that the timeline spans. */
function secondsOf({ timeline: { buckets, interval } }: Statistics): number {
  const end = (buckets.at(-1)?.start ?? 0) + interval;
  return Math.max(end - (buckets[0]?.start ?? 0), 1) / 1000;
}

function clock(ms: number): string {
  return formatTime(Math.floor(ms / 1000), ms % 1000 * 1e6).slice(0, -7).replace(
    "T",
    " ",
  );
}
