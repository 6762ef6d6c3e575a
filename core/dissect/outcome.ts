import type { Transaction } from "./transaction.ts";

/**
 * What became of a transaction:
 *
 * - `ok`: the response says so.
 * - `error`: the response has another status.
 * - `evicted`: the server ended the session instead of answering.
 * - `unanswered`: a request whose response was due and is not in the capture.
 * - `one_way`: a PDU that asks for no response, such as one between two servers, or a command
 *   that servers never answer.
 */
export const OUTCOMES = ["ok", "error", "evicted", "unanswered", "one_way"] as const;

/** See {@link OUTCOMES}. */
export type Outcome = typeof OUTCOMES[number];

/** What an outcome is told by. */
type Told = Pick<Transaction, "request" | "response" | "command" | "name">;

/**
 * What became of a transaction; null where nothing tells: neither a request nor a response, or
 * a response whose status was not captured. This is the only place that decides it:
 * statistics, filters, the server and the page ask here.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(outcomeOf({ request: null, response: null, command: null, name: null }), null);
 * ```
 */
export function outcomeOf(transaction: Told): Outcome | null {
  const { request, response } = transaction;
  if (response !== null) {
    if (response.evicted !== null) return "evicted";
    if (response.status === null) return null;
    return response.status === 0 ? "ok" : "error";
  }
  if (request === null) return null;
  return isOneWay(transaction) ? "one_way" : "unanswered";
}

/**
 * Whether no response is due: a command that servers never answer, or a PDU that a framing
 * names itself.
 */
function isOneWay({ command, name }: Told): boolean {
  return name !== (command?.name ?? null) || command?.unanswered === true;
}

/** Whether the server answered that it did not do it: an error status or an eviction. */
export function isError(outcome: Outcome | null): boolean {
  return outcome === "error" || outcome === "evicted";
}

/** Whether the client did not get what it asked for: an error, or no response where one was due. */
export function isFailure(outcome: Outcome | null): boolean {
  return isError(outcome) || outcome === "unanswered";
}
