import type { Transaction } from "../dissect/transaction.ts";
import type { Pdu } from "../framing/pdu.ts";
import {
  type Fields,
  isIn,
  type JsonOptions,
  type Kind,
  valueAt,
} from "../schema/mod.ts";
import { type FieldStep, fieldStep, isCounted } from "./glance_steps.ts";
import { LineTraffic, tellingOf } from "./line_traffic.ts";
import { pieceOf } from "./piece.ts";
import { escapeText } from "./printable.ts";
import { type Span, SpanList, type SpanSink } from "./spans.ts";
import { escaped, tellAskedTraffic, tellCameTraffic } from "./traffic_spans.ts";
import { amountOf, fieldKind, kindAt, shortValue } from "./values.ts";

const OK = pieceOf("ok");

/** What was asked: the command's name and its {@link requestArguments}. */
export function requestSummary(transaction: Transaction, options: JsonOptions): Span[] {
  const list = new SpanList();
  tellRequest(transaction, options, list);
  return list.spans;
}

/** As {@link requestSummary}, piece by piece; `traffic` as for {@link requestArguments}. */
export function tellRequest(
  transaction: Transaction,
  options: JsonOptions,
  sink: SpanSink,
  traffic = new LineTraffic(transaction),
): void {
  tellName(transaction, sink);
  tellArguments(transaction, options, sink, traffic);
}

/**
 * What was asked without the command's name: the arguments its plugin names in `info`.
 * `traffic` is the transaction's, where somebody has it already.
 */
export function requestArguments(
  transaction: Transaction,
  options: JsonOptions,
  traffic = new LineTraffic(transaction),
): Span[] {
  const list = new SpanList();
  tellArguments(transaction, options, list, traffic);
  return list.spans;
}

function tellArguments(
  transaction: Transaction,
  options: JsonOptions,
  sink: SpanSink,
  traffic: LineTraffic,
): void {
  const { request, command } = transaction;
  if (request === null) {
    if (transaction.response !== null) sink.add(" (no request)", "faint");
    return;
  }
  if (command?.unanswered !== true && transaction.outcome === "one_way") {
    tellHeader(request, sink);
  }
  tellFields(transaction, request, options, true, sink, traffic);
  tellAskedTraffic(transaction, sink, traffic);
}

/** Which log a frame between servers is about, where it stands in it, and what it answers. */
function tellHeader({ header, subject, refersTo }: Pdu, sink: SpanSink): void {
  if (subject !== null) sink.add(` [${escapeText(subject)}]`);
  for (const name of ["op", "commit", "operation"]) {
    const value = header?.[name];
    if (value === undefined) continue;
    sink.add(` ${name}=`, "faint");
    sink.add(escapeText(String(value)));
  }
  if (refersTo !== null) sink.add(` for packet ${refersTo}`, "faint");
}

function tellName({ name, code }: Transaction, sink: SpanSink): void {
  if (name !== null) sink.addPiece(escaped.of(name), "strong");
  else if (code === null) sink.add("–", "faint");
  else sink.add(`unknown code ${code}`, "odd");
}

/** What came back: the status, and the response's fields that say most. */
export function responseSummary(transaction: Transaction, options: JsonOptions): Span[] {
  const list = new SpanList();
  tellResponse(transaction, options, list);
  return list.spans;
}

/** As {@link responseSummary}, piece by piece; `traffic` as for {@link requestArguments}. */
export function tellResponse(
  transaction: Transaction,
  options: JsonOptions,
  sink: SpanSink,
  traffic = new LineTraffic(transaction),
): void {
  const { response } = transaction;
  if (response === null) {
    if (transaction.outcome === "unanswered") sink.add("no response", "odd");
  } else if (response.evicted !== null) {
    sink.add(`evicted: ${escapeText(response.evicted)}`, "bad");
  } else if (response.status !== 0) {
    const name = transaction.statusName ?? "unknown status";
    sink.add(`${name} (${response.status})`, "bad");
  } else if (response.isEmpty && expectsAnswer(transaction)) {
    const isMissing = transaction.command?.emptyIfMissing ?? false;
    sink.add("ok", "good");
    sink.add(isMissing ? ", not found" : ", empty", "odd");
  } else {
    sink.addPiece(OK, "good");
    tellFields(transaction, response, options, false, sink, traffic);
    tellCameTraffic(transaction, sink, traffic);
  }
}

/** Whether the command has something to answer in this release, as for what was not found. */
function expectsAnswer({ command, request }: Transaction): boolean {
  const release = request?.release ?? 0;
  return command?.response.fields?.some(([, kind]) => isIn(kind, release)) ?? false;
}

/**
 * The fields of one PDU worth a place in the line, each as ` name=value` or ` 3 names`: those
 * that `info` names by their paths, and lists. Of a response that tells nothing so, the first id
 * or name.
 */
function tellFields(
  transaction: Transaction,
  pdu: Pdu,
  options: JsonOptions,
  isRequest: boolean,
  sink: SpanSink,
  traffic: LineTraffic,
): void {
  const { layout } = pdu;
  if (layout === null || pdu.isEmpty) return;
  const part = isRequest ? "request" : "response";
  const read = traffic.told(part);
  if (read === null) {
    const { info, asked } = tellingOf(transaction, part);
    const fields = pdu.decoded!.fields as Fields;
    return tellCarefully(layout, fields, info, asked, options, isRequest, sink);
  }
  const { plan, values } = read;
  let isTold = false;
  for (const step of plan.steps) {
    const value = values[step.index];
    if (value === undefined || value === null) continue;
    if (step.lengths === null) tellField(step, value, options, sink);
    else {
      const isSaid = step.saidBy.some((index) => (values[index] ?? null) !== null);
      if (isSaid || Number(value) === 0) continue;
      sink.addPiece(step.lengths.of(Number(value)));
    }
    isTold = true;
  }
  if (isTold || plan.first === null) return;
  const value = values[plan.first.index];
  if (value === null || typeof value === "object") return;
  tellField(plan.first, value, options, sink);
}

/** The same of fields as the careful reader gives them. */
function tellCarefully(
  layout: Kind<unknown>,
  fields: Fields,
  info: readonly string[],
  asked: Kind<unknown> | null,
  options: JsonOptions,
  isRequest: boolean,
  sink: SpanSink,
): void {
  let isTold = false;
  const told: string[] = [];
  for (const name of info) {
    const value = valueAt(fields, name);
    if (value === undefined || value === null) continue;
    if (asked && kindAt(asked, name) !== undefined) continue;
    told.push(name);
    tellField(fieldStep(layout, name, isRequest), value, options, sink);
    isTold = true;
  }
  for (const name in fields) {
    const value = fields[name];
    if (!Array.isArray(value) || value.length === 0) continue;
    if (told.includes(name) || told.includes(`${name}_count`)) continue;
    if (!isCounted(layout, name)) continue;
    sink.add(` ${amountOf(value.length, name)}`);
    isTold = true;
  }
  if (isRequest || isTold) return;
  const [name, value] = Object.entries(fields)[0] ?? [];
  if (name === undefined || value === null || typeof value === "object") return;
  if (fieldKind(layout, name)?.secret) return;
  tellField(fieldStep(layout, name, false), value, options, sink);
}

/** Adds ` name=value`, or ` 3 names` for a field that counts. */
function tellField(
  { kind, label, amounts, isPlain, words }: FieldStep,
  value: unknown,
  options: JsonOptions,
  sink: SpanSink,
): void {
  if (amounts !== null) return sink.addPiece(amounts.of(value as number | bigint));
  sink.addPiece(label, "faint");
  if (isPlain && typeof value === "number") sink.addNumber(value);
  else if (isPlain && typeof value === "bigint") sink.add(String(value));
  else if (words !== null && typeof value === "string") sink.addPiece(words.of(value));
  else sink.add(shortValue(kind, value, options));
}
