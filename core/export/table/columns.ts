import type { Pdu } from "../../framing/pdu.ts";
import type { TransactionRecord } from "../../dissect/record.ts";
import type { Transaction } from "../../dissect/transaction.ts";
import { Traffic } from "../../stats/traffic.ts";

/** What the cells of a column are. A moment is microseconds since the epoch, UTC. */
export type ColumnType = "integer" | "number" | "text" | "moment";

/** A value of a column: integers and moments are bigints within 64 bits, signed. */
export type Cell = bigint | number | string | null;

/** A transaction as columns ask it. */
interface Row {
  readonly transaction: Transaction;
  readonly record: TransactionRecord;
  readonly traffic: Traffic;
}

/** One column of a table of transactions. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** What its cells say. */
  readonly doc: string;
}

interface FilledColumn extends Column {
  readonly cell: (row: Row) => Cell;
}

const MAX_INT64 = 2n ** 63n - 1n;

function integer(value: number | bigint | null | undefined): bigint | null {
  if (value === null || value === undefined) return null;
  const whole = BigInt(value);
  return whole > MAX_INT64 ? null : whole;
}

function nanosOf(pdu: Pdu | null): bigint | null {
  if (pdu === null) return null;
  return integer(BigInt(pdu.stamp.seconds) * 1_000_000_000n + BigInt(pdu.stamp.nanos));
}

function microsOf(pdu: Pdu | null): bigint | null {
  if (pdu === null) return null;
  return BigInt(pdu.stamp.seconds) * 1_000_000n +
    BigInt(Math.floor(pdu.stamp.nanos / 1e3));
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

const column = (
  name: string,
  type: ColumnType,
  doc: string,
  cell: (row: Row) => Cell,
): FilledColumn => ({ name, type, doc, cell });

const FILLED: readonly FilledColumn[] = [
  column(
    "transaction",
    "integer",
    "Number of the transaction, from 0.",
    (row) => integer(row.record.transaction),
  ),
  column(
    "conversation",
    "integer",
    "tcp.stream, or udp.stream of QUIC.",
    (row) => integer(row.record.conversation),
  ),
  column("transport", "text", "tcp or udp.", (row) => row.record.transport ?? "tcp"),
  column("client", "text", "Address and port of the client.", (row) => row.record.client),
  column("server", "text", "Address and port of the server.", (row) => row.record.server),
  column("framing", "text", "classic or vsr.", (row) => row.record.framing),
  column(
    "release",
    "text",
    "The narrowest range of releases known.",
    (row) => row.record.release,
  ),
  column(
    "user",
    "text",
    "Who was logged in.",
    (row) => row.transaction.conversation.user,
  ),
  column("command", "text", "Name of the command.", (row) => row.record.command),
  column("code", "integer", "Code of the command.", (row) => integer(row.record.code)),
  column(
    "outcome",
    "text",
    "ok, error, unanswered and the like.",
    (row) => row.transaction.outcome,
  ),
  column(
    "status",
    "integer",
    "Status of the response.",
    (row) => integer(row.record.response?.status),
  ),
  column(
    "status_name",
    "text",
    "Name of the status.",
    (row) => row.record.response?.status_name ?? null,
  ),
  column(
    "stream",
    "text",
    "Stream that the command names, by id or name.",
    (row) => row.traffic.stream,
  ),
  column("topic", "text", "Topic within the stream.", (row) => row.traffic.topicName),
  column(
    "partition",
    "integer",
    "Partition of the topic, as asked or as answered.",
    ({ traffic: { partitionName: name } }) =>
      name !== null && /^\d{1,18}$/.test(name) ? BigInt(name) : null,
  ),
  column("consumer", "text", "Who reads by itself.", (row) => row.traffic.consumerName),
  column(
    "consumer_group",
    "text",
    "The group that reads, joins or is asked about.",
    (row) => row.traffic.groupName,
  ),
  column(
    "messages",
    "integer",
    "Messages sent, or polled.",
    (row) => integer((row.traffic.produced ?? row.traffic.consumed)?.messages),
  ),
  column(
    "payload_bytes",
    "integer",
    "Bytes of the payloads of these messages.",
    (row) => integer((row.traffic.produced ?? row.traffic.consumed)?.payloadBytes),
  ),
  column(
    "first_offset",
    "integer",
    "Offset of the first message polled or appended.",
    (row) => integer(row.traffic.polled?.first ?? row.traffic.appended),
  ),
  column(
    "last_offset",
    "integer",
    "Offset of the last message polled.",
    (row) => integer(row.traffic.polled?.last),
  ),
  column(
    "stored_offset",
    "integer",
    "Offset that a request stores, or a server tells.",
    (row) => integer(row.traffic.stores ?? row.traffic.stored),
  ),
  column(
    "newest_offset",
    "integer",
    "Newest offset of the partition, as told.",
    (row) => integer(row.traffic.newest),
  ),
  column(
    "request_packet",
    "integer",
    "Packet that completed the request.",
    (row) => integer(row.record.request?.packet),
  ),
  column(
    "request_time",
    "moment",
    "Its time.",
    (row) => microsOf(row.transaction.request),
  ),
  column(
    "request_time_ns",
    "integer",
    "The same in nanoseconds since 1970.",
    (row) => nanosOf(row.transaction.request),
  ),
  column(
    "request_length",
    "integer",
    "Bytes of the request.",
    (row) => integer(row.record.request?.length),
  ),
  column(
    "response_packet",
    "integer",
    "Packet that completed the response.",
    (row) => integer(row.record.response?.packet),
  ),
  column(
    "response_time",
    "moment",
    "Its time.",
    (row) => microsOf(row.transaction.response),
  ),
  column(
    "response_time_ns",
    "integer",
    "The same in nanoseconds since 1970.",
    (row) => nanosOf(row.transaction.response),
  ),
  column(
    "response_length",
    "integer",
    "Bytes of the response.",
    (row) => integer(row.record.response?.length),
  ),
  column(
    "response_time_us",
    "number",
    "Microseconds from request to response.",
    (row) => row.record.response_time_us,
  ),
  column(
    "request",
    "text",
    "JSON of the request, as -T ndjson prints it.",
    (row) => json(row.record.request),
  ),
  column("response", "text", "JSON of the response.", (row) => json(row.record.response)),
  column(
    "issues",
    "text",
    "JSON of the list of issues.",
    (row) => json(row.record.issues),
  ),
];

/** The columns of a table of transactions, the same whatever the capture. */
export const TABLE_COLUMNS: readonly Column[] = FILLED;

/** The cells of a transaction, one a column. */
export function cellsOf(transaction: Transaction, record: TransactionRecord): Cell[] {
  const row = { transaction, record, traffic: new Traffic(transaction) };
  return FILLED.map(({ cell }) => cell(row));
}
