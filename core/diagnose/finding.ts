import type { Severity } from "../issue.ts";
import type { Transaction } from "../dissect/transaction.ts";
import type { Traffic } from "../stats/mod.ts";
import { CAPTURE_FINDINGS, type CaptureFindingId } from "./kinds.ts";

/** Transactions named as evidence: the first ones, and the last. */
export const MAX_EVIDENCE = 4;
/** Clients, consumers and connections that a rule keeps apart at most. */
export const MAX_SUBJECTS = 10_000;

/** A finding about a whole capture. */
export interface CaptureFinding {
  readonly id: CaptureFindingId;
  readonly severity: Severity;
  readonly title: string;
  /** What it is about: a client, a consumer in a partition, a topic. */
  readonly subject: string;
  /** What was seen, in a sentence with numbers. */
  readonly message: string;
  readonly meaning: string;
  readonly advice: string;
  /** How many transactions, or connections, show it. */
  readonly count: number;
  /** Numbers of some of these transactions, and of their packets. */
  readonly transactions: readonly number[];
  readonly packets: readonly number[];
}

/** A transaction as the rules see it. */
export interface Seen {
  readonly transaction: Transaction;
  readonly traffic: Traffic;
  /** When it completed, in µs since the epoch. */
  readonly at: number;
  /** From the response before on this connection to this request, in µs. */
  readonly thinkUs: number | null;
}

/** Looks at every transaction for one sort of trouble. */
export interface Rule {
  add(seen: Seen): void;
  /** What it found; `end` is when the capture ends, in µs since the epoch. */
  finish(end: number): CaptureFinding[];
}

/** Transactions that show something: how many, and which to look at. */
export class Evidence {
  count = 0;
  readonly #transactions: number[] = [];
  readonly #packets: number[] = [];

  add({ number, request, response }: Transaction): void {
    this.count++;
    const place = Math.min(this.count, MAX_EVIDENCE) - 1;
    this.#transactions[place] = number;
    this.#packets[place] = (request ?? response)?.stamp.packet ?? 0;
  }

  get transactions(): number[] {
    return [...this.#transactions];
  }

  get packets(): number[] {
    return [...this.#packets];
  }
}

/** Makes a finding of its kind. */
export function finding(
  id: CaptureFindingId,
  subject: string,
  message: string,
  { count, transactions, packets }: Pick<Evidence, "count" | "transactions" | "packets">,
): CaptureFinding {
  const { severity, title, meaning, advice } = CAPTURE_FINDINGS[id];
  return {
    id,
    severity,
    title,
    subject,
    message,
    meaning,
    advice,
    count,
    transactions,
    packets,
  };
}

/** The value of a key, made when it is first asked for; null where there are too many. */
export function kept<Key, Value>(
  map: Map<Key, Value>,
  key: Key,
  make: () => Value,
): Value | null {
  let value = map.get(key);
  if (value !== undefined) return value;
  if (map.size >= MAX_SUBJECTS) return null;
  value = make();
  map.set(key, value);
  return value;
}
