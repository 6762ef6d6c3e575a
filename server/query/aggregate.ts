import { Sketch } from "../../core/stats/sketch.ts";
import type { CommandStats, ResponseTimes, Stats, Timeline } from "../api.ts";
import type { CaptureIndex, IndexRow } from "../store/capture_index.ts";
import type { Breath } from "./limiter.ts";
import type { Selection } from "./selection.ts";

/** Rows read at once. */
const ROWS = 2000;

/** The rows of the transactions chosen, in order; `index` is asked anew for each batch. */
export async function* chosenRows(
  selection: Selection,
  index: () => CaptureIndex,
  breath: Breath,
): AsyncGenerator<IndexRow, void> {
  for (let place = 0; place < selection.total;) {
    const first = selection.at(place);
    const rows = index().rows(first, first + ROWS);
    for (const row of rows) {
      if (place >= selection.total) break;
      if (row.n !== selection.at(place)) continue;
      place++;
      yield row;
    }
    if (rows.length === 0) return;
    if (breath.due) await breath.take();
  }
}

/** Counts of transactions as {@link Stats} tells them. */
class Counts {
  count = 0;
  errors = 0;
  unanswered = 0;
  requestBytes = 0;
  responseBytes = 0;
  readonly times = new Sketch();
  readonly #statuses = new Map<string, CommandStats["statuses"][number]>();

  add(row: IndexRow): void {
    this.count++;
    this.errors += row.error;
    this.unanswered += row.unanswered;
    this.requestBytes += row.requestBytes ?? 0;
    this.responseBytes += row.responseBytes ?? 0;
    if (row.responseTime !== null) this.times.add(row.responseTime);
    if (row.error === 0) return;
    const key = `${row.status} ${row.statusName}`;
    const known = this.#statuses.get(key);
    if (known !== undefined) known.count++;
    else {
      this.#statuses.set(key, { status: row.status, name: row.statusName, count: 1 });
    }
  }

  finish(): Stats["total"] {
    return {
      count: this.count,
      errors: this.errors,
      statuses: [...this.#statuses.values()].sort((a, b) => b.count - a.count),
      unanswered: this.unanswered,
      request_bytes: this.requestBytes,
      response_bytes: this.responseBytes,
      response_time_us: timesOf(this.times),
    };
  }
}

/** Statistics of rows as they come. */
export class StatsBuilder {
  readonly #total = new Counts();
  readonly #commands = new Map<
    string,
    {
      readonly name: string | null;
      readonly code: number | null;
      readonly counts: Counts;
    }
  >();
  readonly #issues = { chat: 0, note: 0, warn: 0, error: 0 };

  add(row: IndexRow): void {
    this.#issues.chat += row.chats;
    this.#issues.note += row.notes;
    this.#issues.warn += row.warns;
    this.#issues.error += row.errors;
    if (row.time === null) return; // Only findings.
    this.#total.add(row);
    const { name, code } = row;
    const key = `${name} ${code}`;
    let command = this.#commands.get(key);
    if (command === undefined) {
      command = { name, code, counts: new Counts() };
      this.#commands.set(key, command);
    }
    command.counts.add(row);
  }

  finish(): Stats {
    const commands = [...this.#commands.values()]
      .sort((a, b) => b.counts.count - a.counts.count);
    return {
      total: this.#total.finish(),
      commands: commands.map(({ name, code, counts }) => ({
        command: name,
        code,
        ...counts.finish(),
      })),
      issues: this.#issues,
    };
  }
}

/** Statistics of rows. */
export async function statsOf(rows: AsyncIterable<IndexRow>): Promise<Stats> {
  const builder = new StatsBuilder();
  for await (const row of rows) builder.add(row);
  return builder.finish();
}

/** Median and the like of a sketch. */
export function timesOf(times: Sketch): ResponseTimes {
  const at = (q: number) => times.count === 0 ? null : rounded(times.quantile(q));
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** A series over time of rows that lie within `[first, last]`, in seconds. */
export async function timelineOf(
  rows: AsyncIterable<IndexRow>,
  first: number,
  last: number,
  buckets: number,
): Promise<Timeline> {
  const interval = niceInterval((last - first) / Math.max(1, buckets - 1));
  const start = Math.floor(first / interval) * interval;
  const length = Math.max(1, Math.floor((last - start) / interval) + 1);
  const counts = Array.from({ length }, () => new Counts());
  for await (const row of rows) {
    if (row.time === null) continue;
    const bucket = Math.floor((row.time - start) / interval);
    counts[Math.min(length - 1, Math.max(0, bucket))]!.add(row);
  }
  const quantile = (q: number) =>
    counts.map(({ times }) => times.count === 0 ? null : rounded(times.quantile(q)));
  return {
    start,
    interval,
    count: counts.map(({ count }) => count),
    errors: counts.map(({ errors }) => errors),
    request_bytes: counts.map(({ requestBytes }) => requestBytes),
    response_bytes: counts.map(({ responseBytes }) => responseBytes),
    p50_us: quantile(0.5),
    p99_us: quantile(0.99),
    max_us: quantile(1),
  };
}

/** The next 1, 2 or 5 times a power of ten; at least a microsecond. */
function niceInterval(least: number): number {
  if (!(least > 1e-6)) return 1e-6;
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((factor) => factor * power >= least * 0.999999) ?? 10;
  return factor * power;
}
