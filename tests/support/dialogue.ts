import type { Conversation, Side } from "../../core/flow/mod.ts";
import type { ConversationState } from "../../core/dissect/conversation_state.ts";
import { Dissector, type DissectorOptions } from "../../core/dissect/dissector.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";

/** What one side says in one packet: bytes, or how many bytes of it were lost. */
export type Step = readonly [Side, Uint8Array | number];

/** How a {@link dialogue} is seen. */
export interface DialogueOptions extends DissectorOptions {
  registry?: Registry;
  /** Whether its beginning was captured; default true. */
  handshake?: boolean;
  serverPort?: number;
}

/** What a {@link dialogue} gave. */
export interface Dialogue {
  transactions: Transaction[];
  state: ConversationState;
}

/** Dissects what two sides say, one packet a step, without any packets around it. */
export function dialogue(
  steps: readonly Step[],
  { registry, handshake = true, serverPort = 8090, ...options }: DialogueOptions = {},
): Dialogue {
  const transactions: Transaction[] = [];
  const dissector = new Dissector(
    registry ?? iggyRegistry(),
    (done) => transactions.push(done),
    options,
  );
  const ports = [40_000, serverPort];
  const conversation: Conversation = {
    number: 0,
    handshake,
    get clientPort() {
      return ports[0]!;
    },
    get serverPort() {
      return ports[1]!;
    },
    get clientEndpoint() {
      return `192.0.2.1:${ports[0]}`;
    },
    get serverEndpoint() {
      return `192.0.2.2:${ports[1]}`;
    },
    swapSides: () => void ports.reverse(),
  };
  steps.forEach(([speaker, said], i) => {
    const stamp = { packet: i + 1, seconds: 1000, nanos: i * 1000 };
    // Who speaks stays the same, although a framing may call it by the other name.
    const swapped = ports[0] !== 40_000;
    const side = swapped ? speaker === "client" ? "server" : "client" : speaker;
    if (typeof said === "number") dissector.gap(conversation, side, said, stamp);
    else dissector.data(conversation, side, said, 0, said.length, stamp);
  });
  dissector.close(conversation);
  return { transactions, state: dissector.state(conversation) };
}

/** All issues of transactions, as `severity group message`. */
export function issuesOf(transactions: readonly Transaction[]): string[] {
  return transactions.flatMap(({ issues }) =>
    issues.map(({ severity, group, message }) => `${severity} ${group} ${message}`)
  );
}
