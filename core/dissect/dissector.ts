import type { Side, Stamp } from "../flow/mod.ts";
import { BufferPool } from "../bytes/pool.ts";
import type { Framing, FramingHost } from "../framing/framing.ts";
import { PacketIndex } from "../framing/packet_index.ts";
import { type Exchange, stampOf } from "../framing/pdu.ts";
import { isTls } from "../framing/tls.ts";
import { type Issue, issue } from "../issue.ts";
import type { Segment } from "../net/segment.ts";
import { type Fields, ReleaseSet } from "../schema/mod.ts";
import type { Conversation, Flow, TcpSink } from "../tcp/conversation.ts";
import { ConversationState, type Held } from "./conversation_state.ts";
import { isError } from "./outcome.ts";
import type { Registry } from "./registry.ts";
import { Transaction } from "./transaction.ts";

/** Limits and choices of a dissection. */
export interface DissectorOptions {
  /** Ports whose conversations are taken for the registry's protocol, besides those of the framings. */
  decodeAs?: readonly number[];
  /** Most requests of a conversation kept waiting; default 1024. */
  maxOutstanding?: number;
  /** Most bytes of a PDU without its header; default 64 MiB. */
  maxPdu?: number;
  /** Most issues told of a conversation; default 1000. */
  maxIssues?: number;
  /** Transactions are only looked at while the sink is called, so their bytes can be reused. */
  transient?: boolean;
}

/** Bytes of a conversation held back at most while its framing is unknown. */
const MAX_HELD = 64 * 1024;
/** The same where the conversation began before the capture, maybe inside a long PDU. */
const MAX_HELD_FROM_THE_MIDDLE = 1024 * 1024;
/** Bytes of a flow that framings look at. */
const OPENING = 4096;

/**
 * Turns the flows of conversations into transactions. It is the sink of the TCP stage; give it
 * a function that takes transactions as they complete.
 */
export class Dissector implements TcpSink {
  readonly #registry: Registry;
  readonly #sink: (transaction: Transaction) => void;
  readonly #ports: ReadonlySet<number>;
  readonly #options: Required<Omit<DissectorOptions, "decodeAs" | "transient">>;
  readonly #packets = new PacketIndex();
  readonly #buffers: BufferPool | null;
  #count = 0;

  constructor(
    registry: Registry,
    sink: (transaction: Transaction) => void,
    options: DissectorOptions = {},
  ) {
    this.#registry = registry;
    this.#sink = sink;
    this.#ports = new Set([
      ...registry.framings.flatMap(({ ports }) => ports),
      ...options.decodeAs ?? [],
    ]);
    this.#buffers = options.transient ? new BufferPool() : null;
    this.#options = {
      maxOutstanding: options.maxOutstanding ?? 1024,
      maxPdu: options.maxPdu ?? 64 * 1024 * 1024,
      maxIssues: options.maxIssues ?? 1000,
    };
  }

  /** What is known of a conversation; made when first asked for. */
  state(conversation: Conversation): ConversationState {
    conversation.state ??= new ConversationState(this.#registry, conversation);
    return conversation.state as ConversationState;
  }

  data(
    flow: Flow,
    bytes: Uint8Array,
    start: number,
    end: number,
    segment: Segment,
  ): void {
    const state = this.state(flow.conversation);
    if (state.framer !== null) {
      state.framer.data(flow.side, bytes, start, end, stampOf(segment));
      return;
    }
    if (state.ignored) return;
    const stamp = stampOf(segment);
    this.#hold(state, {
      kind: "data",
      side: flow.side,
      bytes: bytes.slice(start, end),
      stamp,
    });
  }

  gap(flow: Flow, length: number, segment: Segment | null): void {
    const state = this.state(flow.conversation);
    if (state.ignored) return;
    const stamp = segment === null ? null : stampOf(segment);
    if (state.framer !== null) state.framer.gap(flow.side, length, stamp);
    else this.#hold(state, { kind: "gap", side: flow.side, length, stamp });
  }

  finish(flow: Flow, segment: Segment): void {
    const state = this.state(flow.conversation);
    if (state.ignored) return;
    if (state.framer !== null) state.framer.finish(flow.side, stampOf(segment));
    else this.#hold(state, { kind: "finish", side: flow.side, stamp: stampOf(segment) });
  }

  close(conversation: Conversation): void {
    const state = this.state(conversation);
    if (state.framer === null && !state.ignored) this.#detect(state, true);
    state.framer?.close();
    if (state.issues.length > 0 && !state.ignored) this.#bare(state);
  }

  /** Takes an issue of an earlier stage; it goes with the conversation's next transaction. */
  report(conversation: Conversation, found: Issue): void {
    this.#report(this.state(conversation), found);
  }

  #report(state: ConversationState, found: Issue): void {
    if (state.ignored) return;
    const { maxIssues } = this.#options;
    state.issueCount++;
    if (state.issueCount < maxIssues) state.issues.push(found);
    else if (state.issueCount === maxIssues) {
      state.issues.push(
        issue("warn", "protocol", "further issues are not told", found.packet),
      );
    }
  }

  #hold(state: ConversationState, held: Held): void {
    state.held.push(held);
    if (held.kind === "data") state.heldBytes += held.bytes.length;
    if (held.kind === "finish" || state.heldBytes < state.nextDetection) return;
    // Every look joins what is held: not at every packet while much is.
    state.nextDetection = state.heldBytes > OPENING ? state.heldBytes * 1.25 : 0;
    const most = state.handshake ? MAX_HELD : MAX_HELD_FROM_THE_MIDDLE;
    this.#detect(state, state.heldBytes > most);
  }

  #detect(state: ConversationState, ended: boolean): void {
    const expected = state.usesPort(this.#ports);
    const most = state.handshake ? OPENING : MAX_HELD_FROM_THE_MIDDLE;
    const opening = {
      client: joined(state.held, "client", most),
      server: joined(state.held, "server", most),
      fromStart: state.handshake && !state.held.some(({ kind }) => kind === "gap"),
      expected,
      ended,
    };
    let open = false;
    for (const framing of this.#registry.framings) {
      const verdict = framing.detect(opening, this.#registry);
      if (verdict === "more") open = true;
      if (verdict !== "yes" && verdict !== "swapped") continue;
      this.#adopt(state, framing, opening.fromStart, verdict === "swapped");
      return;
    }
    if (open && !ended) return;
    if (expected && opening.client.length + opening.server.length > 0) {
      this.#unrecognised(state, opening.client, opening.server);
    }
    state.ignored = true;
    state.held = [];
    state.issues = [];
  }

  #adopt(
    state: ConversationState,
    framing: Framing,
    fromStart: boolean,
    swapped: boolean,
  ): void {
    if (swapped) state.swapSides();
    const framer = framing.open(this.#hostOf(state, framing, fromStart));
    state.framer = framer;
    const held = state.held;
    state.held = [];
    for (const event of held) {
      const side = swapped ? other(event.side) : event.side;
      if (event.kind === "data") {
        framer.data(side, event.bytes, 0, event.bytes.length, event.stamp);
      } else if (event.kind === "gap") framer.gap(side, event.length, event.stamp);
      else framer.finish(side, event.stamp);
    }
  }

  /** What a framing works with; the conversation is named by it from now on. */
  #hostOf(
    state: ConversationState,
    framing: Framing,
    fromStart: boolean,
  ): FramingHost {
    const releases = new ReleaseSet(this.#registry.generations(framing));
    state.adopt(framing, releases);
    return {
      commands: this.#registry.commands,
      framings: this.#registry.framings,
      releases,
      fromStart,
      maxOutstanding: this.#options.maxOutstanding,
      maxPdu: this.#options.maxPdu,
      packets: this.#packets,
      buffers: this.#buffers,
      exchange: (exchange) => this.#exchange(state, exchange),
      report: (found) => this.#report(state, found),
      link: (link) => state.link = link,
      carry: (inner, innerFromStart) => this.#hostOf(state, inner, innerFromStart),
    };
  }

  #unrecognised(state: ConversationState, client: Uint8Array, server: Uint8Array): void {
    const tls = isTls(client) || isTls(server);
    if (tls) state.framing = "tls";
    const packet = firstStamp(state.held)?.packet ?? null;
    state.issues.push(
      tls
        ? issue("note", "undecoded", "TLS: not readable without its keys", packet)
        : issue(
          "warn",
          "protocol",
          `no known framing on a port of ${this.#registry.title}`,
          packet,
        ),
    );
    this.#bare(state);
  }

  /** Gives findings out that no transaction came to carry. */
  #bare(state: ConversationState): void {
    this.#exchange(state, {
      command: null,
      name: null,
      code: null,
      request: null,
      response: null,
      issues: [],
    });
  }

  #exchange(state: ConversationState, exchange: Exchange): void {
    const transaction = new Transaction(this.#count++, state, exchange, state.issues);
    if (state.issues.length > 0) state.issues = [];
    state.transactions++;
    if (isError(transaction.outcome)) state.errors++;
    else if (exchange.command?.logsIn != null) {
      state.user = userOf(exchange) ?? state.user;
    }
    this.#sink(transaction);
  }
}

/** Who is logged in after a login that succeeded: a name, or `#` and an id. */
function userOf({ command, request, response }: Exchange): string | null {
  if (response === null || response.isEmpty) return null;
  for (const pdu of [request, response]) {
    const fields = pdu?.decoded?.fields as Fields | undefined;
    const value = fields?.[command!.logsIn!];
    if (typeof value === "string") return value;
    if (typeof value === "number") return `#${value}`;
  }
  return null;
}

function other(side: Side): Side {
  return side === "client" ? "server" : "client";
}

function firstStamp(held: readonly Held[]): Stamp | null {
  return held.find(({ kind }) => kind === "data")?.stamp ?? null;
}

/** The bytes of one side up to its first gap, at most what a framing looks at. */
function joined(held: readonly Held[], side: Side, most: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const event of held) {
    if (event.side !== side) continue;
    if (event.kind === "gap" && length > 0) break;
    if (event.kind !== "data") continue;
    parts.push(event.bytes);
    length += event.bytes.length;
    if (length >= most) break;
  }
  if (parts.length === 1) return parts[0]!;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
