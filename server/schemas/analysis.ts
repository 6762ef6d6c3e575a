/**
 * What a capture's transactions come to: statistics, series over time, conversations.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { OUTCOMES } from "../../core/dissect/outcome.ts";
import { countSchema, objectSchema } from "../../core/schema/mod.ts";
import {
  COUNTS_KEYS,
  type CountsRecord,
  OFFSETS_KEYS,
  type OffsetsRecord,
  TIMELINE_SCHEMA,
  type TimelineRecord,
} from "../../core/stats/mod.ts";
import { Count, Issue, Time } from "./common.ts";

/** Counts by command of a capture, or of what a filter lets through. */
export interface Stats extends CountsRecord {
  /** Issues by severity. */
  issues: { chat: number; note: number; warn: number; error: number };
}
/** See {@link Stats}. */
export const Stats = z.custom<Stats>().meta({
  id: "Stats",
  ...objectSchema<Stats>({
    ...COUNTS_KEYS,
    issues: objectSchema<Stats["issues"]>({
      chat: countSchema("Normal operation."),
      note: countSchema("Worth knowing."),
      warn: countSchema("Unexpected."),
      error: countSchema("Malformed data and lost bytes."),
    }),
  }),
});

/** Transactions over time, in buckets of equal length by the time of the request. */
export const Timeline = z.custom<TimelineRecord>().meta({
  id: "Timeline",
  ...TIMELINE_SCHEMA,
});
/** See {@link Timeline}. */
export type Timeline = TimelineRecord;

/** Counts of one flow. */
export const FlowCounts = z.object({
  packets: Count,
  bytes: Count,
  retransmitted: Count,
  out_of_order: Count,
  lost_bytes: Count,
  gaps: Count,
  conflicts: Count,
}).meta({ id: "FlowCounts" });

/** What TLS or QUIC agreed on, as far as the handshake was readable. */
const SecurityFacts = z.object({
  protocol: z.string(),
  version: z.string().nullable(),
  suite: z.string().nullable(),
  server_name: z.string().nullable(),
  alpn: z.string().nullable(),
  resumed: z.boolean(),
  retried: z.boolean(),
  early_data: z.enum(["offered", "accepted", "rejected"]).nullable(),
  key_updates: Count,
  renegotiations: Count,
  certificate: z.string().nullable(),
  opened: z.boolean(),
}).meta({ id: "SecurityFacts" });

/** One TCP connection, or a QUIC connection: those count down from -1. */
export const Conversation = z.object({
  conversation: z.int(),
  transport: z.literal("udp").optional(),
  client: z.string(),
  server: z.string(),
  start: Time,
  end: Time,
  duration_us: z.number(),
  packets: Count,
  state: z.enum(["half-open", "established", "mid-capture", "closed", "reset"]),
  /** Null where it is not Iggy's. */
  framing: z.string().nullable(),
  release: z.string().nullable(),
  user: z.string().nullable(),
  transactions: Count,
  errors: Count,
  retransmitted: Count,
  out_of_order: Count,
  reordered: Count,
  lost_bytes: Count,
  /** RTT of the handshake in µs. */
  handshake_rtt_us: z.number().nullable(),
  /** What it carries where that is another protocol, and its requests. */
  protocol: z.string().nullable(),
  requests: Count.nullable(),
  /** What TLS or QUIC agreed on. */
  security: SecurityFacts.nullable(),
  client_flow: FlowCounts,
  server_flow: FlowCounts,
}).meta({ id: "Conversation" });
/** See {@link Conversation}. */
export type Conversation = z.infer<typeof Conversation>;

/** Conversations in order of their numbers. */
export const ConversationPage = z.object({
  items: z.array(Conversation),
  next: z.string().nullable(),
}).meta({ id: "ConversationPage" });
/** See {@link ConversationPage}. */
export type ConversationPage = z.infer<typeof ConversationPage>;

/** A PDU on its way. */
export const LadderPdu = z.object({
  side: z.enum(["client", "server"]).meta({ description: "Who sent it." }),
  kind: z.enum(["request", "response"]),
  transaction: Count,
  packet: Count,
  time: Time,
  length: Count,
  command: z.string().nullable(),
  status: z.int().nullable(),
  status_name: z.string().nullable(),
  /** Of responses: what became of the transaction. */
  outcome: z.enum(OUTCOMES).nullable(),
  /** It tells that the server did not do it. */
  error: z.boolean(),
  summary: z.string(),
}).meta({ id: "LadderPdu" });
/** See {@link LadderPdu}. */
export type LadderPdu = z.infer<typeof LadderPdu>;

/** A TCP segment; asked for with `segments=true`. */
export const LadderSegment = z.object({
  side: z.enum(["client", "server"]),
  packet: Count,
  time: Time,
  /** Payload bytes on the wire. */
  length: Count,
  /** SYN, FIN and RST, where set. */
  flags: z.array(z.enum(["SYN", "FIN", "RST"])),
  /** What TCP made of it. */
  retransmitted: z.boolean(),
  out_of_order: z.boolean(),
  /** Bytes that its arrival proved to be lost. */
  lost: Count,
}).meta({ id: "LadderSegment" });
/** See {@link LadderSegment}. */
export type LadderSegment = z.infer<typeof LadderSegment>;

/** Who sent what when on one conversation. */
export const Ladder = z.object({
  conversation: Conversation,
  /** In order of packets. */
  pdus: z.array(LadderPdu),
  /** In order of packets; null unless asked for. */
  segments: z.array(LadderSegment).nullable(),
  /** Findings of its transactions about lost or repeated bytes. */
  issues: z.array(Issue),
  next: z.string().nullable(),
}).meta({ id: "Ladder" });
/** See {@link Ladder}. */
export type Ladder = z.infer<typeof Ladder>;

/** Who works on which stream and topic. */
export const Topology = z.object({
  items: z.array(z.object({
    /** Address of the client, without the port. */
    client: z.string(),
    user: z.string().nullable(),
    server: z.string(),
    command: z.string().nullable(),
    /** Path of the request's fields, as filters have it; null where there is no request. */
    path: z.string().nullable(),
    /** Id or name as requests say it; null where a command has none. */
    stream: z.string().nullable(),
    /** `stream/topic` */
    topic: z.string().nullable(),
    count: Count,
    errors: Count,
    bytes: Count,
  })),
  names: z.record(z.string(), z.string()).meta({
    description: "What answers told of numbers: `0` is `orders`, `orders/0` `orders/eu`.",
  }),
}).meta({ id: "Topology" });
/** See {@link Topology}. */
export type Topology = z.infer<typeof Topology>;

/** What is wrong with the work that a capture shows; `diagnose` says the same. */
export const CaptureFindings = z.object({
  /** False while the capture is dissected: what is wrong is known at its end. */
  complete: z.boolean(),
  items: z.array(z.object({
    /** Stays the same from release to release. */
    id: z.string(),
    severity: z.enum(["chat", "note", "warn", "error"]),
    title: z.string(),
    /** Whom it is about: a client, a consumer in a partition, a topic. */
    subject: z.string(),
    message: z.string(),
    meaning: z.string(),
    advice: z.string(),
    count: Count.meta({ description: "Transactions, or connections, that show it." }),
    transactions: z.array(Count),
    packets: z.array(Count),
  })),
}).meta({ id: "CaptureFindings" });
/** See {@link CaptureFindings}. */
export type CaptureFindings = z.infer<typeof CaptureFindings>;

/** How far consumers and groups are in their partitions; `stats -T json` says the same. */
export interface Consumers extends OffsetsRecord {
  /** False while the capture is dissected. */
  complete: boolean;
}
/** See {@link Consumers}. */
export const Consumers = z.custom<Consumers>().meta({
  id: "Consumers",
  ...objectSchema<Consumers>({
    complete: { type: "boolean", description: "False while the capture is dissected." },
    ...OFFSETS_KEYS,
  }),
});
