import {
  commandKey,
  countsRecord,
  GroupedCounts,
  type TimelineRecord,
  timelineRecord,
} from "../../core/stats/mod.ts";
import type { Stats } from "../api.ts";
import type { CaptureIndex, IndexRow } from "../store/capture_index.ts";
import type { Breath } from "./limiter.ts";
import type { Selection } from "./selection.ts";
import { emptyTimeline } from "./timeline_builder.ts";

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

/** Statistics of rows as they come. */
export class StatsBuilder {
  readonly #counts = new GroupedCounts();
  readonly #issues = { chat: 0, note: 0, warn: 0, error: 0 };

  add(row: IndexRow): void {
    this.#issues.chat += row.chats;
    this.#issues.note += row.notes;
    this.#issues.warn += row.warns;
    this.#issues.error += row.errors;
    if (row.time === null) return; // Only findings.
    this.#counts.add(commandKey(row), row);
  }

  finish(): Stats {
    const { total, groups } = this.#counts;
    return { ...countsRecord("command", total, groups), issues: this.#issues };
  }
}

/** Statistics of rows. */
export async function statsOf(rows: AsyncIterable<IndexRow>): Promise<Stats> {
  const builder = new StatsBuilder();
  for await (const row of rows) builder.add(row);
  return builder.finish();
}

/** Counts over time of rows that lie within `[first, last]`, in seconds. */
export async function timelineOf(
  rows: AsyncIterable<IndexRow>,
  first: number,
  last: number,
  buckets: number,
): Promise<TimelineRecord> {
  const timeline = emptyTimeline(first, last, buckets);
  for await (const row of rows) timeline.add(row);
  return timelineRecord(timeline);
}
