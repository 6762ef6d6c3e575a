import type { ConversationState } from "../../core/dissect/conversation_state.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";

/** Transactions that are looked at together, and bytes of their PDUs. */
const MAX_TRANSACTIONS = 64, MAX_BYTES = 256 * 1024;

/** What is written down of a conversation with each of its transactions. */
export type ConversationFacts = Readonly<
  Pick<
    ConversationState,
    "id" | "client" | "server" | "framing" | "user" | "began" | "security"
  >
>;

/** A transaction, and what was known of its conversation when it completed. */
export interface Taken {
  readonly transaction: Transaction;
  readonly conversation: ConversationFacts;
}

/**
 * Transactions that wait to be looked at together: whoever looks at them does so with 64 one
 * after the other, which takes it half the time: its code stays in the CPU's caches, it seems.
 */
export class Batch {
  #taken: Taken[] = [];
  #bytes = 0;
  /** What was last known of the conversations of those that wait. */
  #known = new Map<ConversationState, ConversationFacts>();

  /** Takes the next transaction; true when there are enough. */
  add(transaction: Transaction): boolean {
    transaction.settle();
    const { conversation, request, response } = transaction;
    this.#taken.push({ transaction, conversation: this.#factsOf(conversation) });
    this.#bytes += (request?.bytes.length ?? 0) + (response?.bytes.length ?? 0);
    return this.#taken.length >= MAX_TRANSACTIONS || this.#bytes >= MAX_BYTES;
  }

  #factsOf(state: ConversationState): ConversationFacts {
    const known = this.#known.get(state);
    if (known !== undefined && isStill(known, state)) return known;
    const { id, client, server, framing, user, began, security } = state;
    const facts = { id, client, server, framing, user, began, security };
    this.#known.set(state, facts);
    return facts;
  }

  /** All that wait; none do afterwards. */
  take(): readonly Taken[] {
    const taken = this.#taken;
    this.#taken = [];
    this.#bytes = 0;
    this.#known.clear();
    return taken;
  }
}

function isStill(known: ConversationFacts, state: ConversationState): boolean {
  return known.client === state.client && known.server === state.server &&
    known.framing === state.framing && known.user === state.user &&
    known.began === state.began && known.security === state.security;
}
