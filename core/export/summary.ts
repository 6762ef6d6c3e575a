import type { Transaction } from "../dissect/transaction.ts";
import type { Pdu } from "../framing/pdu.ts";
import {
  type Fields,
  isIn,
  type JsonOptions,
  type Kind,
  valueAt,
} from "../schema/mod.ts";
import type { Traffic } from "../stats/mod.ts";
import { glanceAt } from "./glance.ts";
import { escapeText } from "./printable.ts";
import { type Span, span } from "./spans.ts";
import { askedTraffic, cameTraffic } from "./traffic_spans.ts";
import { amountOf, fieldKind, kindAt, shortValue } from "./values.ts";

const NO_INFO: readonly string[] = [];

/** What was asked: the command's name and its {@link requestArguments}. */
export function requestSummary(transaction: Transaction, options: JsonOptions): Span[] {
  const { name, code } = transaction;
  return [nameSpan(name, code), ...requestArguments(transaction, options)];
}

/**
 * What was asked without the command's name: the arguments its plugin names in `info`.
 * `traffic` is the transaction's, where somebody has it already.
 */
export function requestArguments(
  transaction: Transaction,
  options: JsonOptions,
  traffic?: Traffic,
): Span[] {
  const { request, command, outcome } = transaction;
  if (request === null) {
    return transaction.response === null ? [] : [span(" (no request)", "faint")];
  }
  const spans = fieldSpans(transaction, request, options, true);
  spans.push(...askedTraffic(transaction, traffic));
  if (outcome !== "one_way" || command?.unanswered === true) return spans;
  return [...headerSpans(request), ...spans];
}

/** Which log a frame between servers is about, where it stands in it, and what it answers. */
function headerSpans({ header, subject, refersTo }: Pdu): Span[] {
  const spans = ["op", "commit", "operation"].flatMap((name) => {
    const value = header?.[name];
    if (value === undefined) return [];
    return [span(` ${name}=`, "faint"), span(escapeText(String(value)))];
  });
  if (subject !== null) spans.unshift(span(` [${escapeText(subject)}]`));
  if (refersTo !== null) spans.push(span(` for packet ${refersTo}`, "faint"));
  return spans;
}

function nameSpan(name: string | null, code: number | null): Span {
  if (name !== null) return span(escapeText(name), "strong");
  return code === null ? span("–", "faint") : span(`unknown code ${code}`, "odd");
}

/** What came back: the status, and the response's fields that say most. */
export function responseSummary(
  transaction: Transaction,
  options: JsonOptions,
): Span[] {
  const { response, statusName } = transaction;
  if (response === null) {
    return transaction.outcome === "unanswered" ? [span("no response", "odd")] : [];
  }
  if (response.evicted !== null) {
    return [span(`evicted: ${escapeText(response.evicted)}`, "bad")];
  }
  if (response.status !== 0) {
    return [span(`${statusName ?? "unknown status"} (${response.status})`, "bad")];
  }
  if (response.isEmpty && expectsAnswer(transaction)) {
    const isMissing = transaction.command?.emptyIfMissing ?? false;
    return [span("ok", "good"), span(isMissing ? ", not found" : ", empty", "odd")];
  }
  return [
    span("ok", "good"),
    ...fieldSpans(transaction, response, options, false),
    ...cameTraffic(transaction),
  ];
}

/** Whether the command has something to answer in this release, as for what was not found. */
function expectsAnswer({ command, request }: Transaction): boolean {
  const release = request?.release ?? 0;
  return command?.response.fields?.some(([, kind]) => isIn(kind, release)) ?? false;
}

/**
 * The fields of one PDU worth a place in the line, each as ` name=value` or ` 3 names`: those
 * that `info` names by their paths, and lists.
 */
function fieldSpans(
  { command, request }: Transaction,
  pdu: Pdu,
  options: JsonOptions,
  isRequest: boolean,
): Span[] {
  if (pdu.isEmpty || pdu.layout === null) return [];
  const fields = glanceAt(pdu, command?.info ?? NO_INFO);
  const asked = isRequest || request === null ? undefined : request.layout;
  const spans: Span[] = [];
  const told: string[] = [];
  for (const name of command?.info ?? []) {
    const value = valueAt(fields, name);
    if (value === undefined || value === null) continue;
    if (asked && kindAt(asked, name) !== undefined) continue;
    told.push(name);
    const own = name.slice(name.lastIndexOf(".") + 1);
    addField(spans, own, kindAt(pdu.layout, name), value, options, isRequest);
  }
  for (const name in fields) {
    const value = fields[name];
    if (!Array.isArray(value) || value.length === 0) continue;
    if (told.includes(name) || told.includes(`${name}_count`)) continue;
    if (fieldKind(pdu.layout, name)?.derive !== undefined || name === "batches") continue;
    spans.push(span(` ${amountOf(value.length, name)}`));
  }
  if (!isRequest && spans.length === 0) {
    addFirst(spans, pdu.layout, fields, options);
  }
  return spans;
}

/** What stands before a value: of requests without `_id`, which is plain there. */
const LABELS: Readonly<Record<"request" | "response", Map<string, Span>>> = {
  request: new Map(),
  response: new Map(),
};

function labelOf(name: string, isRequest: boolean): Span {
  const labels = LABELS[isRequest ? "request" : "response"];
  let label = labels.get(name);
  if (label === undefined) {
    label = span(` ${isRequest ? name.replace(/_id$/, "") : name}=`, "faint");
    labels.set(name, label);
  }
  return label;
}

/** Adds ` name=value`, or ` 3 names` for a field that counts. */
function addField(
  spans: Span[],
  name: string,
  kind: Kind<unknown> | undefined,
  value: unknown,
  options: JsonOptions,
  isRequest: boolean,
): void {
  if (name.endsWith("_count")) {
    const plural = name.slice(0, -"_count".length);
    spans.push(span(` ${amountOf(String(value), plural)}`));
  } else {
    spans.push(labelOf(name, isRequest), span(shortValue(kind, value, options)));
  }
}

/** Adds the first id or name of a response that `info` says nothing of. */
function addFirst(
  spans: Span[],
  layout: Kind<unknown>,
  fields: Fields,
  options: JsonOptions,
): void {
  const [name, value] = Object.entries(fields)[0] ?? [];
  if (name === undefined || value === null || typeof value === "object") return;
  const kind = fieldKind(layout, name);
  if (!kind?.secret) addField(spans, name, kind, value, options, false);
}
