import type { Side } from "../flow/mod.ts";
import type { Issue } from "../issue.ts";
import type { JsonValue } from "../schema/mod.ts";

/** One side of a {@link TransactionRecord}. */
export interface RequestRecord {
  /** Number of the packet that completed the PDU, and its time, RFC 3339 in UTC. */
  packet: number;
  time: string;
  /** Length of the whole PDU in bytes. */
  length: number;
  /** The decoded fields; null where the body is empty or cannot be read. */
  fields: { [name: string]: JsonValue } | null;
  /** Who sent it, where it asks for no response: either end may. */
  sender?: Side;
  /** The VSR header, where that framing carried it. */
  vsr?: JsonValue;
}

/** The answering side of a {@link TransactionRecord}. */
export interface ResponseRecord extends RequestRecord {
  status: number | null;
  status_name: string | null;
  /** Why a VSR server ended the session. */
  evicted?: string;
}

/** Where in QUIC a transaction came: the number of the connection in the capture, and its stream. */
export interface QuicPlace {
  connection: number;
  stream: number | null;
}

/** What `-T ndjson` prints of a transaction, and `Transaction.toRecord` gives. */
export interface TransactionRecord {
  transaction: number;
  conversation: number;
  /** There where it is not TCP: `conversation` is then tshark's `udp.stream`. */
  transport?: "udp";
  /** There where QUIC carried it: a conversation may hold several connections. */
  quic?: QuicPlace;
  client: string;
  server: string;
  framing: string | null;
  release: string | null;
  command: string | null;
  code: number | null;
  request: RequestRecord | null;
  response: ResponseRecord | null;
  response_time_us: number | null;
  issues: readonly Issue[];
}
