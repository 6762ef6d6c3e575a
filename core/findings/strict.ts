import { isError, outcomeOf } from "../dissect/outcome.ts";
import type { Transaction } from "../dissect/transaction.ts";
import type { Pdu } from "../framing/pdu.ts";
import type { Issue } from "../issue.ts";
import { encode } from "../schema/mod.ts";
import type { Finding } from "./finding.ts";
import { TRANSACTION_FINDINGS, type TransactionFindingId } from "./kinds.ts";

/**
 * What is wrong with a transaction in strict eyes: all that decoding reported but for remarks on
 * the capture itself, bytes that are not what an encoder makes of the same values, and an
 * answer other than ok.
 */
export function strictFindings(transaction: Transaction): Finding[] {
  const { request, response, issues } = transaction;
  const found = issues.filter(({ severity, group }) =>
    severity === "warn" || severity === "error" ||
    severity === "note" && group !== "sequence"
  ).map((issue) => findingOf(transaction, issue.group, issue.message, issue));
  for (const pdu of [request, response]) {
    const offset = pdu === null ? -1 : firstUncanonical(pdu);
    if (offset < 0) continue;
    const { title } = TRANSACTION_FINDINGS.not_canonical;
    const { packet } = pdu!.stamp;
    found.push(findingOf(transaction, "not_canonical", title, { packet, offset }));
  }
  const outcome = outcomeOf(transaction);
  if (!isError(outcome)) return found;
  const { packet } = response!.stamp;
  const message = outcome === "evicted"
    ? `answered ${response!.evicted} (eviction)`
    : `answered ${transaction.statusName ?? "an unknown status"} (${response!.status})`;
  const id = outcome === "evicted" ? "evicted" : "error_status";
  return [...found, findingOf(transaction, id, message, { packet })];
}

/** A finding about a transaction. An issue keeps its own severity. */
export function findingOf(
  { number, conversation, name, code }: Transaction,
  id: TransactionFindingId,
  message: string,
  { severity, packet = null, offset = null }: Partial<Issue>,
): Finding {
  return {
    id,
    severity: severity ?? TRANSACTION_FINDINGS[id].severity,
    message,
    command: name ?? (code === null ? null : `code ${code}`),
    transaction: number,
    conversation: conversation.id,
    packet,
    offset,
  };
}

/** Offset of the first byte that encoding the decoded values does not give back, or -1. */
function firstUncanonical(pdu: Pdu): number {
  const { layout, decoded, bytes, start, end } = pdu;
  if (layout === null || pdu.isEmpty || !pdu.whole) return -1;
  if (decoded === null || decoded.problems > 0) return -1;
  const again = encode(layout, decoded.fields, pdu.release);
  for (let at = start; at < end; at++) if (bytes[at] !== again[at - start]) return at;
  return again.length === end - start ? -1 : end;
}
