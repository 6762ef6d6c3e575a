import type { BufferPool } from "../bytes/pool.ts";
import type { Conversation, Moment, Side, Stamp, Transport } from "../flow/mod.ts";
import type { Framer, Framing, FramingHost, Opening } from "../framing/framing.ts";
import { HeldFlows } from "../framing/held.ts";
import { HttpCounter } from "../framing/http_counter.ts";
import type { PacketIndex } from "../framing/packet_index.ts";
import { type Exchange, NO_EXCHANGE } from "../framing/pdu.ts";
import { nameProtocol } from "../framing/other_protocols.ts";
import type { SecretStore } from "../framing/tls/key_log.ts";
import { type Issue, issue } from "../issue.ts";
import { ReaderHost } from "./reader_host.ts";
import { ConversationState } from "./conversation_state.ts";
import type { Registry } from "./registry.ts";

/** Bytes of a conversation held back at most while its framing is unknown. */
const MAX_HELD = 64 * 1024;
/** The same where the conversation began before the capture, maybe inside a long PDU. */
const MAX_HELD_FROM_THE_MIDDLE = 1024 * 1024;
/** What conversations carry of which there is no more to say. */
const NO_DATA = "no data", UNKNOWN = "an unknown protocol";
/** Bytes of a flow that framings look at. */
const OPENING = 4096;

/**
 * Told of bytes of a flow that are a carrier's own: the conversation's number, the endpoint
 * that sends, the sequence number of the first byte, and the bytes, valid during the call.
 */
export type CarrierBytes = (
  conversation: number,
  sender: string,
  sequence: number,
  bytes: Uint8Array,
) => void;

const NO_ISSUES: readonly Issue[] = Object.freeze([]);

/** What the readers of all conversations share. */
export interface ReaderShared {
  readonly registry: Registry;
  /** Ports on which something of the registry is expected. */
  readonly ports: Readonly<Record<Transport, ReadonlySet<number>>>;
  readonly maxOutstanding: number;
  readonly maxPdu: number;
  readonly maxIssues: number;
  readonly keys: SecretStore | null;
  readonly packets: PacketIndex;
  /** When the first packet was captured, once one was. */
  readonly capture: { began: Moment | null };
  readonly buffers: BufferPool | null;
  /** Told of the bytes of carriers, see {@link CarrierBytes}; null where nobody asks. */
  readonly carrier: CarrierBytes | null;
  /** Takes a finished exchange with the findings that go with it. */
  exchange(state: ConversationState, exchange: Exchange, carried: readonly Issue[]): void;
}

/**
 * Reads one conversation: holds its first bytes until a framing knows them, lets that one cut
 * and pair its PDUs, and gives findings to the next transaction.
 */
export class ConversationReader {
  readonly state: ConversationState;
  readonly #conversation: Conversation;
  readonly shared: ReaderShared;
  /** Null once a framing reads the conversation, or nobody does. */
  #held: HeldFlows | null = new HeldFlows();
  #framer: Framer | null = null;
  /** Nothing on this conversation is for us. */
  #ignored = false;
  /** Bytes held when the framing is looked for again. */
  #nextDetection = 0;
  /** Findings that go with the next transaction, and how many there were so far. */
  #issues: Issue[] | null = null;
  #issueCount = 0;

  constructor(conversation: Conversation, shared: ReaderShared) {
    this.#conversation = conversation;
    this.shared = shared;
    this.state = new ConversationState(shared.registry, conversation);
    this.state.began = shared.capture.began;
  }

  data(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    if (this.#framer !== null) this.#framer.data(side, bytes, start, end, stamp);
    else if (this.#held !== null) {
      this.#held.data(side, bytes, start, end, stamp);
      this.#look(this.#held);
    }
  }

  gap(side: Side, length: number, stamp: Stamp | null): void {
    if (this.#framer !== null) this.#framer.gap(side, length, stamp);
    else if (this.#held !== null) {
      this.#held.gap(side, length, stamp);
      this.#look(this.#held);
    }
  }

  finish(side: Side, stamp: Stamp): void {
    if (this.#framer !== null) this.#framer.finish(side, stamp);
    else this.#held?.finish(side, stamp);
  }

  close(): void {
    if (this.#held !== null) this.#detect(this.#held, true);
    this.#framer?.close();
    if (this.#issues !== null && !this.#ignored) this.#bare();
  }

  /** Takes a finding; it goes with the conversation's next transaction. */
  report(found: Issue): void {
    if (this.#ignored) return;
    const { maxIssues } = this.shared;
    this.#issueCount++;
    if (this.#issueCount > maxIssues) return;
    if (this.#issueCount === maxIssues) {
      found = issue("warn", "protocol", "further issues suppressed", found.packet);
    }
    if (this.#issues === null) this.#issues = [found];
    else this.#issues.push(found);
  }

  /** Looks for the framing; every look joins what is held: not at every packet. */
  #look(held: HeldFlows): void {
    const { size } = held;
    if (size < this.#nextDetection) return;
    this.#nextDetection = size > OPENING ? size * 1.25 : 0;
    const { handshake } = this.#conversation;
    this.#detect(held, size > (handshake ? MAX_HELD : MAX_HELD_FROM_THE_MIDDLE));
  }

  #detect(held: HeldFlows, ended: boolean): void {
    const { handshake } = this.#conversation;
    const { registry } = this.shared;
    const enough = handshake ? OPENING : MAX_HELD_FROM_THE_MIDDLE;
    const opening: Opening = {
      client: held.joined("client", enough),
      server: held.joined("server", enough),
      segments: held.segments(),
      fromStart: handshake && !held.hasGap,
      expected: this.#isExpected,
      ended,
      sided: this.#isSided,
    };
    let open = false;
    for (const framing of registry.framings) {
      if ((framing.transport ?? "tcp") !== this.state.transport) continue;
      const verdict = framing.detect(opening, registry);
      if (verdict === "more") open = true;
      if (verdict !== "yes" && verdict !== "swapped") continue;
      this.#adopt(framing, held, opening.fromStart, verdict === "swapped");
      return;
    }
    if (open && !ended) return;
    const observer = this.unrecognised(opening, held.firstPacket);
    this.#ignored = true;
    this.#issues = null;
    this.#framer = observer;
    this.#held = null;
    if (observer !== null) held.tell(observer, false);
  }

  /** One of its ports is among those on which something is expected. */
  get #isExpected(): boolean {
    const { clientPort, serverPort, transport = "tcp" } = this.#conversation;
    const ports = this.shared.ports[transport];
    return ports.has(serverPort) || ports.has(clientPort);
  }

  /** Servers listen on the expected port, and only that of the server is one. */
  get #isSided(): boolean {
    const { clientPort, serverPort, transport = "tcp" } = this.#conversation;
    const ports = this.shared.ports[transport];
    return ports.has(serverPort) && !ports.has(clientPort);
  }

  #adopt(
    framing: Framing,
    held: HeldFlows,
    fromStart: boolean,
    swapped: boolean,
  ): void {
    if (swapped) this.#conversation.swapSides();
    const framer = framing.open(this.hostOf(framing, fromStart));
    this.#framer = framer;
    this.#held = null;
    held.tell(framer, swapped);
  }

  /** What a framing works with; the conversation is named by it from now on. */
  hostOf(framing: Framing, fromStart: boolean, amongSeveral = false): FramingHost {
    const state = amongSeveral ? this.state.part() : this.state;
    const releases = this.shared.registry.releasesOf(framing);
    state.adopt(framing, releases);
    if (amongSeveral && !this.state.isRead) this.state.adopt(framing, releases);
    const expected = this.#isExpected;
    // A carrier alone makes a conversation of no interest on a port of somebody else.
    if (framing.carrier && !expected) state.framing = null;
    return new ReaderHost(this, state, releases, fromStart, expected);
  }

  /**
   * Names what no framing knows; on a port where one is expected it is an issue too. Gives who
   * wants to see the rest.
   */
  unrecognised(
    opening: Opening,
    packet: number | null,
  ): Framer | null {
    const { state } = this;
    // What is on other ports of UDP is nobody's question.
    if (state.transport === "udp" && !opening.expected) return null;
    if (opening.client.length + opening.server.length === 0) {
      state.protocol ??= NO_DATA;
      return null;
    }
    const name = nameProtocol(opening);
    state.protocol = name ?? UNKNOWN;
    if (opening.expected) {
      const named = name === null ? "" : `: ${name}`;
      const message =
        `no known framing on a port of ${this.shared.registry.title}${named}`;
      this.report(issue("warn", "protocol", message, packet));
      this.#bare();
    }
    return state.protocol?.startsWith("HTTP/1")
      ? new HttpCounter((requests) => state.requests = requests)
      : null;
  }

  /** Gives findings out that no transaction came to carry. */
  #bare(): void {
    this.exchange(NO_EXCHANGE);
  }

  /** Takes a finished exchange; findings so far go with it. */
  exchange(exchange: Exchange, state = this.state): void {
    const carried = this.#issues ?? NO_ISSUES;
    this.#issues = null;
    this.shared.exchange(state, exchange, carried);
  }
}
