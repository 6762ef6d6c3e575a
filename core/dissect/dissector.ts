import { BufferPool } from "../bytes/pool.ts";
import type {
  Conversation,
  FlowSink,
  Moment,
  Side,
  Stamp,
  Transport,
} from "../flow/mod.ts";
import { PacketIndex } from "../framing/packet_index.ts";
import type { Exchange } from "../framing/pdu.ts";
import type { SecretStore } from "../framing/tls/key_log.ts";
import type { Issue } from "../issue.ts";
import type { Fields } from "../schema/mod.ts";
import {
  type CarrierBytes,
  ConversationReader,
  type ReaderShared,
} from "./conversation_reader.ts";
import type { ConversationState } from "./conversation_state.ts";
import { isError } from "./outcome.ts";
import type { Registry } from "./registry.ts";
import { Transaction } from "./transaction.ts";

/** What a dissection keeps at most where no option says otherwise. */
export const DEFAULT_LIMITS = Object.freeze({
  /** Requests of a conversation that wait. */
  outstanding: 1024,
  /** Bytes of a PDU without its header. */
  pdu: 64 * 1024 * 1024,
  /** Issues told of a conversation. */
  issues: 1000,
});

/** Limits and choices of a dissection. */
export interface DissectorOptions {
  /** Ports whose conversations are taken for the registry's protocol, besides those of the framings. */
  decodeAs?: readonly number[];
  /** The same for UDP. */
  decodeUdpAs?: readonly number[];
  /** Most requests of a conversation kept waiting; default 1024. */
  maxOutstanding?: number;
  /** Most bytes of a PDU without its header; default 64 MiB. */
  maxPdu?: number;
  /** Most issues told of a conversation; default 1000. */
  maxIssues?: number;
  /** Told of the bytes that are a carrier's own, for whoever writes flows again. */
  carrier?: CarrierBytes;
  /** Transactions are only looked at while the sink is called, so their bytes can be reused. */
  transient?: boolean;
  /** Secrets that open sealed transports, as TLS. */
  keys?: SecretStore | null;
}

/**
 * Turns the flows of conversations into transactions, whatever the flows come from; give it a
 * function that takes transactions as they complete.
 */
export class Dissector implements FlowSink {
  readonly #sink: (transaction: Transaction) => void;
  readonly #shared: ReaderShared;
  readonly #readers = new Map<Conversation, ConversationReader>();
  /** The conversation that was spoken of last, as the next event is mostly of it too. */
  #last: Conversation | null = null;
  #lastReader: ConversationReader | null = null;
  #count = 0;

  constructor(
    registry: Registry,
    sink: (transaction: Transaction) => void,
    options: DissectorOptions = {},
  ) {
    this.#sink = sink;
    this.#shared = {
      registry,
      ports: {
        tcp: new Set([...portsOf(registry, "tcp"), ...options.decodeAs ?? []]),
        udp: new Set([...portsOf(registry, "udp"), ...options.decodeUdpAs ?? []]),
      },
      maxOutstanding: options.maxOutstanding ?? DEFAULT_LIMITS.outstanding,
      maxPdu: options.maxPdu ?? DEFAULT_LIMITS.pdu,
      maxIssues: options.maxIssues ?? DEFAULT_LIMITS.issues,
      keys: options.keys ?? null,
      packets: new PacketIndex(),
      capture: { began: null },
      buffers: options.transient ? new BufferPool() : null,
      carrier: options.carrier ?? null,
      exchange: (state, exchange, carried) => this.#exchange(state, exchange, carried),
    };
  }

  data(
    conversation: Conversation,
    side: Side,
    bytes: Uint8Array,
    start: number,
    end: number,
    stamp: Stamp,
  ): void {
    this.#readerOf(conversation).data(side, bytes, start, end, stamp);
  }

  gap(
    conversation: Conversation,
    side: Side,
    length: number,
    stamp: Stamp | null,
  ): void {
    this.#readerOf(conversation).gap(side, length, stamp);
  }

  finish(conversation: Conversation, side: Side, stamp: Stamp): void {
    this.#readerOf(conversation).finish(side, stamp);
  }

  close(conversation: Conversation): void {
    this.#readerOf(conversation).close();
  }

  /** Takes an issue of an earlier stage; it goes with the conversation's next transaction. */
  report(conversation: Conversation, found: Issue): void {
    this.#readerOf(conversation).report(found);
  }

  /** Says when the capture began. */
  begin({ seconds, nanos }: Moment): void {
    this.#shared.capture.began ??= { seconds, nanos };
  }

  /** What is known of a conversation. */
  state(conversation: Conversation): ConversationState {
    return this.#readerOf(conversation).state;
  }

  /** Forgets a closed conversation; gives what was known of it. */
  release(conversation: Conversation): ConversationState {
    const { state } = this.#readerOf(conversation);
    this.#readers.delete(conversation);
    this.#last = this.#lastReader = null;
    return state;
  }

  #readerOf(conversation: Conversation): ConversationReader {
    if (conversation === this.#last) return this.#lastReader!;
    let reader = this.#readers.get(conversation);
    if (reader === undefined) {
      reader = new ConversationReader(conversation, this.#shared);
      this.#readers.set(conversation, reader);
    }
    this.#last = conversation;
    return this.#lastReader = reader;
  }

  #exchange(
    state: ConversationState,
    exchange: Exchange,
    carried: readonly Issue[],
  ): void {
    const transaction = new Transaction(this.#count++, state, exchange, carried);
    const { response } = exchange;
    const { wire } = state;
    if (wire !== null) {
      transaction.timeBy(wire, state.answered);
      // What is kept may be asked when the segments say something else.
      if (this.#shared.buffers === null) transaction.takeTimes();
    }
    if (response !== null) state.answered = response.stamp;
    const isFailed = isError(transaction.outcome);
    const logsIn = !isFailed && exchange.command?.logsIn != null;
    if (!transaction.isRemark) state.count(isFailed, logsIn ? userOf(exchange) : null);
    this.#sink(transaction);
  }
}

/** The ports of the framings that come over a transport. */
function portsOf({ framings }: Registry, over: Transport): number[] {
  return framings.filter(({ transport = "tcp" }) => transport === over)
    .flatMap(({ ports }) => ports);
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
