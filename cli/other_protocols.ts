import { amount } from "../core/bytes/amount.ts";
import type { ConversationState } from "../core/dissect/conversation_state.ts";
import { escapeText } from "../core/export/printable.ts";

/** Most names that are told apart; a capture may hold any number of server names. */
const MAX_NAMES = 100;

/** A protocol that is no Iggy, with what was seen of it. */
export interface OtherProtocol {
  protocol: string;
  conversations: number;
  /** Requests of it; null where they are not counted. */
  requests: number | null;
}

/** Counts the conversations that carry something else, by its name. */
export class OtherProtocols {
  /** Conversations inside TLS or QUIC. */
  sealed = 0;
  readonly #found = new Map<string, OtherProtocol>();

  /** Takes a conversation that ended. */
  add({ otherProtocol: protocol, requests, security }: ConversationState): void {
    if (security !== null) this.sealed++;
    if (protocol === null) return;
    const known = this.#found.get(protocol);
    if (known !== undefined) {
      known.conversations++;
      if (requests !== null) known.requests = (known.requests ?? 0) + requests;
    } else if (this.#found.size < MAX_NAMES) {
      this.#found.set(protocol, { protocol, conversations: 1, requests });
    }
  }

  /** What was found, the most frequent first. */
  list(): OtherProtocol[] {
    return [...this.#found.values()].sort((a, b) =>
      b.conversations - a.conversations || (a.protocol < b.protocol ? -1 : 1)
    );
  }

  /** The same in words that follow a count of conversations: ` (2 HTTP/1.1, 25 requests)`. */
  text(): string {
    const words = this.list().map((found) =>
      `${found.conversations} ${otherText(found)}`
    );
    return words.length === 0 ? "" : ` (${words.join("; ")})`;
  }
}

/** A protocol with its requests, where they are counted: `HTTP/1.1, 25 requests`. */
export function otherText(
  { protocol, requests }: Pick<OtherProtocol, "protocol" | "requests">,
): string {
  const count = requests === null ? "" : `, ${amount(requests, "request")}`;
  return escapeText(protocol) + count;
}
