import type { Side } from "../../core/flow/mod.ts";
import { ConversationState } from "../../core/dissect/conversation_state.ts";
import { Dissector, type DissectorOptions } from "../../core/dissect/dissector.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import type { Segment } from "../../core/net/segment.ts";
import type { Conversation, Flow } from "../../core/tcp/conversation.ts";
import { iggyRegistry } from "../../mod.ts";

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

class FakeConversation implements Conversation {
  readonly number = 0;
  client: Flow;
  server: Flow;
  state: unknown = null;
  readonly handshake: boolean;
  #clientPort = 40_000;
  #serverPort: number;

  constructor(handshake: boolean, serverPort: number) {
    this.handshake = handshake;
    this.#serverPort = serverPort;
    this.client = { conversation: this, side: "client", delivered: 0 };
    this.server = { conversation: this, side: "server", delivered: 0 };
  }

  get clientPort(): number {
    return this.#clientPort;
  }

  get serverPort(): number {
    return this.#serverPort;
  }

  get clientEndpoint(): string {
    return `192.0.2.1:${this.#clientPort}`;
  }

  get serverEndpoint(): string {
    return `192.0.2.2:${this.#serverPort}`;
  }

  swapSides(): void {
    const { client, server } = this;
    this.client = { ...server, side: "client" };
    this.server = { ...client, side: "server" };
    [this.#clientPort, this.#serverPort] = [this.#serverPort, this.#clientPort];
  }
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
  const conversation = new FakeConversation(handshake, serverPort);
  // Flows keep to their endpoint although a framing may call it by the other name.
  const flows = { client: conversation.client, server: conversation.server };
  steps.forEach(([side, said], i) => {
    const packet = { number: i + 1, seconds: 1000, nanos: i * 1000 };
    const segment = { packet } as Segment;
    const swapped = conversation.clientPort !== 40_000;
    const flow = swapped
      ? conversation[side === "client" ? "server" : "client"]
      : flows[side];
    if (typeof said === "number") dissector.gap(flow, said, segment);
    else dissector.data(flow, said, 0, said.length, segment);
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

/** Bytes one after another. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
