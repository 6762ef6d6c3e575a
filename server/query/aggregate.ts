import type { Transaction } from "../../core/dissect/transaction.ts";
import {
  commandKey,
  countsRecord,
  GroupedCounts,
  type TimelineRecord,
  timelineRecord,
} from "../../core/stats/mod.ts";
import type { Stats } from "../api.ts";
import type { CaptureIndex } from "../store/capture_index.ts";
import type { IndexRow } from "../store/row_file.ts";
import type { Breath } from "./limiter.ts";
import type { Selection } from "./selection.ts";
import { emptyTimeline } from "./timeline_builder.ts";

/** Rows read at once. */
const ROWS = 2000;

/** Where each run of chosen transactions begins and ends that can be read at once. */
function* runs(
  selection: Selection,
): Generator<{ place: number; end: number; from: number; to: number }, void> {
  for (let place = 0; place < selection.total;) {
    const from = selection.at(place);
    const end = Math.min(selection.total, selection.placeOf(from + ROWS));
    yield { place, end, from, to: selection.at(end - 1) + 1 };
    place = end;
  }
}

/** The rows of the transactions chosen, in order; `index` is asked anew for each batch. */
export async function* chosenRows(
  selection: Selection,
  index: () => CaptureIndex,
  breath: Breath,
): AsyncGenerator<IndexRow, void> {
  for (const { place, end, from, to } of runs(selection)) {
    const rows = index().rows(from, to);
    for (let i = place; i < end; i++) yield rows[selection.at(i) - from]!;
    if (breath.due) await breath.take();
  }
}

/** Shows the transactions chosen, in order; takes breath between them. */
export async function eachChosen(
  selection: Selection,
  transactionOf: (n: number) => Transaction,
  breath: Breath,
  see: (transaction: Transaction) => void,
): Promise<void> {
  for (let place = 0; place < selection.total; place++) {
    see(transactionOf(selection.at(place)));
    if (breath.due) await breath.take();
  }
}

/** How many of the transactions chosen each conversation has. */
export async function conversationsOf(
  selection: Selection,
  index: () => CaptureIndex,
  breath: Breath,
): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for (const { place, end, from, to } of runs(selection)) {
    const numbers = index().column("conversation", from, to);
    for (let i = place; i < end; i++) {
      const number = numbers[selection.at(i) - from]!;
      found.set(number, (found.get(number) ?? 0) + 1);
    }
    if (breath.due) await breath.take();
  }
  return found;
}

/** Statistics of rows as they come. */
export class StatsBuilder {
  readonly #counts = new GroupedCounts();
  readonly #issues = { chat: 0, note: 0, warn: 0, error: 0 };

  add(row: IndexRow): void {
    if (row.chats > 0) this.#issues.chat++;
    if (row.notes > 0) this.#issues.note++;
    if (row.warns > 0) this.#issues.warn++;
    if (row.errors > 0) this.#issues.error++;
    if (row.time === null) return; // A remark.
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
