import type { Transaction } from "../dissect/transaction.ts";
import { nameOf, subjectOf } from "./outline.ts";

/** Conversations of which more is kept than how many transactions they have. */
const MAX_TALLIED = 1024;
/** Transactions of a conversation whose subjects are counted. */
const MAX_SUBJECTS = 256;

/** What a conversation did. */
interface Work {
  transactions: number;
  /** Counts by command, and by subject of the first transactions; null beyond the limit. */
  readonly done: Map<string | number, number> | null;
}

/** A first reading of a capture: what each of its conversations did. */
export class Tally {
  readonly #conversations = new Map<number, Work>();
  transactions = 0;
  /** The last release told of a conversation. */
  release: string | null = null;

  /** Takes a transaction; it is not kept. */
  add(transaction: Transaction): void {
    if (!isCompared(transaction)) return;
    this.transactions++;
    this.release = transaction.release ?? this.release;
    const { id } = transaction.conversation;
    let work = this.#conversations.get(id);
    if (work === undefined) {
      const done = this.#conversations.size < MAX_TALLIED ? new Map() : null;
      this.#conversations.set(id, work = { transactions: 0, done });
    }
    if (work.done !== null) {
      count(work.done, nameOf(transaction));
      if (work.transactions < MAX_SUBJECTS) count(work.done, subjectOf(transaction));
    }
    work.transactions++;
  }

  /** How many conversations have transactions. */
  get conversations(): number {
    return this.#conversations.size;
  }

  /** Conversations that have transactions, in order of their number. */
  get list(): readonly (readonly [id: number, work: Work])[] {
    return [...this.#conversations].sort(([a], [b]) => a - b);
  }
}

/** Whether a transaction takes part in comparing. */
export function isCompared({ request, response }: Transaction): boolean {
  return request !== null || response !== null;
}

function count(counts: Map<string | number, number>, key: string | number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Two conversations that belong together; null where one side has no more. */
export interface Partners {
  /** Their numbers. */
  readonly ids: readonly [a: number | null, b: number | null];
  /** How many transactions they have. */
  readonly transactions: readonly [a: number, b: number];
}

/**
 * Conversations that did the most alike together, the earlier one first. Where there are more
 * than can be compared each with each, they are taken in their order.
 */
export function partnersOf(a: Tally, b: Tally): Partners[] {
  const free = new Map(b.list);
  const byOrder = Math.max(a.conversations, b.conversations) > MAX_TALLIED;
  const found = a.list.map(([id, work]) => {
    const best = byOrder ? first(free.keys()) : mostAlike(work, free);
    const other = best === null ? null : free.get(best)!;
    if (best !== null) free.delete(best);
    return partners(id, work, best, other);
  });
  return [...found, ...[...free].map(([id, work]) => partners(null, null, id, work))];
}

function partners(
  idA: number | null,
  a: Work | null,
  idB: number | null,
  b: Work | null,
): Partners {
  return {
    ids: [idA, idB],
    transactions: [a?.transactions ?? 0, b?.transactions ?? 0],
  };
}

function first(ids: Iterable<number>): number | null {
  for (const id of ids) return id;
  return null;
}

function mostAlike(work: Work, others: ReadonlyMap<number, Work>): number | null {
  let [best, most]: [number | null, number] = [null, 0];
  for (const [id, other] of others) {
    const shared = overlap(work.done!, other.done!);
    if (shared > most) [best, most] = [id, shared];
  }
  return best;
}

function overlap(
  a: ReadonlyMap<string | number, number>,
  b: ReadonlyMap<string | number, number>,
): number {
  let sum = 0;
  for (const [key, times] of a) sum += Math.min(times, b.get(key) ?? 0);
  return sum;
}
