/**
 * Transactions: the record, the row of a table, and one in all detail.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { OUTCOMES } from "../../core/dissect/outcome.ts";
import { Count, Issue, Time } from "./common.ts";

const RequestRecord = z.object({
  packet: Count,
  time: Time,
  length: Count,
  fields: z.record(z.string(), z.unknown()).nullable(),
  vsr: z.unknown().optional(),
}).meta({ id: "RequestRecord" });

const ResponseRecord = z.object({
  packet: Count,
  time: Time,
  length: Count,
  status: z.int().nullable(),
  status_name: z.string().nullable(),
  fields: z.record(z.string(), z.unknown()).nullable(),
  evicted: z.string().optional(),
  vsr: z.unknown().optional(),
}).meta({ id: "ResponseRecord" });

/** Where in QUIC a transaction came. */
export const QuicPlace = z.object({
  connection: Count.meta({
    description: "Number of the QUIC connection in the capture.",
  }),
  stream: z.int().nullable().meta({ description: "Null where nothing could be read." }),
}).meta({ id: "QuicPlace" });
/** See {@link QuicPlace}. */
export type QuicPlace = z.infer<typeof QuicPlace>;

/** A transaction as `-T ndjson` prints it. */
export const TransactionRecord = z.object({
  transaction: Count,
  conversation: z.int(),
  transport: z.literal("udp").optional(),
  quic: QuicPlace.optional(),
  client: z.string(),
  server: z.string(),
  framing: z.string().nullable(),
  release: z.string().nullable(),
  command: z.string().nullable(),
  code: z.int().nullable(),
  request: RequestRecord.nullable(),
  response: ResponseRecord.nullable(),
  response_time_us: z.number().nullable(),
  issues: z.array(Issue),
}).meta({ id: "TransactionRecord" });
/** See {@link TransactionRecord}. */
export type TransactionRecord = z.infer<typeof TransactionRecord>;

/** What a table shows of a transaction. */
export const TransactionRow = z.object({
  transaction: Count,
  conversation: z.int(),
  client: z.string(),
  server: z.string(),
  command: z.string().nullable(),
  code: z.int().nullable(),
  /** Of the request, or of the response where there is no request; null for bare issues. */
  packet: Count.nullable(),
  time: Time.nullable(),
  status: z.int().nullable(),
  status_name: z.string().nullable(),
  /** What became of it; null where nothing tells. */
  outcome: z.enum(OUTCOMES).nullable(),
  /** A status other than 0, or an eviction. */
  error: z.boolean(),
  response_time_us: z.number().nullable(),
  request_length: Count.nullable(),
  response_length: Count.nullable(),
  summary: z.object({
    /** The command's arguments in few words: `stream=logs topic=7`. */
    request: z.string(),
    /** What came back: `ok 3 messages`, `stream_not_found (1009)`, `no response`. */
    response: z.string(),
  }),
  issues: Count,
  /** The worst of its issues. */
  severity: z.enum(["chat", "note", "warn", "error"]).nullable(),
  /** The first of the worst, in words. */
  finding: z.string().nullable(),
}).meta({ id: "TransactionRow" });
/** See {@link TransactionRow}. */
export type TransactionRow = z.infer<typeof TransactionRow>;

const Remarks = Count.meta({
  description: "How many of total are remarks: neither a request nor a response, only " +
    "issues. No count of transactions includes them.",
});
const Complete = z.boolean().meta({
  description: "Whether total is final; see the parameter wait.",
});
const Searched = z.number().meta({
  description: "Part of the capture that the filter has seen, 0 to 1.",
});

/** Transactions of a capture, in order of completion. */
export const TransactionPage = z.object({
  items: z.array(TransactionRecord),
  next: z.string().nullable().meta({ description: "Cursor of the next page." }),
  total: Count.meta({ description: "How many rows there are, of all pages." }),
  remarks: Remarks,
  offset: Count.meta({ description: "Place of the first item among those." }),
  complete: Complete,
  searched: Searched,
}).meta({ id: "TransactionPage" });
/** See {@link TransactionPage}. */
export type TransactionPage = z.infer<typeof TransactionPage>;

/** The same as rows of a table: `view=row`. */
export const RowPage = z.object({
  items: z.array(TransactionRow),
  next: z.string().nullable(),
  total: Count,
  remarks: Remarks,
  offset: Count,
  complete: Complete,
  searched: Searched,
}).meta({ id: "RowPage" });
/** See {@link RowPage}. */
export type RowPage = z.infer<typeof RowPage>;

/** One decoded field with the bytes it was read from. */
export interface Node {
  /** Last part of the path; the index of a list's item. */
  name: string;
  /** As filters and Wireshark write it; no indexes. */
  path: string;
  type: string;
  /** The wire form in words: `u32`, `u8 length, UTF-8`. */
  wire: string;
  doc: string;
  /** By the rules of records; null for groups. */
  value?: unknown;
  /** For people: units, names of enums. */
  text: string;
  /** Bytes from the start of the PDU; those of `hex`. */
  offset: number;
  /** 0 for what follows from other fields. */
  length: number;
  secret?: boolean;
  children: Node[];
}

/** See the type of the same name. */
export const Node: z.ZodType<Node> = z.object({
  name: z.string(),
  path: z.string(),
  type: z.string(),
  wire: z.string(),
  doc: z.string(),
  value: z.unknown(),
  text: z.string(),
  offset: Count,
  length: Count,
  secret: z.boolean().optional(),
  get children(): z.ZodArray<z.ZodType<Node>> {
    return z.array(Node);
  },
}).meta({ id: "Node" });

/** One PDU in all detail. */
export const PduDetail = z.object({
  /** Fields of the framing's header and of the body, each list in order of bytes. */
  tree: z.array(Node),
  /** The bytes, two digits each; `**` for each byte of a secret. */
  hex: z.string(),
  /** Bytes that `hex` leaves out at the end; see the parameter `bytes`. */
  hidden: Count,
  length: Count,
}).meta({ id: "PduDetail" });
/** See {@link PduDetail}. */
export type PduDetail = z.infer<typeof PduDetail>;

const micros = (description: string) => z.number().nullable().openapi({ description });

/** Where the time of a transaction went, in µs; null where the packets do not prove it. */
export const TimeSplit = z.object({
  request_us: micros("From the request's first packet to its last."),
  lost_us: micros("Bytes had been lost and were still to be sent again."),
  zero_window_us: micros("The receiver's window was zero."),
  round_trip_us: micros("To the server and back."),
  server_us: micros("What is left between request and response."),
  response_us: micros("From the response's first packet to its last."),
  think_us: micros("The client's own pause before the request."),
}).meta({ id: "TimeSplit" });
/** See {@link TimeSplit}. */
export type TimeSplit = z.infer<typeof TimeSplit>;

/** One transaction with field trees and bytes. */
export const TransactionDetail = z.object({
  record: TransactionRecord,
  time_split: TimeSplit,
  request: PduDetail.nullable(),
  response: PduDetail.nullable(),
}).meta({ id: "TransactionDetail" });
/** See {@link TransactionDetail}. */
export type TransactionDetail = z.infer<typeof TransactionDetail>;
