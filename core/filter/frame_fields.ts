import type { Pdu } from "../framing/pdu.ts";
import { otherSide, type Side, type Stamp, type Transport } from "../flow/mod.ts";
import { isFailure, OUTCOMES } from "../dissect/outcome.ts";
import type { Transaction } from "../dissect/transaction.ts";
import { Traffic } from "../stats/traffic.ts";
import { endpointAddress } from "./address.ts";
import { type FilterField, NONE, type ValueType } from "./field.ts";

/** Durations; `read` gives µs. */
function spanField(
  path: string,
  doc: string,
  read: (transaction: Transaction) => number | null | readonly (number | null)[],
): FilterField {
  return field(path, "span", doc, (transaction) => {
    const found = read(transaction);
    if (found === null) return NONE;
    return [found].flat().flatMap((us) => us === null ? [] : [Math.round(us * 1000)]);
  });
}

/** From the capture's first packet to another, in µs. */
function sinceStart(
  { conversation: { began } }: Transaction,
  { seconds, nanos }: Stamp,
): number | null {
  if (began === null) return null;
  return (seconds - began.seconds) * 1e6 + (nanos - began.nanos) / 1e3;
}

/** Which ends of a packet's way are meant. */
type Way = "source" | "destination" | "both";

/** The PDUs of a transaction. */
function pdus({ request, response }: Transaction): Pdu[] {
  return [request, response].filter((pdu) => pdu !== null);
}

function one(value: unknown): readonly unknown[] {
  return value === null || value === undefined ? NONE : [value];
}

function field(
  path: string,
  type: ValueType,
  doc: string,
  read: FilterField["read"],
  more: Partial<FilterField> = {},
): FilterField {
  return { path, type, doc, read, ...more };
}

/** Who sent the packets of a PDU: one that asks for no response says so itself. */
function senderOf(pdu: Pdu, usual: Side): Side {
  return pdu.sender ?? usual;
}

/** `pick` gives what the request's packets carry first, then what the response's do. */
function ends<T>(
  transaction: Transaction,
  pick: (end: Side) => T | null,
  way: Way,
): T[] {
  const found: T[] = [];
  const add = (end: Side) => {
    const value = pick(end);
    if (value !== null && !found.includes(value)) found.push(value);
  };
  const { request, response } = transaction;
  if (way === "both" || transaction.isRemark) {
    add("client");
    add("server");
    return found;
  }
  const addOf = (pdu: Pdu, usual: Side) => {
    const sender = senderOf(pdu, usual);
    add(way === "source" ? sender : otherSide(sender));
  };
  if (request !== null) addOf(request, "client");
  if (response !== null) addOf(response, "server");
  return found;
}

function addressField(
  path: string,
  doc: string,
  way: Way,
  families: readonly number[],
): FilterField {
  return field(path, "address", doc, (transaction) =>
    ends(transaction, (end) => {
      const address = endpointAddress(transaction.conversation[end]);
      return address !== null && families.includes(address.family) ? address : null;
    }, way));
}

function portField(over: Transport, name: string, doc: string, way: Way) {
  return field(`${over}.${name}`, "uint16", doc, (transaction) => {
    const { clientPort, serverPort, transport } = transaction.conversation;
    if (transport !== over) return NONE;
    return ends(transaction, (end) => end === "client" ? clientPort : serverPort, way);
  });
}

/** A protocol of conversations, their ports and their numbers. */
function transportFields(over: Transport, title: string): readonly FilterField[] {
  const isOver: FilterField["read"] = ({ conversation: { transport } }) =>
    transport === over ? [true] : NONE;
  return [
    field(over, "group", `${title}.`, isOver),
    portField(over, "port", "Port of either end.", "both"),
    portField(over, "srcport", "Port of the sender.", "source"),
    portField(over, "dstport", "Port of the receiver.", "destination"),
    field(
      `${over}.stream`,
      "uint32",
      `Number of the ${title} conversation, from 0.`,
      ({ conversation }) =>
        conversation.transport === over ? [conversation.number] : NONE,
    ),
  ];
}

function issues(path: string, doc: string, key: "severity" | "group" | "message") {
  return field(
    path,
    "string",
    doc,
    (transaction) => transaction.issues.map((issue) => issue[key]),
  );
}

const present = (): readonly unknown[] => [true];
const family = (version: number): FilterField["read"] => ({ conversation }) =>
  endpointAddress(conversation.client)?.family === version ? [true] : NONE;

/** Fields of frames, addresses and ports, under Wireshark's names. */
export const frameFields: readonly FilterField[] = [
  field("frame", "group", "A packet.", present),
  field(
    "frame.number",
    "uint32",
    "Packets that completed the request and the response, from 1.",
    (transaction) => pdus(transaction).map(({ stamp }) => stamp.packet),
  ),
  field(
    "frame.time",
    "time",
    "When those packets were captured.",
    (transaction) =>
      pdus(transaction).map(({ stamp }) =>
        BigInt(stamp.seconds) * 1_000_000_000n + BigInt(stamp.nanos)
      ),
  ),
  field(
    "frame.time_epoch",
    "double",
    "The same in seconds since 1970, UTC.",
    (transaction) =>
      pdus(transaction).map(({ stamp }) => stamp.seconds + stamp.nanos / 1e9),
  ),
  spanField(
    "frame.time_relative",
    "Seconds from the capture's first packet to those packets.",
    (transaction) => pdus(transaction).map(({ stamp }) => sinceStart(transaction, stamp)),
  ),
  field(
    "frame.len",
    "uint32",
    "Bytes of those packets on the wire.",
    (transaction) => pdus(transaction).flatMap(({ stamp }) => stamp.length ?? []),
    { unit: "bytes" },
  ),
  field("ip", "group", "IPv4.", family(4)),
  addressField("ip.addr", "Address of either end, IPv4 or IPv6.", "both", [4, 6]),
  addressField("ip.src", "Address of the sender, IPv4 or IPv6.", "source", [4, 6]),
  addressField("ip.dst", "Address of the receiver, IPv4 or IPv6.", "destination", [4, 6]),
  field("ipv6", "group", "IPv6.", family(6)),
  addressField("ipv6.addr", "IPv6 address of either end.", "both", [6]),
  addressField("ipv6.src", "IPv6 address of the sender.", "source", [6]),
  addressField("ipv6.dst", "IPv6 address of the receiver.", "destination", [6]),
  ...transportFields("tcp", "TCP"),
  ...transportFields("udp", "UDP"),
  field(
    "tls",
    "group",
    "TLS, also inside QUIC.",
    ({ conversation }) => conversation.security === null ? NONE : [true],
  ),
  field(
    "quic",
    "group",
    "QUIC.",
    ({ connection }) => connection === null ? NONE : [true],
  ),
  ...["quic.connection", "quic.connection.number"].map((name) =>
    field(
      name,
      "uint32",
      "Number of the QUIC connection, from 0; a udp.stream may hold several.",
      ({ connection }) => one(connection),
    )
  ),
  field(
    "quic.stream.stream_id",
    "uint64",
    "Number of the QUIC stream.",
    ({ stream }) => stream === null ? NONE : [BigInt(stream)],
  ),
];

/** Fields of every transaction, under the root of a registry. */
export function transactionFields(root: string): readonly FilterField[] {
  const at = (name: string) => `${root}.${name}`;
  return [
    field(root, "group", "A transaction.", present),
    field(
      at("transaction"),
      "uint32",
      "Number of the transaction, from 0.",
      ({ number }) => [number],
    ),
    field(at("command"), "string", "Name of the command.", ({ name }) => one(name)),
    field(at("code"), "uint32", "Code of the command.", ({ code }) => one(code)),
    field(
      at("status"),
      "uint32",
      "Status of the response; 0 is ok.",
      ({ response }) => one(response?.status),
    ),
    field(
      at("status_name"),
      "string",
      "Name of the status.",
      (transaction) => one(transaction.statusName),
    ),
    field(
      at("failed"),
      "boolean",
      "Present where the client did not get what it asked for: an error status, an eviction, or " +
        "no response where one was due.",
      ({ outcome }) => isFailure(outcome) ? [true] : NONE,
    ),
    field(
      at("outcome"),
      "string",
      "What became of it: ok, error (another status), evicted (the server ended the session), " +
        "unanswered, or one_way (a PDU that asks for no response).",
      ({ outcome }) => one(outcome),
      { likely: OUTCOMES },
    ),
    spanField(
      at("response_time"),
      "Seconds from the end of the request to the end of the response.",
      ({ responseTimeUs }) => responseTimeUs,
    ),
    spanField(
      at("server_time"),
      "Seconds that the server took, without the way to it and back.",
      ({ timeSplit }) => timeSplit.serverUs,
    ),
    spanField(
      at("network_time"),
      "Seconds that are the network's: both on the wire, the way to the server and back, loss.",
      ({ timeSplit }) => timeSplit.networkUs,
    ),
    spanField(
      at("lost_time"),
      "Seconds in which bytes had been lost and were still to be sent again.",
      ({ timeSplit }) => timeSplit.lostUs,
    ),
    spanField(
      at("zero_window_time"),
      "Seconds in which the receiver's window was zero.",
      ({ timeSplit }) => timeSplit.zeroWindowUs,
    ),
    spanField(
      at("think_time"),
      "Seconds that the client did something else between a response and this request.",
      ({ thinkUs }) => thinkUs,
    ),
    field(
      at("request_in"),
      "uint32",
      "Packet that completed the request, where there is a response.",
      ({ request, response }) => response === null ? NONE : one(request?.stamp.packet),
    ),
    field(
      at("response_in"),
      "uint32",
      "Packet that completed the response, where there is a request.",
      ({ request, response }) => request === null ? NONE : one(response?.stamp.packet),
    ),
    field(
      at("length"),
      "uint32",
      "Bytes of the request and of the response, framing included.",
      (transaction) => pdus(transaction).map(({ length }) => length),
      { unit: "bytes" },
    ),
    field(at("request"), "group", "A captured request.", ({ request }) => one(request)),
    field(
      at("response"),
      "group",
      "A captured response.",
      ({ response }) => one(response),
    ),
    field(
      at("framing"),
      "string",
      "How PDUs are framed.",
      ({ conversation }) => one(conversation.framing),
    ),
    field(
      at("release"),
      "string",
      "Range of releases the conversation may be of.",
      ({ release }) => one(release),
    ),
    field(
      at("client"),
      "string",
      "Address and port of the client.",
      ({ conversation }) => [conversation.client],
    ),
    field(
      at("server"),
      "string",
      "Address and port of the server.",
      ({ conversation }) => [conversation.server],
    ),
    field(
      at("user"),
      "string",
      "Who logged in last on the conversation.",
      ({ conversation }) => one(conversation.user),
    ),
    field(
      at("stream"),
      "string",
      "Stream it is about, by number or name as it says.",
      (transaction) => one(new Traffic(transaction).stream),
    ),
    field(
      at("topic"),
      "string",
      "Topic it is about, as stream/topic, by numbers or names as it says.",
      (transaction) => one(new Traffic(transaction).topic),
    ),
    field(
      at("evicted"),
      "string",
      "Why the server evicted the client.",
      ({ response }) => one(response?.evicted),
    ),
    field(
      at("issue"),
      "group",
      "Findings.",
      ({ issues }) => issues.length > 0 ? [true] : NONE,
    ),
    {
      ...issues(at("issue.severity"), "How serious a finding is.", "severity"),
      likely: ["chat", "note", "warn", "error"],
    },
    {
      ...issues(at("issue.group"), "What a finding is about.", "group"),
      likely: [
        "malformed",
        "sequence",
        "protocol",
        "undecoded",
        "response_code",
        "security",
      ],
    },
    issues(at("issue.message"), "A finding in words.", "message"),
  ];
}
