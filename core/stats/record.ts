import type { JsonValue } from "../schema/mod.ts";
import type { Counters, MessageCounts } from "./counters.ts";
import type { Offsets } from "./offsets.ts";
import type { Group } from "./order.ts";
import type { Sketch } from "./sketch.ts";
import type { Statistics } from "./statistics.ts";

type Record = { [name: string]: JsonValue };

/** Statistics as `stats -T json` prints them; offsets are decimal strings. */
export function statisticsRecord(
  statistics: Statistics,
  groups: readonly Group[] = statistics.groups,
): JsonValue {
  const { by, total, timeline, offsets } = statistics;
  const { buckets, interval } = timeline;
  return {
    by,
    total: counterRecord(total),
    groups: groups.map(([key, counters]) => ({ key, ...counterRecord(counters) })),
    timeline: {
      interval_ms: interval,
      buckets: buckets.map(({ start, counters }) => ({
        time: new Date(start).toISOString(),
        count: counters.count,
        errors: counters.errors,
        request_bytes: counters.requestBytes,
        response_bytes: counters.responseBytes,
        response_time_us: timesRecord(counters.times),
      })),
    },
    ...offsetsRecord(offsets),
  };
}

/** How far consumers and groups are; offsets are decimal strings. */
export function offsetsRecord(offsets: Offsets): Record {
  return {
    offsets: offsets.places.map((place) => ({
      partition: place.partition,
      consumer: place.consumer,
      polled: text(place.polled),
      stored: text(place.stored),
      newest: text(place.newest),
      lag: text(place.lag),
      early: place.early,
      skipped: place.skipped,
      repeated: place.repeated,
      handovers: place.handovers,
      members: place.members.map(({ client, polls, messages, repeated }) => ({
        client,
        polls,
        messages,
        repeated,
      })),
    })),
    consumer_groups: offsets.groups.map((group) => ({
      group: group.group,
      joins: group.joins,
      leaves: group.leaves,
      members: group.members,
      handovers: group.handovers,
      generation: text(group.generation),
      pause_us: group.pauseUs,
    })),
  };
}

/** The counts of one group. */
function counterRecord(counters: Counters): Record {
  const { produced, consumed } = counters;
  return {
    count: counters.count,
    unanswered: counters.unanswered,
    one_way: counters.oneWay,
    without_request: counters.unasked,
    errors: counters.errors,
    statuses: Object.fromEntries(
      [...counters.statuses].sort(([, a], [, b]) => b - a),
    ),
    request_bytes: counters.requestBytes,
    response_bytes: counters.responseBytes,
    response_time_us: timesRecord(counters.times),
    server_time_us: timesRecord(counters.parts?.server ?? null),
    network_time_us: timesRecord(counters.parts?.network ?? null),
    think_time_us: timesRecord(counters.parts?.think ?? null),
    produced: produced === null ? null : messagesRecord(produced),
    consumed: consumed === null ? null : messagesRecord(consumed),
  };
}

function timesRecord(times: Sketch | null): JsonValue {
  if (times === null || times.count === 0) return null;
  return {
    p50: rounded(times.quantile(0.5)),
    p90: rounded(times.quantile(0.9)),
    p99: rounded(times.quantile(0.99)),
    max: times.max,
    mean: rounded(times.sum / times.count),
  };
}

function messagesRecord(
  { batches, empty, messages, bytes, sizes }: MessageCounts,
): Record {
  const some = sizes.count > 0;
  return {
    batches,
    empty,
    messages,
    bytes,
    messages_per_batch_p50: some ? Math.round(sizes.quantile(0.5)) : null,
    messages_per_batch_max: some ? sizes.max : null,
  };
}

/** Three decimals are more than a sketch knows. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function text(offset: bigint | null): string | null {
  return offset === null ? null : String(offset);
}
