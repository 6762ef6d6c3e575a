import { formatTime } from "../../core/dissect/time.ts";
import { isError } from "../../core/dissect/outcome.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import type { Span } from "../../core/export/spans.ts";
import { requestSummary, responseSummary } from "../../core/export/summary.ts";
import type { Issue, Severity } from "../../core/issue.ts";
import type { JsonOptions } from "../../core/schema/mod.ts";
import type { TransactionRow } from "../api.ts";

const SEVERITIES: readonly Severity[] = ["chat", "note", "warn", "error"];

/** What a table shows of a transaction. */
export function rowOf(transaction: Transaction, options: JsonOptions): TransactionRow {
  const { conversation, request, response, issues } = transaction;
  const stamp = (request ?? response)?.stamp ?? null;
  const status = response?.status ?? null;
  const { outcome } = transaction;
  const [, ...asked] = requestSummary(transaction, options);
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
    summary: {
      request: textOf(asked),
      response: textOf(responseSummary(transaction, options)),
    },
    issues: issues.length,
    severity: worst(issues)?.severity ?? null,
    finding: worst(issues)?.message ?? null,
  };
}

/** The text of spans. */
export function textOf(spans: readonly Span[]): string {
  return spans.map(({ text }) => text).join("").trim();
}

/** The first of the gravest issues. */
function worst(issues: readonly Issue[]): Issue | null {
  const rank = ({ severity }: Issue) => SEVERITIES.indexOf(severity);
  return issues.reduce<Issue | null>(
    (most, issue) => most === null || rank(issue) > rank(most) ? issue : most,
    null,
  );
}
