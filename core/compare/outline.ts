import type { Transaction } from "../dissect/transaction.ts";
import { type Fields, valueAt } from "../schema/mod.ts";
import { digest } from "./digest.ts";
import { type Compared, leavesOf } from "./leaves.ts";

/** What is kept of a transaction: enough to align it and to tell whether it differs. */
export interface Outlined {
  /** Number of the transaction in its capture. */
  readonly number: number;
  readonly name: string;
  /** Digest of the command with the names of what it is about. */
  readonly subject: number;
  /** Digest of all that is compared. */
  readonly content: number;
  readonly requestLength: number;
  readonly responseLength: number;
  readonly status: string;
  /** Microseconds; null where request or response is missing. */
  readonly responseTimeUs: number | null;
}

/** The transactions of one capture by conversation, in order. */
export class Outline {
  readonly #conversations = new Map<number, Outlined[]>();
  readonly #compared: Compared;
  transactions = 0;
  /** The last release told of a conversation. */
  release: string | null = null;

  constructor(compared: Compared) {
    this.#compared = compared;
  }

  /** Takes a transaction; it is not kept. */
  add(transaction: Transaction): void {
    const { request, response, conversation, number, responseTimeUs } = transaction;
    if (request === null && response === null) return;
    this.transactions++;
    this.release = transaction.release ?? this.release;
    const name = transaction.name ?? `code ${transaction.code ?? "unknown"}`;
    const leaves = [...leavesOf(transaction, this.#compared)].join("\n");
    const outlined: Outlined = {
      number,
      name,
      subject: digest(`${name} ${subjectOf(transaction)}`),
      content: digest(leaves),
      requestLength: request?.length ?? 0,
      responseLength: response?.length ?? 0,
      status: response === null
        ? "unanswered"
        : response.evicted ?? transaction.statusName ?? String(response.status),
      responseTimeUs,
    };
    const known = this.#conversations.get(conversation.id);
    if (known === undefined) this.#conversations.set(conversation.id, [outlined]);
    else known.push(outlined);
  }

  /** Conversations that have transactions, in order of their number. */
  get conversations(): readonly (readonly Outlined[])[] {
    return [...this.#conversations].sort(([a], [b]) => a - b).map(([, list]) => list);
  }
}

/** The names of what a request is about: the text its summary shows. */
function subjectOf({ command, request }: Transaction): string {
  const fields = request?.decoded?.fields as Fields | undefined;
  if (command === null || fields === undefined) return "";
  const names = command.info.map((path) => valueAt(fields, path));
  return names.filter((value) => typeof value === "string").join(" ");
}
