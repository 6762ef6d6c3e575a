/**
 * What a capture's transactions come to: statistics, series over time, conversations.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { CAPTURE_FINDING_SCHEMA, type CaptureFinding } from "../../core/diagnose/mod.ts";
import type { ConversationRecord } from "../../core/dissect/conversation_record.ts";
import {
  CONVERSATION_KEYS,
  RARE_CONVERSATION_KEYS,
} from "../../core/dissect/conversation_schema.ts";
import { OUTCOMES } from "../../core/dissect/outcome.ts";
import { countSchema, listSchema, objectSchema } from "../../core/schema/mod.ts";
import {
  COUNTS_KEYS,
  type CountsRecord,
  OFFSETS_KEYS,
  type OffsetsRecord,
  TIMELINE_SCHEMA,
  type TimelineRecord,
} from "../../core/stats/mod.ts";
import { Count, Issue, Time } from "./common.ts";
import { QuicPlace } from "./transaction.ts";

/** Counts by command of a capture, or of what a filter lets through. */
export interface Stats extends CountsRecord {
  /** Rows that have an issue, by severity. */
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
export interface FlowCounts {
  packets: number;
  bytes: number;
  retransmitted: number;
  out_of_order: number;
  lost_bytes: number;
  gaps: number;
  conflicts: number;
}

const flow = objectSchema<FlowCounts>({
  packets: countSchema("Its packets."),
  bytes: countSchema("Bytes in order, holes left out."),
  retransmitted: countSchema("Segments sent again."),
  out_of_order: countSchema("Segments that came late."),
  lost_bytes: countSchema("Bytes that were sent and not captured."),
  gaps: countSchema("Holes."),
  conflicts: countSchema("Bytes that came twice and differed."),
});

/** One TCP connection, or a QUIC connection: those count down from -1. */
export interface Conversation extends ConversationRecord {
  client_flow: FlowCounts;
  server_flow: FlowCounts;
}
/** See {@link Conversation}; `conversations` prints the same. */
export const Conversation = z.custom<Conversation>().meta({
  id: "Conversation",
  ...objectSchema<Omit<Conversation, "transport">>({
    ...CONVERSATION_KEYS,
    client_flow: flow,
    server_flow: flow,
  }, RARE_CONVERSATION_KEYS),
});

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
  /** Where in QUIC it came. */
  quic: QuicPlace.optional(),
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
export interface CaptureFindings {
  /** False while the capture is dissected: what is wrong is known at its end. */
  complete: boolean;
  items: readonly CaptureFinding[];
}
/** See {@link CaptureFindings}. */
export const CaptureFindings = z.custom<CaptureFindings>().meta({
  id: "CaptureFindings",
  ...objectSchema<CaptureFindings>({
    complete: {
      type: "boolean",
      description:
        "False while the capture is dissected: what is wrong is known at its end.",
    },
    items: listSchema(CAPTURE_FINDING_SCHEMA),
  }),
});

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
