import { formatTime } from "../../core/dissect/time.ts";
import { isError } from "../../core/dissect/outcome.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { escapeText } from "../../core/export/printable.ts";
import { LineTraffic } from "../../core/export/line_traffic.ts";
import { type Span, span } from "../../core/export/spans.ts";
import { requestArguments, responseSummary } from "../../core/export/summary.ts";
import type { Issue, Severity } from "../../core/issue.ts";
import type { Fields, JsonOptions } from "../../core/schema/mod.ts";
import type { TransactionRow } from "../api.ts";

const SEVERITIES: readonly Severity[] = ["chat", "note", "warn", "error"];

/** What a stream or topic that requests call by number is called, where that is known. */
export type Names = (key: string) => string | undefined;

const NO_NAMES: Names = () => undefined;

/** What a table shows of a transaction. */
export function rowOf(
  transaction: Transaction,
  options: JsonOptions,
  names: Names = NO_NAMES,
): TransactionRow {
  const { conversation, request, response } = transaction;
  const summary = {
    request: argumentsOf(transaction, options, names),
    response: textOf(responseSummary(transaction, options)),
  };
  // What tells of the fields has judged them.
  const { issues } = transaction;
  const stamp = (request ?? response)?.stamp ?? null;
  const status = response?.status ?? null;
  const { outcome } = transaction;
  return {
    transaction: transaction.number,
    conversation: conversation.id,
    client: conversation.client,
    server: conversation.server,
    command: transaction.name,
    code: transaction.code,
    packet: stamp?.packet ?? null,
    time: stamp && formatTime(stamp.seconds, stamp.nanos),
    status,
    status_name: transaction.statusName,
    outcome,
    error: isError(outcome),
    response_time_us: transaction.responseTimeUs,
    request_length: request?.length ?? null,
    response_length: response?.length ?? null,
    summary,
    issues: issues.length,
    severity: worst(issues)?.severity ?? null,
    finding: worst(issues)?.message ?? null,
  };
}

/**
 * What was asked, without the name of the command: `stream=0 (orders) topic=2 (eu)`, so that
 * what is called by number here and by name there is seen to be one.
 */
export function argumentsOf(
  transaction: Transaction,
  options: JsonOptions,
  names: Names = NO_NAMES,
  traffic = new LineTraffic(transaction),
): string {
  const asked = requestArguments(transaction, options, traffic);
  return textOf(names === NO_NAMES ? asked : named(transaction, asked, names));
}

/** The same with names after the numbers of a stream and a topic. */
function named({ request }: Transaction, asked: readonly Span[], names: Names): Span[] {
  const isStream = ({ text }: Span) => text === " stream=";
  if (!asked.some(isStream)) return [...asked];
  const fields = (request?.decoded?.fields ?? {}) as Fields;
  const { stream_id: stream, topic_id: topic } = fields;
  const name = typeof stream === "number" ? names(String(stream)) : undefined;
  const whole = `${name ?? stream}/`;
  const topicName = typeof topic === "number" ? names(`${whole}${topic}`) : undefined;
  const after: Readonly<Record<string, string | undefined>> = {
    " stream=": name,
    " topic=": topicName?.slice(whole.length),
  };
  return asked.flatMap((each, i) => {
    const known = after[asked[i - 1]?.text ?? ""];
    return known === undefined
      ? [each]
      : [each, span(` (${escapeText(known)})`, "faint")];
  });
}

/** The text of spans. */
export function textOf(spans: readonly Span[]): string {
  let whole = "";
  for (const { text } of spans) whole += text;
  return whole.trim();
}

/** The first of the gravest issues. */
function worst(issues: readonly Issue[]): Issue | null {
  const rank = ({ severity }: Issue) => SEVERITIES.indexOf(severity);
  return issues.reduce<Issue | null>(
    (most, issue) => most === null || rank(issue) > rank(most) ? issue : most,
    null,
  );
}
