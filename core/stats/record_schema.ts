import {
  countSchema,
  type JsonSchema,
  listSchema,
  microsSchema,
  objectSchema,
  orNullSchema,
  textOrNullSchema,
  textSchema,
} from "../schema/mod.ts";
import type { FailureCount } from "./counters.ts";
import type {
  CountersRecord,
  CountsRecord,
  MeanTimesRecord,
  MessagesRecord,
  OffsetsRecord,
  SeriesRecord,
  StatisticsRecord,
  TimelineRecord,
  TimesRecord,
} from "./record.ts";
import { GROUPINGS } from "./statistics.ts";

/** What the keys of a record are. */
type Keys<Type> = { readonly [Key in keyof Type]: JsonSchema };

const number = (description: string): JsonSchema => ({ type: "number", description });

const times = (description: string): JsonSchema => ({
  description: `${description}; null where nothing was timed.`,
  ...orNullSchema(objectSchema<TimesRecord>({
    p50: number("Median, in µs; quantiles are within 1 %."),
    p90: number("90 % are no longer."),
    p99: number("99 % are no longer."),
    max: number("The longest."),
    mean: number("The mean."),
  })),
});

const messages = (description: string): JsonSchema => ({
  description: `${description}; null where nothing carries any.`,
  ...orNullSchema(objectSchema<MessagesRecord>({
    batches: countSchema("Requests or responses that carry messages."),
    empty: countSchema("Those without any."),
    messages: countSchema("Messages."),
    bytes: countSchema("Bytes of their payloads."),
    messages_per_batch_p50: { type: ["integer", "null"] },
    messages_per_batch_max: { type: ["integer", "null"] },
  })),
});

/** Counts of one moment, as a bucket has them. */
export const SERIES_KEYS: Keys<SeriesRecord> = {
  count: countSchema("Transactions."),
  unanswered: countSchema("Those whose response was due and did not come."),
  one_way: countSchema("PDUs that ask for no response, such as those between servers."),
  without_request: countSchema("Responses whose request was not captured."),
  errors: countSchema("Those that failed: an error status or an eviction."),
  request_bytes: countSchema("Bytes of the requests."),
  response_bytes: countSchema("Bytes of the responses."),
  response_time_us: times("From request to response"),
};

const COUNTERS: Keys<CountersRecord> = {
  ...SERIES_KEYS,
  statuses: listSchema(
    objectSchema<FailureCount>({
      status: {
        type: ["integer", "null"],
        description: "Null where the session was ended without one.",
      },
      name: textOrNullSchema("Its name, or why the session was ended."),
      count: countSchema("How many failed so."),
    }),
    "Errors by status, most frequent first.",
  ),
  server_time_us: times("From the request's last packet to the response's first"),
  network_time_us: times("Requests and responses under way"),
  think_time_us: times("From a response to the client's next request"),
  lost_time_us: times("Bytes were missing until they were sent again"),
  zero_window_time_us: times("A receiver's window was zero"),
  produced: messages("What was sent and taken"),
  consumed: messages("What was polled"),
};

/** Counts by a key. */
export const COUNTS_KEYS: Keys<CountsRecord> = {
  by: textSchema(
    `What makes a group, with commas between several of ${GROUPINGS.join(", ")}.`,
  ),
  total: objectSchema<CountersRecord>(COUNTERS),
  groups: listSchema(objectSchema<CountsRecord["groups"][number]>({
    key: textOrNullSchema("What makes the group; null where it is not known."),
    ...COUNTERS,
  })),
};

/** Counts over time. */
export const TIMELINE_SCHEMA: JsonSchema = objectSchema<TimelineRecord>({
  interval_ms: number("Length of a bucket."),
  buckets: listSchema(
    objectSchema<TimelineRecord["buckets"][number]>({
      time: textSchema("When it begins: RFC 3339, UTC."),
      ...SERIES_KEYS,
      mean_times_us: {
        description: "Means of the parts of response times; null where none is known.",
        ...orNullSchema(objectSchema<MeanTimesRecord>({
          server: number("Of the server, in µs."),
          network: number("Of the network, without what was lost."),
          lost: number("Bytes were missing until they were sent again."),
          zero_window: number("A receiver's window was zero."),
        })),
      },
    }),
    "In order of time; those in which nothing happened may be left out.",
  ),
});

const offset: JsonSchema = { type: ["string", "null"], pattern: "^[0-9]{1,20}$" };

/** How far consumers and groups are. */
export const OFFSETS_KEYS: Keys<OffsetsRecord> = {
  lag_times: listSchema(
    textSchema("RFC 3339, UTC."),
    "When each of `lags` was so, evenly apart.",
  ),
  offsets: listSchema(objectSchema<OffsetsRecord["offsets"][number]>({
    partition: textSchema("Stream, topic and partition."),
    consumer: textSchema("Who consumes."),
    polled: offset,
    stored: offset,
    newest: offset,
    lag: offset,
    early: countSchema("Times that an offset was stored beyond what had been given."),
    skipped: countSchema("Offsets between two polls that were never given."),
    repeated: countSchema("Messages that were given more than once."),
    handovers: countSchema("Times that another member of the group went on reading."),
    members: listSchema(
      objectSchema<OffsetsRecord["offsets"][number]["members"][number]>({
        client: textSchema("Address and port of the client."),
        polls: countSchema("Polls that succeeded."),
        messages: countSchema("Messages it was given."),
        repeated: countSchema("Those that had been given before."),
      }),
    ),
    lags: {
      description: "Its lag at each of lag_times; null where its course was not kept.",
      ...orNullSchema(listSchema(offset)),
    },
  })),
  consumer_groups: listSchema(objectSchema<OffsetsRecord["consumer_groups"][number]>({
    group: textSchema("Stream, topic and group."),
    joins: countSchema("Joins that succeeded."),
    leaves: countSchema("Leaves that succeeded."),
    members: countSchema("Clients that polled as the group."),
    handovers: countSchema("Times that a partition went to another member."),
    generation: offset,
    pause_us: microsSchema(
      "Longest time from a join or leave until the group was given messages again.",
    ),
  })),
};

/** What `stats -T json` prints. */
export const STATISTICS_SCHEMA: JsonSchema = objectSchema<StatisticsRecord>({
  ...COUNTS_KEYS,
  timeline: TIMELINE_SCHEMA,
  ...OFFSETS_KEYS,
});
