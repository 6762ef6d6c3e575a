/**
 * Display filters with what each lets pass, as a plain test of the printed record. The table
 * serves our filters and the comparison with tshark alike.
 *
 * @module
 */
import { portOf } from "../../core/net/endpoint.ts";

/** The parts of a record that the table looks at. */
export interface FilterRecord {
  transaction: number;
  conversation: number;
  client: string;
  framing: string | null;
  release: string | null;
  command: string | null;
  code: number | null;
  request: { packet: number; length: number; time: string; fields: Tree | null } | null;
  response: {
    packet: number;
    length: number;
    time: string;
    status: number | null;
    status_name: string | null;
    evicted?: string;
    fields: Tree | null;
  } | null;
  response_time_us: number | null;
  issues: { severity: string; group: string }[];
}

/** Fields as JSON has them. */
export type Tree = { [name: string]: unknown };

/** A filter and the records that pass it. */
export interface FilterRow {
  readonly filter: string;
  readonly passes: (record: FilterRecord) => boolean;
  /** False where Wireshark has no such thing: units, IPv6 in ip.addr, our own functions. */
  readonly wireshark?: false;
}

/** The values at a path below a command's request or response; lists fan out. */
export function valuesAt(record: FilterRecord, path: string): unknown[] {
  const [command, side, ...names] = path.split(".");
  if (record.command !== command) return [];
  const part = side === "request" ? record.request : record.response;
  let values: unknown[] = [part?.fields ?? null];
  for (const name of names) {
    values = values.flat().flatMap((value) =>
      typeof value === "object" && value !== null && name in value
        ? [(value as Tree)[name]]
        : []
    );
  }
  return values.flat().filter((value) => value !== null && value !== undefined);
}

const row = (
  filter: string,
  passes: FilterRow["passes"],
  wireshark?: false,
): FilterRow => ({ filter, passes, wireshark });

const some =
  (path: string, test: (value: unknown) => boolean) => (record: FilterRecord) =>
    valuesAt(record, path).some(test);
const every =
  (path: string, test: (value: unknown) => boolean) => (record: FilterRecord) => {
    const values = valuesAt(record, path);
    return values.length > 0 && values.every(test);
  };
const is = (command: string) => (record: FilterRecord) => record.command === command;
const text = (value: unknown) => String((value as { text?: string }).text ?? value);
const hex = (value: unknown) => (value as { hex: string }).hex;
const port = ({ client }: FilterRecord) => portOf(client);
const packets = (record: FilterRecord) =>
  [record.request?.packet, record.response?.packet].filter((packet) =>
    packet !== undefined
  );

const OFFSETS = "poll_messages.response.messages.offset";
const PAYLOADS = "send_messages.request.messages.payload";
const KIND = "poll_messages.request.consumer.kind";
const USERNAME = "login_user.request.username";

/** The filters, simple ones first. */
export const filterTable: readonly FilterRow[] = [
  row("iggy", () => true),
  row("tcp && ip", () => true),
  row("ipv6", () => false),
  row('iggy.command == "poll_messages"', is("poll_messages")),
  row("iggy.command eq 'p'", () => false),
  row("iggy.command == ping", is("ping")),
  row('iggy.command != "ping"', ({ command }) => command !== null && command !== "ping"),
  row('!(iggy.command == "ping")', ({ command }) => command !== "ping"),
  row('not iggy.command == "ping"', ({ command }) => command !== "ping"),
  row(
    'iggy.command contains "stream"',
    ({ command }) => command?.includes("stream") ?? false,
  ),
  row(
    'iggy.command matches "STREAMS?$"',
    ({ command }) => /streams?$/.test(command ?? ""),
  ),
  row('iggy.command ~ "^get_.*s$"', ({ command }) => /^get_.*s$/.test(command ?? "")),
  row('iggy.command matches r"^\\w{4}$"', ({ command }) => /^\w{4}$/.test(command ?? "")),
  row(
    'iggy.command in {"ping", "get_me"}',
    ({ command }) => command === "ping" || command === "get_me",
  ),
  row(
    'iggy.command not in {"ping", "get_me"}',
    ({ command }) => command !== "ping" && command !== "get_me",
  ),
  row(
    'iggy.command > "o" and iggy.command lt "q"',
    ({ command }) => command !== null && command > "o" && command < "q",
  ),
  row("iggy.code == 100", ({ code }) => code === 100),
  row("iggy.code == 0x64", ({ code }) => code === 100),
  row("iggy.code == 0144", ({ code }) => code === 100),
  row("iggy.code == 'd'", ({ code }) => code === 100),
  row(
    "iggy.code in {1..99, 202}",
    ({ code }) => code !== null && (code >= 1 && code <= 99 || code === 202),
  ),
  row(
    "iggy.code >= 100 && iggy.code <= 200",
    ({ code }) => code !== null && code >= 100 && code <= 200,
  ),
  row(
    "tcp.stream <= iggy.code < 100",
    ({ conversation, code }) => code !== null && conversation <= code && code < 100,
    false,
  ),
  row("iggy.status == 0", ({ response }) => response?.status === 0),
  row(
    "iggy.failed",
    ({ request, response }) =>
      request !== null && response === null || response?.evicted !== undefined ||
      (response?.status ?? 0) !== 0,
  ),
  row("!iggy.failed && iggy.response", ({ response }) => response?.status === 0),
  row(
    'iggy.outcome in {"evicted", "unanswered"}',
    ({ request, response }) =>
      request !== null && response === null || response?.evicted !== undefined,
  ),
  row("iggy.status != 0", ({ response }) => (response?.status ?? 0) !== 0),
  row('iggy.status_name == "ok"', ({ response }) => response?.status_name === "ok"),
  row(
    'iggy.status_name contains "not_found"',
    ({ response }) => response?.status_name?.includes("not_found") ?? false,
  ),
  row(
    "iggy.status && !(iggy.status == 0) || iggy.code == 1",
    (record) => (record.response?.status ?? 0) !== 0 || record.code === 1,
  ),
  row(
    "iggy.code == 1 || iggy.code == 10 && iggy.status == 1",
    ({ code, response }) => code === 1 || (code === 10 && response?.status === 1),
  ),
  row(
    "(iggy.code == 1 || iggy.code == 10) && iggy.status == 0",
    ({ code, response }) => (code === 1 || code === 10) && response?.status === 0,
  ),
  row("iggy.response_time > 0.001", ({ response_time_us: time }) => (time ?? 0) > 1000),
  row(
    "iggy.response_time > 1ms",
    ({ response_time_us: time }) => (time ?? 0) > 1000,
    false,
  ),
  row(
    "iggy.response_time <= 250us",
    ({ response_time_us: time }) => time !== null && time <= 250,
    false,
  ),
  row('iggy.framing == "classic"', ({ framing }) => framing === "classic"),
  row('iggy.release == "0.7+"', ({ release }) => release === "0.7+", false),
  row("tcp.stream == 0", ({ conversation }) => conversation === 0),
  row("tcp.stream in {1, 3..5}", ({ conversation: n }) => n === 1 || n >= 3 && n <= 5),
  row("tcp.port == 8090", () => true),
  row("tcp.port != 8090", () => false),
  row("any tcp.port != 8090", () => true, false),
  row("all tcp.port > 1023", () => true, false),
  row("tcp.srcport > 30000 || tcp.dstport > 30000", (record) => port(record) > 30000),
  // The ports of a transaction are those of its request and its response.
  row(
    "tcp.srcport == tcp.dstport",
    ({ request, response }) => request !== null && response !== null,
    false,
  ),
  row("frame.number == 11", (record) => packets(record).includes(11)),
  row("frame.number < 20", (record) => packets(record).some((packet) => packet < 20)),
  row(
    'frame.time >= "2026-11-21 08:48:19" && frame.number > 0',
    (record) =>
      (record.response?.time ?? record.request?.time ?? "") >= "2026-11-21T08:48:19",
  ),
  row('frame.time < "2020-01-01T00:00:00Z"', () => false),
  row("frame.time_epoch > 1500000000.5", () => true),
  row("ip.addr == 127.0.0.1", () => true),
  row("ip.addr == 127.0.0.0/8", () => true),
  row("ip.src == 10.0.0.0/8 or ip.dst == 10.0.0.0/8", () => false),
  row("ip.addr == ::1", () => false, false),
  row("iggy.poll_messages", is("poll_messages"), false),
  row("iggy.poll_messages.response.messages.offset", some(OFFSETS, () => true)),
  row(
    "iggy.poll_messages.response.messages.offset == 3",
    some(OFFSETS, (n) => n === "3"),
  ),
  row(
    "iggy.poll_messages.response.messages.offset != 3",
    every(OFFSETS, (n) => n !== "3"),
  ),
  row(
    "any iggy.poll_messages.response.messages.offset !== 3",
    some(OFFSETS, (n) => n !== "3"),
    false,
  ),
  row(
    "all iggy.poll_messages.response.messages.offset < 3",
    every(OFFSETS, (n) => Number(n) < 3),
    false,
  ),
  row(
    "iggy.poll_messages.response.messages.offset === 0",
    every(OFFSETS, (n) => n === "0"),
    false,
  ),
  row(
    "iggy.poll_messages.response.messages.offset < 18446744073709551615",
    some(OFFSETS, () => true),
  ),
  row(
    "iggy.poll_messages.response.messages.offset in {1..2, 18446744073709551615}",
    some(OFFSETS, (n) => n === "1" || n === "2"),
  ),
  row(
    "iggy.poll_messages.response.messages.id > 0xffffffffffffffff",
    some("poll_messages.response.messages.id", (n) => BigInt(String(n)) >= 1n << 64n),
    false,
  ),
  row(
    "count(iggy.poll_messages.response.messages.offset) > 2",
    (record) => valuesAt(record, OFFSETS).length > 2,
  ),
  row(
    'iggy.poll_messages.request.consumer.kind == "consumer"',
    some(KIND, (k) => k === "consumer"),
  ),
  row(
    "iggy.poll_messages.request.consumer.kind == 2",
    some(KIND, (k) => k === "consumer_group"),
  ),
  row(
    'iggy.poll_messages.request.consumer.kind > "consumer"',
    some(KIND, (k) => k === "consumer_group"),
  ),
  row(
    "iggy.poll_messages.request.auto_commit == true",
    some("poll_messages.request.auto_commit", (value) => value === true),
    false,
  ),
  row(
    "iggy.poll_messages.request.auto_commit == 0",
    some("poll_messages.request.auto_commit", (value) => value === false),
  ),
  row(
    "iggy.poll_messages.request.partition_id",
    some("poll_messages.request.partition_id", () => true),
  ),
  row(
    "iggy.get_stream.request.stream_id == 1",
    some("get_stream.request.stream_id", (value) => value === 1),
  ),
  row(
    'iggy.get_stream.request.stream_id == "1"',
    some("get_stream.request.stream_id", (value) => value === 1),
  ),
  row(
    'iggy.login_user.request.username == "iggy"',
    some(USERNAME, (name) => name === "iggy"),
  ),
  row(
    'lower(iggy.login_user.request.username) == "iggy"',
    some(USERNAME, (name) => String(name).toLowerCase() === "iggy"),
  ),
  row(
    'upper(iggy.login_user.request.username) contains "GG"',
    some(USERNAME, (name) => String(name).includes("gg")),
  ),
  row(
    "len(iggy.login_user.request.username) == 4",
    some(USERNAME, (name) => String(name).length === 4),
  ),
  row(
    'iggy.login_user.request.username[0:2] == "ig"',
    some(USERNAME, (name) => String(name).startsWith("ig")),
  ),
  row(
    "iggy.login_user.request.username[1-2] == 67:67",
    some(USERNAME, (name) => String(name).slice(1, 3) === "gg"),
  ),
  row(
    "iggy.send_messages.request.messages.payload[0:3] == 68:65:6c",
    some(PAYLOADS, (value) => hex(value).startsWith("68656c")),
  ),
  row(
    "iggy.send_messages.request.messages.payload[-2:] == 65:64",
    some(PAYLOADS, (value) => hex(value).endsWith("6564")),
  ),
  row(
    "iggy.send_messages.request.messages.payload[:2,4] contains 65:6f",
    some(PAYLOADS, (value) => {
      const text = hex(value);
      return text.length >= 10 && (text.slice(0, 4) + text.slice(8, 10)).includes("656f");
    }),
  ),
  row(
    "iggy.send_messages.request.messages.payload[9999:]",
    () => false,
    false,
  ),
  row("iggy.code & 0x40", ({ code }) => code !== null && (code & 0x40) !== 0),
  row("!(iggy.code & 1)", ({ code }) => code === null || (code & 1) === 0),
  row(
    "iggy.code & 0x0f == 4",
    ({ code }) => code !== null && (code & 0x0f) === 4,
  ),
  row(
    "iggy.code bitwise_and 0x0f in {1, 4}",
    ({ code }) => code !== null && [1, 4].includes(code & 0x0f),
    false,
  ),
  row("iggy.login_user.request.password", is("login_user")),
  row(
    'iggy.send_messages.request.messages.payload contains "a"',
    some(PAYLOADS, (value) => text(value).includes("a")),
  ),
  row(
    "iggy.send_messages.request.messages.payload contains 6d:65:73",
    some(
      PAYLOADS,
      (value) => hex(value).includes("6d6573"),
    ),
  ),
  row(
    'iggy.send_messages.request.messages.payload matches "MESS?AGE"',
    some(
      PAYLOADS,
      (value) => /mess?age/i.test(text(value)),
    ),
  ),
  row(
    "len(iggy.send_messages.request.messages.payload) > 10",
    some(
      PAYLOADS,
      (value) => (value as { length: number }).length > 10,
    ),
  ),
  row(
    "iggy.send_messages.request.partitioning.value == 0",
    some("send_messages.request.partitioning.value", (value) => value === 0),
    false,
  ),
  row(
    "iggy.create_topic.response.message_expiry == 18446744073709551615",
    some(
      "create_topic.response.message_expiry",
      (value) => value === "18446744073709551615",
    ),
  ),
  row(
    'iggy.create_stream.response.created_at > "2026-01-01 08:30:00Z"',
    some("create_stream.response.created_at", () => true),
  ),
  row(
    'iggy.create_stream.response.created_at in {"2020-01-01" .. "2021-01-01"}',
    () => false,
    false,
  ),
  row(
    "iggy.create_stream.response.created_at < 2026-01-01T08:30:00Z",
    () => false,
    false,
  ),
  row(
    'string(iggy.code) matches "^4"',
    ({ code }) => String(code).startsWith("4"),
    false,
  ),
  row("iggy.issue", ({ issues }) => issues.length > 0, false),
  row(
    'iggy.issue.severity == "warn" || iggy.issue.group == "sequence"',
    ({ issues }) =>
      issues.some(({ severity, group }) => severity === "warn" || group === "sequence"),
    false,
  ),
];
