/**
 * Transactions as spans of OpenTelemetry, in OTLP's JSON form: one span a transaction, named
 * and described by the semantic conventions of messaging. Ids are made of what was captured,
 * so the same traffic gives the same ids whoever exports it and however often.
 *
 * Source: open-telemetry/opentelemetry-proto opentelemetry/proto/trace/v1/trace.proto at v1.9.0;
 * open-telemetry/semantic-conventions docs/messaging/messaging-spans.md at v1.38.0;
 * W3C Trace Context, section 3.2.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { isFailure } from "../../dissect/outcome.ts";
import type { Transaction } from "../../dissect/transaction.ts";
import { addressOf, portOf } from "../../net/endpoint.ts";
import type { Pdu } from "../../framing/pdu.ts";
import { Traffic } from "../../stats/traffic.ts";

/** Values of a PDU that are looked through for links, and links of a span at most. */
const MAX_VISITS = 10_000, MAX_LINKS = 128;
const CLIENT = 3, ERROR = 2;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** An attribute as OTLP's JSON has it; 64-bit integers are texts. */
export interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string } | { readonly intValue: string };
}

/** The span that another system made, and that this one belongs with. */
export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
}

/** A span as OTLP's JSON has it. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly links: readonly SpanLink[];
  readonly status: { readonly code?: number; readonly message?: string };
}

/** What OTLP's collectors take, by HTTP or a line each from a file. */
export interface TraceRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly spans: readonly Span[];
    }[];
  }[];
}

/** The span of a transaction; null where nothing of it was captured. */
export function spanOf(transaction: Transaction): Span | null {
  const { request, response, conversation, outcome } = transaction;
  const first = request ?? response;
  if (first === null) return null;
  const traffic = new Traffic(transaction);
  const { topic } = traffic;
  const name = transaction.name ?? `code ${transaction.code}`;
  const start = nanosOf(first), end = nanosOf(response ?? first);
  const id = createHash("sha256")
    .update(
      [conversation.client, conversation.server, first.stamp.packet, start, name].join(
        " ",
      ),
    )
    .digest("hex");
  const problem = isFailure(outcome) ? transaction.failure ?? "no response" : null;
  return {
    traceId: id.slice(0, 32),
    spanId: id.slice(32, 48),
    name: topic === null ? name : `${name} ${topic}`,
    kind: CLIENT,
    startTimeUnixNano: `${start}`,
    endTimeUnixNano: `${end < start ? start : end}`,
    attributes: attributesOf(transaction, traffic, name, problem),
    links: request === null ? [] : linksOf(request),
    status: problem === null ? {} : { code: ERROR, message: problem },
  };
}

/** Nanoseconds since 1970; what was captured before has none. */
function nanosOf({ stamp: { seconds, nanos } }: Pdu): bigint {
  const time = BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
  return time < 0n ? 0n : time;
}

function attributesOf(
  transaction: Transaction,
  traffic: Traffic,
  name: string,
  problem: string | null,
): Attribute[] {
  const { conversation, request, response } = transaction;
  const { root } = conversation.registry;
  const messages = traffic.produced ?? traffic.consumed;
  const { client, server } = conversation;
  const all: readonly (readonly [string, string | number | null | undefined])[] = [
    ["messaging.system", root],
    ["messaging.operation.name", name],
    ["messaging.operation.type", typeOf(traffic)],
    ["messaging.destination.name", traffic.topic],
    ["messaging.destination.partition.id", traffic.partitionName],
    ["messaging.consumer.group.name", traffic.groupName],
    ["messaging.batch.message_count", messages?.messages],
    ["messaging.message.body.size", messages?.payloadBytes],
    ["server.address", addressOf(server)],
    ["server.port", portOf(server)],
    ["client.address", addressOf(client)],
    ["client.port", portOf(client)],
    ["network.transport", conversation.transport],
    ["user.name", conversation.user],
    ["error.type", problem],
    [`${root}.status`, response?.status],
    [`${root}.outcome`, transaction.outcome],
    [`${root}.release`, transaction.release],
    [`${root}.framing`, conversation.framing],
    [`${root}.conversation`, conversation.number],
    [`${root}.request.packet`, request?.stamp.packet],
    [`${root}.response.packet`, response?.stamp.packet],
    [`${root}.request.size`, request?.length],
    [`${root}.response.size`, response?.length],
  ];
  return all.flatMap(([key, value]) =>
    value === null || value === undefined ? [] : [attribute(key, value)]
  );
}

function attribute(key: string, value: string | number): Attribute {
  return typeof value === "number"
    ? { key, value: { intValue: `${value}` } }
    : { key, value: { stringValue: value } };
}

function typeOf(traffic: Traffic): string | null {
  if (traffic.isPoll) return "receive";
  if (traffic.produced !== null) return "send";
  return traffic.stores === null ? null : "settle";
}

/** The spans that headers of messages name, by the key `traceparent`. */
function linksOf(request: Pdu): SpanLink[] {
  if (request.layout === null || request.isEmpty) return [];
  const links = new Map<string, SpanLink>();
  let visits = 0;
  const visit = (value: unknown): void => {
    if (visits++ > MAX_VISITS || links.size >= MAX_LINKS) return;
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
    if (Array.isArray(value)) return value.forEach(visit);
    if ("key" in value && "value" in value && value.key === "traceparent") {
      const [text, traceId, spanId] = TRACEPARENT.exec(String(value.value)) ?? [];
      if (text !== undefined) links.set(text, { traceId: traceId!, spanId: spanId! });
      return;
    }
    Object.values(value).forEach(visit);
  };
  visit(request.decoded!.fields);
  return [...links.values()];
}

/** What a collector takes of some spans. */
export function traceRequest(
  spans: readonly Span[],
  scope: { readonly name: string; readonly version: string },
  service: string,
): TraceRequest {
  return {
    resourceSpans: [{
      resource: { attributes: [attribute("service.name", service)] },
      scopeSpans: [{ scope, spans }],
    }],
  };
}
