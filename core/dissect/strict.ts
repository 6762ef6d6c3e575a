import type { Pdu } from "../framing/pdu.ts";
import { type Issue, issue } from "../issue.ts";
import { encode } from "../schema/mod.ts";
import { isError } from "./outcome.ts";
import type { Transaction } from "./transaction.ts";

/**
 * What is wrong with a transaction in strict eyes: all that decoding reported but for remarks on
 * the capture itself, bytes that are not what an encoder makes of the same values, and an
 * answer other than ok.
 */
export function strictFindings(transaction: Transaction): Issue[] {
  const { request, response } = transaction;
  const found = transaction.issues.filter(({ severity, group }) =>
    severity === "warn" || severity === "error" ||
    severity === "note" && group !== "sequence"
  );
  for (const pdu of [request, response]) {
    const offset = pdu === null ? -1 : firstUncanonical(pdu);
    if (offset < 0) continue;
    const message = "not what an encoder makes of these values";
    found.push(issue("warn", "malformed", message, pdu!.stamp.packet, offset));
  }
  const { outcome } = transaction;
  if (response !== null && isError(outcome)) {
    const answer = response.evicted ?? transaction.statusName ?? "an unknown status";
    const message = `answered ${answer} (${response.status ?? "eviction"})`;
    found.push(issue("warn", "response_code", message, response.stamp.packet));
  }
  return found;
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
