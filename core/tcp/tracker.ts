import type { Conversation } from "../flow/mod.ts";
import type { Severity } from "../issue.ts";
import type { Segment } from "../net/segment.ts";
import { ACK, FIN, RST, SYN, TcpConversation } from "./connection.ts";
import type { TcpFlow } from "./flow.ts";
import { EarlySegments } from "./order.ts";
import { Rings } from "./history.ts";
import { type HoleRelease, LIMITS, LINGER_PACKETS, type TcpLimits } from "./limits.ts";
import { sequenceAdd } from "../flow/sequence.ts";
import type { ConversationReport, Shared } from "./shared.ts";
import type { TcpSink } from "./sink.ts";
import type { ConversationStatistics } from "./statistics.ts";
import { ConversationTable, sideOf, UseList } from "./table.ts";

/** What a tracker needs from outside; all but the text of addresses has a default. */
export interface TcpOptions {
  /** Text of an interned address: `AddressTable.text`. */
  addressText(address: number): string;
  /** Receives gaps, conflicts, limits reached, and starts in mid-capture. */
  report?: ConversationReport;
  /** When missing bytes are given up; `acknowledged` unless told. */
  holes?: HoleRelease;
  /** False leaves out what Wireshark counts, which costs more than reassembly. */
  analysis?: boolean;
  /** Limits to use instead of `LIMITS[holes]`. */
  limits?: Partial<TcpLimits>;
}

/**
 * Sorts segments into conversations and gives the bytes of each flow in order.
 *
 * Conversations are numbered as Wireshark's `tcp.stream`: a SYN with another sequence
 * number than the one the known conversation began with opens a new one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const seen: string[] = [];
 * const tracker = new TcpTracker({
 *   data(_conversation, side, bytes, start, end) {
 *     seen.push(`${side} ${new TextDecoder().decode(bytes.subarray(start, end))}`);
 *   },
 * }, { addressText: (address) => `10.0.0.${address}` });
 * const bytes = new TextEncoder().encode("ping");
 * const packet = {
 *   number: 1, seconds: 0, nanos: 0, linktype: 1, bytes, start: 0, end: 4, originalLength: 4,
 * };
 * tracker.push({
 *   packet, source: 1, destination: 2, sourcePort: 40000, destinationPort: 5000,
 *   sequence: 1, acknowledgment: 1, flags: 0x18, window: 512,
 *   bytes, start: 0, end: 4, length: 4,
 * });
 * tracker.end();
 * assertEquals(seen, ["client ping"]);
 * ```
 */
export class TcpTracker implements Shared {
  readonly sink: TcpSink;
  readonly holes: HoleRelease;
  readonly analysis: boolean;
  readonly limits: Readonly<TcpLimits>;
  readonly addressText: (address: number) => string;
  held = 0;
  readonly rings: Rings;
  /** Conversations seen, which is also the number of the next one. */
  conversations = 0;
  /** Open conversations let go because there were too many. */
  evicted = 0;

  readonly #report: ConversationReport | undefined;
  readonly #table = new ConversationTable();
  readonly #open = new UseList();
  readonly #closed = new UseList();
  /** Conversations with a RST, and the packet count at which they are closed. */
  #lingering: { conversation: TcpConversation; until: number }[] = [];
  #packets = 0;

  constructor(sink: TcpSink, options: TcpOptions) {
    this.sink = sink;
    this.holes = options.holes ?? "acknowledged";
    this.analysis = options.analysis ?? true;
    this.limits = { ...LIMITS[this.holes], ...options.limits };
    this.rings = new Rings(this.limits.historyTotalBytes);
    this.addressText = (address) => options.addressText(address);
    this.#report = options.report;
  }

  /** Takes the next segment of the capture and returns its conversation. */
  push(segment: Segment): Conversation {
    this.#packets++;
    if (this.#lingering.length > 0) this.#closeLingering();
    const side = sideOf(segment);
    const { flags } = segment;
    const conversation = this.#find(segment, side);
    if (conversation.packets === 0 && (flags & SYN) === 0) {
      const message = "the conversation began before the capture";
      this.report(conversation, "chat", message, segment);
    }
    conversation.note(segment, side);
    const flow = conversation.flow(side);
    const peer = conversation.flow(side === 0 ? 1 : 0);
    if (this.#isOrdinary(conversation, flow, peer, segment)) return conversation;
    if (flow.initialSequence === null || (flags & (SYN | ACK)) === (SYN | ACK)) {
      flow.initialSequence = sequenceAdd(segment.sequence, (flags & SYN) !== 0 ? 0 : -1) |
        0;
    }
    if (peer.initialSequence === null && (flags & ACK) !== 0) {
      peer.initialSequence = sequenceAdd(segment.acknowledgment, -1) | 0;
    }
    if (!conversation.closed) this.#deliver(conversation, flow, peer, segment);
    return conversation;
  }

  /**
   * Takes a segment as most are: the next bytes of its flow, or none, with an acknowledgment of
   * bytes that were delivered, while nothing waits for anything. Gives whether it is one; what
   * it does is what the full path would do.
   */
  #isOrdinary(
    conversation: TcpConversation,
    flow: TcpFlow,
    peer: TcpFlow,
    segment: Segment,
  ): boolean {
    if ((segment.flags & (SYN | FIN | RST | ACK)) !== ACK) return false;
    if (flow.initialSequence === null || peer.initialSequence === null) return false;
    if (conversation.list !== this.#open || conversation.early !== null) return false;
    return this.holes !== "end" && !conversation.closed && flow.isSteady &&
      peer.isSteady && peer.acknowledgeDelivered(segment.acknowledgment) &&
      (segment.length === 0 || flow.pushNext(segment));
  }

  #deliver(
    conversation: TcpConversation,
    flow: TcpFlow,
    peer: TcpFlow,
    segment: Segment,
  ): void {
    const { flags } = segment;
    if ((flags & SYN) !== 0) {
      flow.synchronise(segment.sequence);
      if ((flags & ACK) !== 0) peer.synchronised(segment.acknowledgment);
    } else if (flow.isAfterSyn(segment.sequence) && (flags & ACK) !== 0) {
      // The third packet of a handshake, or the first bytes behind it.
      peer.synchronised(segment.acknowledgment);
    }
    if ((flags & (ACK | RST)) === ACK) peer.acknowledge(segment.acknowledgment, segment);
    if (!this.#isEarly(conversation, flow, peer, segment)) this.#take(flow, segment);
    flow.check(segment);
    peer.check(segment);
    if (conversation.early !== null) this.#takeEarly(conversation, false);
    if (this.holes === "end") return;
    if (flow.finished && peer.finished) this.#close(conversation);
    else if ((flags & RST) === 0) {
      if (conversation.list === this.#closed) this.#open.add(conversation);
    } else if (!conversation.opened) this.#retire(conversation); // A SYN may try again.
    else this.#linger(conversation);
  }

  /** Lets a conversation take bytes for a while behind its last RST. */
  #linger(conversation: TcpConversation): void {
    const others = this.#lingering.filter((other) => other.conversation !== conversation);
    const until = this.#packets + LINGER_PACKETS;
    this.#lingering = [...others, { conversation, until }];
  }

  /** Takes payload and FIN of a segment whose turn it is. What a RST carries is no stream. */
  #take(flow: TcpFlow, segment: Segment): void {
    const { flags, length, sequence } = segment;
    if ((flags & RST) !== 0) return;
    if (length > 0) flow.push(segment);
    else if ((flags & SYN) === 0) flow.expect(sequence);
    if ((flags & FIN) !== 0) flow.fin(segment);
  }

  /** Keeps a segment that acknowledges what is still to come; tells whether it does. */
  #isEarly(
    conversation: TcpConversation,
    flow: TcpFlow,
    peer: TcpFlow,
    segment: Segment,
  ): boolean {
    const { flags, length, sequence, acknowledgment } = segment;
    if ((flags & (SYN | RST | ACK)) !== ACK || this.holes === "end") return false;
    if (length === 0 && (flags & FIN) === 0) return false;
    const from = conversation.low === flow ? 0 : 1;
    const waits = conversation.early?.isBefore(sequence, from) ||
      peer.isBehind(acknowledgment);
    if (!waits) return false;
    conversation.early ??= new EarlySegments(conversation);
    conversation.early.add(segment, from);
    return true;
  }

  /** Takes the segments whose turn has come; all, where nothing more will come. */
  #takeEarly(conversation: TcpConversation, force: boolean): void {
    const { early } = conversation;
    for (let next = early?.next(force); next; next = early?.next(force)) {
      this.#take(conversation.flow(next.from), next.segment);
    }
  }

  /**
   * Takes a TCP header that is no segment of a flow, such as one quoted by an ICMP error.
   * It counts for the numbers of conversations, as in Wireshark, and for nothing else.
   */
  pushHeader(segment: Segment): Conversation {
    return this.#find(segment, sideOf(segment));
  }

  /** The capture ended: delivers what waits, closes and releases every conversation. */
  end(): void {
    this.#lingering = [];
    for (const list of [this.#open, this.#closed]) {
      while (list.oldest !== null) this.#remove(list.oldest);
    }
  }

  /** The counts so far of a conversation of this tracker. */
  statistics(conversation: Conversation): ConversationStatistics | null {
    return conversation instanceof TcpConversation ? conversation.statistics() : null;
  }

  open(conversation: TcpConversation): void {
    if (conversation.opened) return;
    conversation.opened = true;
    this.sink.open?.(conversation);
  }

  report(
    conversation: TcpConversation,
    severity: Severity,
    message: string,
    segment: Segment | null,
  ): void {
    const { issues } = this.limits;
    if (this.#report === undefined || conversation.issues >= issues) return;
    const last = ++conversation.issues === issues;
    this.#report(conversation, {
      severity,
      group: "sequence",
      message: last ? `${message}; further issues of this kind suppressed` : message,
      packet: segment?.packet.number ?? null,
      offset: null,
    });
  }

  /** The segment's conversation, new where none is known or its ports are used again. */
  #find(segment: Segment, side: 0 | 1): TcpConversation {
    const known = this.#table.get(segment, side);
    if (known === undefined) return this.#add(segment, side);
    if ((segment.flags & (SYN | ACK)) === SYN) {
      const { initialSequence } = known.flow(side);
      if (initialSequence !== null && initialSequence !== (segment.sequence | 0)) {
        this.#remove(known);
        return this.#add(segment, side);
      }
    }
    known.list?.touch(known);
    return known;
  }

  #add(segment: Segment, side: 0 | 1): TcpConversation {
    if (this.#open.size >= this.limits.conversations) this.#evict();
    const conversation = new TcpConversation(this.conversations++, segment, side, this);
    this.#table.add(conversation);
    this.#open.add(conversation);
    return conversation;
  }

  #evict(): void {
    const oldest = this.#open.oldest;
    if (oldest === null) return;
    const { conversations } = this.limits;
    if (this.evicted++ === 0) {
      this.#report?.(null, {
        severity: "warn",
        group: "sequence",
        message:
          `more than ${conversations} open conversations: the least recently used are dropped`,
        packet: null,
        offset: null,
      });
    }
    this.report(oldest, "note", "dropped: too many open conversations", null);
    this.#remove(oldest);
  }

  /** Ends a conversation for the sink; late packets still count to it. */
  #close(conversation: TcpConversation): void {
    if (conversation.closed) return;
    this.#takeEarly(conversation, true);
    conversation.low.flush();
    conversation.high.flush();
    this.open(conversation);
    conversation.closed = true;
    this.sink.close?.(conversation);
    this.#retire(conversation);
  }

  /** Moves a conversation among those of which only late packets are awaited. */
  #retire(conversation: TcpConversation): void {
    if (conversation.list === this.#closed) return;
    this.#closed.add(conversation);
    const { oldest, size } = this.#closed;
    if (size > this.limits.conversations && oldest !== null) this.#remove(oldest);
  }

  /** Ends a conversation and forgets it. */
  #remove(conversation: TcpConversation): void {
    this.#close(conversation);
    this.#table.delete(conversation);
    conversation.list?.remove(conversation);
    this.sink.release?.(conversation, conversation.statistics());
  }

  #closeLingering(): void {
    let due = 0;
    for (const { conversation, until } of this.#lingering) {
      if (until > this.#packets) break;
      if (conversation.resetBy !== null) this.#close(conversation);
      due++;
    }
    if (due > 0) this.#lingering.splice(0, due);
  }
}
