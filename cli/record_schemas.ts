import type { TcpFacts } from "./tcp_facts.ts";
import type { Registry } from "../core/dissect/registry.ts";
import {
  SCHEMA_VERSION,
  schemaHead,
  transactionSchema,
} from "../core/export/json_schema.ts";
import {
  countSchema,
  type JsonSchema,
  listSchema,
  microsSchema,
  objectSchema,
  textOrNullSchema,
  textSchema,
} from "../core/schema/mod.ts";
import { CAPTURE_FINDING_SCHEMA } from "../core/diagnose/mod.ts";
import { CONVERSATION_KEYS, RARE_CONVERSATION_KEYS } from "../core/dissect/mod.ts";
import { STATISTICS_SCHEMA } from "../core/stats/record_schema.ts";

const info: JsonSchema = {
  ...schemaHead("info", "What iggyscope info says of a capture"),
  ...objectSchema({
    file: textSchema("Its path; - is standard input."),
    format: { enum: ["pcap", "pcap-ns", "pcapng"] },
    packets: countSchema("Packets that could be read."),
    first_time: textOrNullSchema("The first packet's time: RFC 3339, UTC."),
    last_time: textOrNullSchema("The last packet's time."),
    linktypes: {
      type: "array",
      items: countSchema("A link type's number in the tcpdump registry."),
    },
    interfaces: countSchema("Capture interfaces."),
    tcp_conversations: countSchema("TCP connections."),
    iggy_conversations: countSchema("Those read as Iggy's."),
    cut: { type: "boolean", description: "It is cut or damaged." },
  }, {
    other_protocols: {
      type: "array",
      items: objectSchema({
        protocol: textSchema("What conversations carry that is no Iggy."),
        conversations: countSchema("How many do."),
        requests: { type: ["integer", "null"], description: "Requests, where counted." },
      }),
    },
  }),
};

const flow = objectSchema({
  bytes: countSchema("Bytes of the flow in order, holes left out."),
  sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
  gaps: countSchema("Holes."),
  conflicts: countSchema("Bytes that came twice and differed."),
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
  "timeout_retransmission",
  "tail_loss_probe",
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

const tcpEnd: JsonSchema = objectSchema({
  state: textSchema("State of RFC 9293, as its packets show it."),
  mss: wholeOrNull("Maximum segment size its SYN offers."),
  window_scale: wholeOrNull("Shift count its SYN offers."),
  sack_permitted: { type: "boolean", description: "Its SYN permits SACK." },
  window_min: wholeOrNull("Smallest window it announced, bytes."),
  window_max: wholeOrNull("Largest window it announced, bytes."),
  zero_window_us: { type: "number", description: "How long its window was closed." },
  rtt_samples: countSchema("Its segments whose ACK was timed."),
  rtt_min_us: microsSchema("Shortest time from a segment to its ACK at the capture."),
  rtt_mean_us: microsSchema("Their mean."),
  rtt_max_us: microsSchema("The longest."),
  ...Object.fromEntries(
    ANALYSIS.map((name) => [name, countSchema(`Segments with tcp.analysis.${name}.`)]),
  ),
});

const conversations: JsonSchema = {
  ...schemaHead("conversations", "A TCP connection as iggyscope conversations prints it"),
  ...objectSchema({
    ...CONVERSATION_KEYS,
  }, {
    file: textSchema("The capture, where there are several."),
    ...RARE_CONVERSATION_KEYS,
    client_flow: flow,
    server_flow: flow,
    tcp: objectSchema({ client: tcpEnd, server: tcpEnd }),
  }),
};

const stats: JsonSchema = {
  ...schemaHead("stats", "What iggyscope stats -T json prints"),
  ...STATISTICS_SCHEMA,
};

const diagnose: JsonSchema = {
  ...schemaHead("diagnose", "What iggyscope diagnose -T json prints"),
  ...listSchema(CAPTURE_FINDING_SCHEMA),
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
