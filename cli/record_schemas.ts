import type { TcpFacts } from "./tcp_facts.ts";
import type { Registry } from "../core/dissect/registry.ts";
import {
  type JsonSchema,
  SCHEMA_VERSION,
  schemaHead,
  transactionSchema,
} from "../core/export/mod.ts";
import { CAPTURE_FINDINGS } from "../core/diagnose/mod.ts";
import { GROUPINGS } from "../core/stats/mod.ts";

const text = (description: string): JsonSchema => ({ type: "string", description });
const textOrNull = (description: string): JsonSchema => ({
  type: ["string", "null"],
  description,
});
const count = (description: string): JsonSchema => ({
  type: "integer",
  minimum: 0,
  description,
});
const micros = (description: string): JsonSchema => ({
  type: ["number", "null"],
  description,
});

/** An object that always has these keys and perhaps the rare ones, no others. */
function object(always: JsonSchema, rare: JsonSchema = {}): JsonSchema {
  return {
    type: "object",
    properties: { ...always, ...rare },
    required: Object.keys(always),
    additionalProperties: false,
  };
}

const info: JsonSchema = {
  ...schemaHead("info", "What iggyscope info says of a capture"),
  ...object({
    file: text("Its path; - is standard input."),
    format: { enum: ["pcap", "pcap-ns", "pcapng"] },
    packets: count("Packets that could be read."),
    first_time: textOrNull("The first packet's time: RFC 3339, UTC."),
    last_time: textOrNull("The last packet's time."),
    linktypes: {
      type: "array",
      items: count("A link type's number in the tcpdump registry."),
    },
    interfaces: count("Capture interfaces."),
    tcp_conversations: count("TCP connections."),
    iggy_conversations: count("Those read as Iggy's."),
    cut: { type: "boolean", description: "It is cut or damaged." },
  }, {
    other_protocols: {
      type: "array",
      items: object({
        protocol: text("What conversations carry that is no Iggy."),
        conversations: count("How many do."),
        requests: { type: ["integer", "null"], description: "Requests, where counted." },
      }),
    },
  }),
};

const flow = object({
  bytes: count("Bytes of the flow in order, holes left out."),
  sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
  gaps: count("Holes."),
  conflicts: count("Bytes that came twice and differed."),
});

const security = object({
  protocol: text("TLS or QUIC."),
  version: textOrNull("Its version."),
  suite: textOrNull("The cipher suite."),
  server_name: textOrNull("Name of the server that the client asked for."),
  alpn: textOrNull("The application protocol agreed on, or the first one offered."),
  resumed: { type: "boolean", description: "An earlier session was resumed." },
  retried: { type: "boolean", description: "The server sent a HelloRetryRequest." },
  early_data: textOrNull("Offered, accepted or rejected."),
  key_updates: count("Changes of keys."),
  renegotiations: count("Handshakes after the first one."),
  certificate: textOrNull("Subject of the server's certificate, where it was readable."),
  opened: { type: "boolean", description: "The content was readable." },
});

const wholeOrNull = (description: string): JsonSchema => ({
  type: ["integer", "null"],
  minimum: 0,
  description,
});

/** Counts that have the name of a field of Wireshark's tcp.analysis. */
const ANALYSIS = [
  "retransmission",
  "fast_retransmission",
  "spurious_retransmission",
  "out_of_order",
  "lost_segment",
  "ack_lost_segment",
  "duplicate_ack",
  "window_update",
  "window_full",
  "zero_window",
  "zero_window_probe",
  "zero_window_probe_ack",
  "keep_alive",
  "keep_alive_ack",
] as const satisfies readonly (keyof TcpFacts)[];

const tcpEnd: JsonSchema = object({
  state: text("State of RFC 9293, as its packets show it."),
  mss: wholeOrNull("Maximum segment size its SYN offers."),
  window_scale: wholeOrNull("Shift count its SYN offers."),
  sack_permitted: { type: "boolean", description: "Its SYN permits SACK." },
  window_min: wholeOrNull("Smallest window it announced, bytes."),
  window_max: wholeOrNull("Largest window it announced, bytes."),
  zero_window_us: { type: "number", description: "How long its window was closed." },
  rtt_samples: count("Its segments whose ACK was timed."),
  rtt_min_us: micros("Shortest time from a segment to its ACK at the capture."),
  rtt_mean_us: micros("Their mean."),
  rtt_max_us: micros("The longest."),
  ...Object.fromEntries(
    ANALYSIS.map((name) => [name, count(`Segments with tcp.analysis.${name}.`)]),
  ),
});

const conversations: JsonSchema = {
  ...schemaHead("conversations", "A TCP connection as iggyscope conversations prints it"),
  ...object({
    conversation: count("Its number, as tshark's tcp.stream or udp.stream."),
    client: text("Address and port of the client."),
    server: text("Address and port of the server."),
    start: text("Time of its first packet: RFC 3339, UTC."),
    end: text("Time of its last packet."),
    duration_us: { type: "number", description: "From its first packet to the last." },
    packets: count("Packets of both sides."),
    state: text("How far the connection came."),
    framing: textOrNull("How PDUs are framed; null where it is not read."),
    release: textOrNull("Narrowest range of releases known."),
    user: textOrNull("Who logged in last."),
    transactions: count("Transactions."),
    errors: count("Those with a status other than 0, and evictions."),
    retransmitted: count("Segments sent again."),
    out_of_order: count("Segments that came late."),
    reordered: count(
      "Segments captured before bytes they acknowledge, put back into order.",
    ),
    lost_bytes: count("Bytes that were sent and not captured."),
    handshake_rtt_us: micros("From the SYN to its acknowledgment; null where not seen."),
    protocol: textOrNull("What it carries where that is another protocol."),
    requests: {
      type: ["integer", "null"],
      minimum: 0,
      description: "Requests of that protocol, where they are counted.",
    },
    security: { anyOf: [security, { type: "null" }] },
  }, {
    file: text("The capture, where there are several."),
    transport: { const: "udp", description: "There where it is not TCP but UDP." },
    client_flow: flow,
    server_flow: flow,
    tcp: object({ client: tcpEnd, server: tcpEnd }),
  }),
};

const times: JsonSchema = {
  anyOf: [
    object({
      p50: micros("Median, in µs; quantiles are within 1 %."),
      p90: micros("90 % are no longer."),
      p99: micros("99 % are no longer."),
      max: micros("The longest."),
      mean: micros("The mean."),
    }),
    { type: "null" },
  ],
};

const messages: JsonSchema = {
  anyOf: [
    object({
      batches: count("Requests or responses that carry messages."),
      empty: count("Those without any."),
      messages: count("Messages."),
      bytes: count("Bytes of their payloads."),
      messages_per_batch_p50: { type: ["integer", "null"] },
      messages_per_batch_max: { type: ["integer", "null"] },
    }),
    { type: "null" },
  ],
};

const counters: JsonSchema = {
  count: count("Transactions."),
  unanswered: count("Those whose response was due and did not come."),
  one_way: count("PDUs that ask for no response, such as those between servers."),
  without_request: count("Those without a request."),
  errors: count("Those that failed."),
  statuses: {
    type: "object",
    additionalProperties: count("How many failed so."),
  },
  request_bytes: count("Bytes of the requests."),
  response_bytes: count("Bytes of the responses."),
  response_time_us: times,
  server_time_us: times,
  network_time_us: times,
  think_time_us: times,
  produced: messages,
  consumed: messages,
};

const offset: JsonSchema = { type: ["string", "null"], pattern: "^[0-9]{1,20}$" };

const stats: JsonSchema = {
  ...schemaHead("stats", "What iggyscope stats -T json prints"),
  ...object({
    by: text(
      `What makes a group, with commas between several of ${GROUPINGS.join(", ")}.`,
    ),
    total: object(counters),
    groups: {
      type: "array",
      items: object({
        key: textOrNull("What makes the group; null where it is not known."),
        ...counters,
      }),
    },
    timeline: object({
      interval_ms: { type: ["number", "null"] },
      buckets: {
        type: "array",
        items: object({
          time: text("When it begins: RFC 3339, UTC."),
          count: count("Transactions."),
          errors: count("Those that failed."),
          request_bytes: count("Bytes of the requests."),
          response_bytes: count("Bytes of the responses."),
          response_time_us: times,
        }),
      },
    }),
    offsets: {
      type: "array",
      items: object({
        partition: text("Stream, topic and partition."),
        consumer: textOrNull("Who consumes."),
        polled: offset,
        stored: offset,
        newest: offset,
        lag: offset,
        early: count("Times that an offset was stored beyond what had been given."),
        skipped: count("Offsets between two polls that were never given."),
        repeated: count("Messages that were given more than once."),
        handovers: count("Times that another member of the group went on reading."),
        members: {
          type: "array",
          items: object({
            client: text("Address and port of the client."),
            polls: count("Polls that succeeded."),
            messages: count("Messages it was given."),
            repeated: count("Those that had been given before."),
          }),
        },
      }),
    },
    consumer_groups: {
      type: "array",
      items: object({
        group: text("Stream, topic and group."),
        joins: count("Joins that succeeded."),
        leaves: count("Leaves that succeeded."),
        members: count("Clients that polled as the group."),
        handovers: count("Times that a partition went to another member."),
        generation: offset,
        pause_us: micros(
          "Longest time from a join or leave until the group was given messages again.",
        ),
      }),
    },
  }),
};

const numbers = (description: string): JsonSchema => ({
  type: "array",
  items: count(description),
});

const diagnose: JsonSchema = {
  ...schemaHead("diagnose", "What iggyscope diagnose -T json prints"),
  type: "array",
  items: object({
    id: { enum: Object.keys(CAPTURE_FINDINGS) },
    severity: { enum: ["chat", "note", "warn", "error"] },
    title: text("What was found, in a few words."),
    subject: text("Whom it is about: a client, a consumer in a partition, a topic."),
    message: text("What was seen, with numbers."),
    meaning: text("What it means."),
    advice: text("What to try."),
    count: count("How many transactions, or connections, show it."),
    transactions: numbers("A transaction that shows it."),
    packets: numbers("Its packet."),
  }),
};

/** The records that have a schema. */
export const RECORDS = [
  "transaction",
  "info",
  "conversations",
  "stats",
  "diagnose",
] as const;

/** The schema of a record; that of transactions follows from the registry. */
export function recordSchema(
  record: typeof RECORDS[number],
  registry: Registry,
): JsonSchema {
  const schemas = { info, conversations, stats, diagnose };
  return record === "transaction" ? transactionSchema(registry) : schemas[record];
}

export { SCHEMA_VERSION };
