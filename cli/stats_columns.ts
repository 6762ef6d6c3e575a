import { shortSize, shortTime } from "../core/export/human.ts";
import type {
  Counters,
  MessageCounts,
  Series,
  TimePart,
} from "../core/stats/counters.ts";
import { type Column, NOTHING } from "./offset_columns.ts";

const BLOCKS = " ▏▎▍▌▋▊▉█";
const BAR = 8;
/** From so many columns on there is room for more of them. */
const WIDE = 100;

/** A bar of at most `width` columns for a part from 0 to 1, exact to an eighth of one. */
export function bar(part: number, width: number): string {
  const eighths = Math.round(Math.min(1, part) * width * 8);
  const full = "█".repeat(Math.floor(eighths / 8));
  const rest = eighths % 8;
  return rest === 0 ? full : full + BLOCKS[rest];
}

/** A number in at most five columns. */
export function shortCount(count: number): string {
  if (count < 100_000) return String(count);
  const [size, unit] = count < 999_500
    ? [1e3, "k"]
    : count < 1e9
    ? [1e6, "M"]
    : [1e9, "G"];
  const value = count / size;
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)}${unit}`;
}

/** The columns of groups; from {@link WIDE} columns on also their rate and both ways' bytes. */
export function groupColumns(
  groups: readonly (readonly [string | null, Series])[],
  { width }: { readonly width: number },
  seconds: number,
): Column<Series>[] {
  const most = groups.reduce((most, [, { count }]) => Math.max(most, count), 0);
  const time = (q: number) => ({ times }: Series) =>
    times.count === 0 ? NOTHING : shortTime(round(times.quantile(q)));
  return [
    ["count", 6, ({ count }) => shortCount(count)],
    ["", BAR, ({ count }) => bar(count / most, BAR)],
    ["errors", 6, ({ errors }) => errors === 0 ? NOTHING : shortCount(errors)],
    ["p50", 7, time(0.5)],
    ["p90", 7, time(0.9)],
    ["p99", 7, time(0.99)],
    ["max", 7, ({ times }) => times.count === 0 ? NOTHING : shortTime(round(times.max))],
    ...width < WIDE
      ? [
        [
          "bytes",
          5,
          (row: Series) => shortSize(row.requestBytes + row.responseBytes),
        ] as const,
      ]
      : [
        [
          "per s",
          6,
          ({ count }: Series) => shortCount(round(count / seconds)),
        ] as const,
        ["asked", 5, ({ requestBytes }: Series) => shortSize(requestBytes)] as const,
        ["came", 5, ({ responseBytes }: Series) => shortSize(responseBytes)] as const,
      ],
  ];
}

/** Where the time went: medians and 99 %. */
export const TIME_COLUMNS: readonly Column<Counters>[] = [
  ...partColumns("server", "server", 10),
  ...partColumns("network", "net", 10),
  ...partColumns("think", "think", 10),
];

/** The time in which nothing could go on: medians, 99 % and all of it. */
export const LOST_COLUMNS: readonly Column<Counters>[] = [
  ...partColumns("lost", "lost", 9),
  totalColumn("lost", "lost sum"),
  ...partColumns("zeroWindow", "0-win", 9),
  totalColumn("zeroWindow", "0-win sum"),
];

function partColumns(part: TimePart, title: string, width: number): Column<Counters>[] {
  return [0.5, 0.99].map((q): Column<Counters> => [
    `${title} p${q * 100}`,
    width,
    ({ parts }) =>
      parts === null || parts[part].count === 0
        ? NOTHING
        : shortTime(round(parts[part].quantile(q))),
  ]);
}

function totalColumn(part: TimePart, title: string): Column<Counters> {
  return [
    title,
    9,
    ({ parts }) => parts === null ? NOTHING : shortTime(round(parts[part].sum)),
  ];
}

/** The columns of messages that went one way. */
export function messageColumns(way: "produced" | "consumed"): Column<MessageCounts>[] {
  return [
    ["messages", 8, ({ messages }) => shortCount(messages)],
    ["bytes", 6, ({ bytes }) => shortSize(bytes)],
    ["batches", 7, ({ batches }) => shortCount(batches)],
    [
      "p50",
      6,
      ({ sizes }) =>
        sizes.count === 0 ? NOTHING : shortCount(Math.round(sizes.quantile(0.5))),
    ],
    ["max/batch", 9, ({ sizes }) => sizes.count === 0 ? NOTHING : shortCount(sizes.max)],
    ...way === "produced" ? [] : [
      [
        "empty",
        6,
        ({ empty, batches }) => `${(empty / batches * 100).toFixed(0)} %`,
      ] satisfies Column<MessageCounts>,
    ],
  ];
}

/** The columns of what is only counted. */
export function countColumns(most: number): Column<number>[] {
  return [
    ["count", 6, (count) => shortCount(count)],
    ["", BAR, (count) => bar(count / most, BAR)],
  ];
}

/** Three digits are what a sketch knows. */
function round(us: number): number {
  return Number(us.toPrecision(3));
}
