/**
 * A timeline as charts draw it: lists with one entry a bucket, empty ones included.
 *
 * @module
 */
import type { Timeline } from "../../api.ts";

/** Counts over time, one entry a bucket in every list. Times are in seconds. */
export interface Series {
  /** Start of the first bucket, since the epoch. */
  readonly start: number;
  /** Length of a bucket. */
  readonly interval: number;
  readonly length: number;
  readonly count: number[];
  readonly errors: number[];
  readonly request_bytes: number[];
  readonly response_bytes: number[];
  /** Response times in µs; null where nothing was timed. */
  readonly p50: (number | null)[];
  readonly p99: (number | null)[];
  readonly max: (number | null)[];
  /** Means of the parts of response times in µs; null where none is known. */
  readonly parts: Readonly<Record<TimePart, (number | null)[]>>;
}

/** What a response time is made of. */
export type TimePart = keyof NonNullable<Timeline["buckets"][number]["mean_times_us"]>;

/**
 * The lists of a timeline.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(seriesOf({ interval_ms: 10, buckets: [] }).length, 0);
 * ```
 */
export function seriesOf({ interval_ms, buckets }: Timeline): Series {
  const interval = interval_ms / 1000;
  const times = buckets.map(({ time }) => secondsOf(time));
  const start = times[0] ?? 0;
  const place = (time: number) => Math.round((time - start) / interval);
  const length = buckets.length === 0 ? 0 : place(times.at(-1)!) + 1;
  const zeros = () => new Array<number>(length).fill(0);
  const nulls = () => new Array<number | null>(length).fill(null);
  const series = {
    start,
    interval,
    length,
    count: zeros(),
    errors: zeros(),
    request_bytes: zeros(),
    response_bytes: zeros(),
    p50: nulls(),
    p99: nulls(),
    max: nulls(),
    parts: { server: nulls(), network: nulls(), lost: nulls(), zero_window: nulls() },
  };
  buckets.forEach((bucket, i) => {
    const at = place(times[i]!);
    for (const name of ["count", "errors", "request_bytes", "response_bytes"] as const) {
      series[name][at] = bucket[name];
    }
    for (const name of ["p50", "p99", "max"] as const) {
      series[name][at] = bucket.response_time_us?.[name] ?? null;
    }
    for (const name of ["server", "network", "lost", "zero_window"] as const) {
      series.parts[name][at] = bucket.mean_times_us?.[name] ?? null;
    }
  });
  return series;
}

/** Where each bucket stands along x. */
export function bucketMiddles({ start, interval, length }: Series): number[] {
  return Array.from({ length }, (_, i) => start + (i + 0.5) * interval);
}

/** RFC 3339 in seconds since the epoch, to the microsecond. */
export function secondsOf(time: string): number {
  const [whole, part = "0"] = time.replace("Z", "").split(".");
  return Date.parse(`${whole}Z`) / 1000 + Number(`0.${part}`);
}
