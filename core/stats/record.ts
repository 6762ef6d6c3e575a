import { formatTime } from "../dissect/time.ts";
import type {
  Counters,
  FailureCount,
  MessageCounts,
  Series,
  SpentTimes,
} from "./counters.ts";
import type { Offsets } from "./offsets.ts";
import type { Group } from "./order.ts";
import type { Sketch } from "./sketch.ts";
import type { Statistics } from "./statistics.ts";
import type { Timeline } from "./timeline.ts";

/** Quantiles in µs, within 1 %. */
export interface TimesRecord {
  p50: number;
  p90: number;
  p99: number;
  max: number;
  mean: number;
}

/** Messages that went one way. */
export interface MessagesRecord {
  batches: number;
  empty: number;
  messages: number;
  bytes: number;
  messages_per_batch_p50: number | null;
  messages_per_batch_max: number | null;
}

/** Counts of any number of transactions, whenever and whatever they were. */
export interface SeriesRecord {
  count: number;
  unanswered: number;
  one_way: number;
  without_request: number;
  errors: number;
  request_bytes: number;
  response_bytes: number;
  response_time_us: TimesRecord | null;
}

/** All that is counted of a group. */
export interface CountersRecord extends SeriesRecord {
  /** Errors by status, most frequent first. */
  statuses: FailureCount[];
  server_time_us: TimesRecord | null;
  network_time_us: TimesRecord | null;
  think_time_us: TimesRecord | null;
  lost_time_us: TimesRecord | null;
  zero_window_time_us: TimesRecord | null;
  produced: MessagesRecord | null;
  consumed: MessagesRecord | null;
}

/** Counts by a key. */
export interface CountsRecord {
  by: string;
  total: CountersRecord;
  groups: ({ key: string | null } & CountersRecord)[];
}

/** Means of the parts of response times in µs: what their stacked chart shows. */
export interface MeanTimesRecord {
  server: number;
  /** Without what was lost. */
  network: number;
  lost: number;
  zero_window: number;
}

/** Counts over time; buckets in which nothing happened may be left out. */
export interface TimelineRecord {
  interval_ms: number;
  buckets: ({ time: string; mean_times_us: MeanTimesRecord | null } & SeriesRecord)[];
}

/** How far consumers and groups are; offsets are decimal strings. */
export interface OffsetsRecord {
  /** When each of `lags` was so. */
  lag_times: string[];
  offsets: {
    partition: string;
    consumer: string;
    polled: string | null;
    stored: string | null;
    newest: string | null;
    lag: string | null;
    early: number;
    skipped: number;
    repeated: number;
    handovers: number;
    members: { client: string; polls: number; messages: number; repeated: number }[];
    lags: (string | null)[] | null;
  }[];
  consumer_groups: {
    group: string;
    joins: number;
    leaves: number;
    members: number;
    handovers: number;
    generation: string | null;
    pause_us: number | null;
  }[];
}

/** What `stats -T json` prints: the API gives the same in parts. */
export interface StatisticsRecord extends CountsRecord, OffsetsRecord {
  timeline: TimelineRecord;
}

/** Statistics as `stats -T json` prints them. */
export function statisticsRecord(
  statistics: Statistics,
  groups: readonly Group[] = statistics.groups,
): StatisticsRecord {
  const { by, total, timeline, offsets } = statistics;
  return {
    ...countsRecord(by, total, groups),
    timeline: timelineRecord(timeline),
    ...offsetsRecord(offsets),
  };
}

/** Counts by a key. */
export function countsRecord(
  by: string,
  total: Counters,
  groups: readonly Group[],
): CountsRecord {
  return {
    by,
    total: countersRecord(total),
    groups: groups.map(([key, counters]) => ({ key, ...countersRecord(counters) })),
  };
}

/** Counts over time. */
export function timelineRecord({ interval, buckets }: Timeline): TimelineRecord {
  return {
    interval_ms: interval,
    buckets: buckets.map(({ start, counters }) => ({
      time: timeOf(start),
      ...seriesRecord(counters),
      mean_times_us: meanTimes(counters.spent),
    })),
  };
}

/** Null where no server time is known. */
function meanTimes(spent: SpentTimes | null): MeanTimesRecord | null {
  if (spent === null) return null;
  const { count, server, network, lost, zeroWindow } = spent;
  return {
    server: rounded(server / count),
    network: rounded((network - lost) / count),
    lost: rounded(lost / count),
    zero_window: rounded(zeroWindow / count),
  };
}

/** A time in ms since the epoch, to the microsecond: a number knows no more. */
function timeOf(ms: number): string {
  const micros = Math.round(ms * 1000);
  const seconds = Math.floor(micros / 1e6);
  return formatTime(seconds, (micros - seconds * 1e6) * 1000);
}

/** How far consumers and groups are. */
export function offsetsRecord({ moments, places, groups }: Offsets): OffsetsRecord {
  return {
    lag_times: moments.map(timeOf),
    offsets: places.map((place) => ({
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
      lags: place.lags?.map(text) ?? null,
    })),
    consumer_groups: groups.map((group) => ({
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

/** Counts at one time, or of the last second. */
export function seriesRecord(counters: Series): SeriesRecord {
  return {
    count: counters.count,
    unanswered: counters.unanswered,
    one_way: counters.oneWay,
    without_request: counters.withoutRequest,
    errors: counters.errors,
    request_bytes: counters.requestBytes,
    response_bytes: counters.responseBytes,
    response_time_us: timesRecord(counters.times),
  };
}

function countersRecord(counters: Counters): CountersRecord {
  const { response_time_us, ...counts } = seriesRecord(counters);
  const { statuses, parts, produced, consumed } = counters;
  return {
    ...counts,
    statuses: [...statuses.values()].sort((a, b) => b.count - a.count)
      .map((failure) => ({ ...failure })),
    response_time_us,
    server_time_us: timesRecord(parts?.server ?? null),
    network_time_us: timesRecord(parts?.network ?? null),
    think_time_us: timesRecord(parts?.think ?? null),
    lost_time_us: timesRecord(parts?.lost ?? null),
    zero_window_time_us: timesRecord(parts?.zeroWindow ?? null),
    produced: produced === null ? null : messagesRecord(produced),
    consumed: consumed === null ? null : messagesRecord(consumed),
  };
}

function timesRecord(times: Sketch | null): TimesRecord | null {
  if (times === null || times.count === 0) return null;
  return {
    p50: rounded(times.quantile(0.5)),
    p90: rounded(times.quantile(0.9)),
    p99: rounded(times.quantile(0.99)),
    max: rounded(times.max),
    mean: rounded(times.sum / times.count),
  };
}

function messagesRecord(
  { batches, empty, messages, bytes, sizes }: MessageCounts,
): MessagesRecord {
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

/** Times have nanoseconds, and three decimals are more than a sketch knows. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function text(offset: bigint | null): string | null {
  return offset === null ? null : String(offset);
}
