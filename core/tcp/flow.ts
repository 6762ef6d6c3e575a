import type { Side, Stamp } from "../flow/mod.ts";
import type { Segment } from "../net/segment.ts";
import type { TcpConversation } from "./connection.ts";
import { difference, History, type Span } from "./history.ts";
import { PATIENCE_PACKETS, START_SEGMENTS } from "./limits.ts";
import type { FlowAnalysis } from "./analysis_facts.ts";
import { type Chunk, CHUNK_OVERHEAD, OutOfOrder } from "./out_of_order.ts";
import { Patience } from "./patience.ts";
import { sequenceAdd, sequenceDistance, unwrap } from "../flow/sequence.ts";
import type { Shared } from "./shared.ts";
import { stampOf } from "./stamp.ts";
import type { FlowStatistics } from "./statistics.ts";

/** What a flow remembers of bytes that are lost, early, or said twice. */
class Disorder {
  /** Counts, see {@link FlowStatistics}. */
  lost = 0;
  gaps = 0;
  conflicts = 0;
  /** Where the last hole ended, so that one hole told in parts counts once. */
  skippedTo = -1;
  /** From here on bytes are here but wait for their turn; null where none do. */
  heldFrom: number | null = null;
  /** An acknowledgment of one byte more than came that is taken for that of a FIN. */
  finTaken: number | null = null;
  /** Segments seen before it was known where the flow begins. */
  heldSegments = 0;
  /** The last packet that brought what was waited for. */
  latest: Stamp | null = null;
}

/** An offset before all others: `unwrap` gives none below. */
const NOTHING = -(2 ** 31);

/**
 * One direction of a conversation: takes segments as captured, gives bytes in order.
 *
 * Places are offsets from the byte after the SYN, or from the first byte seen (then bytes
 * before it are negative). The first copy of a byte wins. Bytes in order are handed on as
 * views; only bytes ahead of their turn are copied. Reports gaps, conflicts, full buffers
 * and bytes after the FIN.
 *
 * Source: RFC 9293 section 3.10.7.4 (segment arrives), seen from beside the wire.
 */
export class TcpFlow {
  readonly conversation: TcpConversation;
  /** Segments, and their payload on the wire. */
  packets = 0;
  bytes = 0;
  /** Whether the FIN was reached in order. */
  finished = false;
  /**
   * A SYN with another sequence number than this is a new conversation; null unknown. As 32
   * bits with a sign, like `#base`, it takes no memory of its own.
   */
  initialSequence: number | null = null;

  readonly #shared: Shared;
  /** `unknown`: nothing seen; `held`: begun in mid-capture, the lowest byte is sought. */
  #progress: "unknown" | "held" | "running" = "unknown";
  /** A SYN was seen, or acknowledged. */
  #hasSyn = false;
  /** Sequence number of offset 0. */
  #base = 0;
  /** Where other segments say that the flow stands; -1 unknown. */
  #expected = -1;
  /** Offset of the next byte to deliver. */
  #next = 0;
  /** Offset after the highest byte seen on the wire. */
  #high = 0;
  /** The other side has the bytes below this offset. */
  #acknowledged = NOTHING;
  /** Offset of the FIN; NaN before it is seen. */
  #fin = NaN;
  /** Null while nothing is amiss, as in most flows. */
  #disorder: Disorder | null = null;
  #waiting: OutOfOrder | null = null;
  #history: History | null = null;
  #patience: Patience | null = null;

  constructor(conversation: TcpConversation, shared: Shared) {
    this.conversation = conversation;
    this.#shared = shared;
  }

  /** What is amiss, from now on kept. */
  get #amiss(): Disorder {
    return this.#disorder ??= new Disorder();
  }

  /** Holes given up so far. */
  get gaps(): number {
    return this.#disorder?.gaps ?? 0;
  }

  get side(): Side {
    return this.conversation.client === this ? "client" : "server";
  }

  /** The counts so far; what is counted as Wireshark does comes from there. */
  statistics(
    counts: Pick<FlowAnalysis, "retransmissions" | "outOfOrder"> | null,
  ): FlowStatistics {
    const { packets, bytes } = this;
    const { lost = 0, gaps = 0, conflicts = 0 } = this.#disorder ?? {};
    const { retransmissions: retransmitted = 0, outOfOrder = 0 } = counts ?? {};
    return { packets, bytes, retransmitted, outOfOrder, lost, gaps, conflicts };
  }

  /** A SYN: the flow begins one after `sequence`, unless bytes were delivered already. */
  synchronise(sequence: number): void {
    this.#hasSyn = true;
    const base = sequenceAdd(sequence, 1);
    if (this.#progress === "held") {
      const offset = sequenceDistance(this.#base, base);
      if (offset > (this.#waiting?.first()?.start ?? 0)) return;
      this.#next = offset;
    } else if (this.#high > 0) return;
    else this.#base = base | 0;
    this.#progress = "running";
  }

  /** A SYN of this flow was acknowledged, so it begins at `sequence`. */
  synchronised(sequence: number): void {
    if (this.#progress === "unknown") this.synchronise(sequenceAdd(sequence, -1));
  }

  /** Whether this is the number behind a SYN that was seen. */
  isAfterSyn(sequence: number): boolean {
    return this.#hasSyn && (sequence | 0) === this.#base;
  }

  /** A segment of this flow without payload stands at `sequence`. */
  expect(sequence: number): void {
    if (this.#progress === "unknown") this.#expected = sequence;
  }

  /** The other side says, in `segment`, that it has everything before `sequence`. */
  acknowledge(sequence: number, segment: Segment): void {
    if (this.#progress === "unknown") {
      this.#expected = sequence;
      return;
    }
    const offset = unwrap(sequence, this.#base, this.#next);
    if (offset <= this.#acknowledged || this.#isFarAhead(offset)) return;
    this.#acknowledged = offset;
    if (this.#shared.holes === "end") return;
    if (this.#progress === "held" && offset > this.#target()) this.#start(segment);
  }

  /**
   * Whether the other side has bytes of this flow, those before `sequence`, that were not
   * delivered yet.
   */
  isBehind(sequence: number): boolean {
    if (this.#progress !== "running") return false;
    // Of a flow that the capture shows nothing of, nothing is awaited for long.
    const { packets } = this.conversation;
    if (this.packets === 0 && packets > PATIENCE_PACKETS) return false;
    const offset = unwrap(sequence, this.#base, this.#next);
    if (offset <= this.#next || this.#isFarAhead(offset)) return false;
    // One more may be a FIN that is not captured, or a byte that comes yet: that is awaited.
    return !this.#isFin(offset) ||
      this.#next !== this.#fin && offset !== this.#disorder?.finTaken;
  }

  /** Whether nothing waits, is doubted, or says where the flow ends. */
  get isSteady(): boolean {
    return this.#progress === "running" && Number.isNaN(this.#fin) &&
      this.#acknowledged <= this.#next && !this.#waiting?.count &&
      !this.#patience?.isWaiting;
  }

  /** Takes an acknowledgment of bytes that were delivered; gives whether it is one. */
  acknowledgeDelivered(sequence: number): boolean {
    const ahead = sequenceDistance(sequenceAdd(this.#base, this.#next), sequence);
    if (ahead > 0) return false;
    const offset = this.#next + ahead;
    if (offset > this.#acknowledged) this.#acknowledged = offset;
    return true;
  }

  /**
   * Delivers the payload of a segment that stands at the next byte of a steady flow; gives
   * whether it is one. A single byte may be a keep-alive, which `push` knows.
   */
  pushNext(segment: Segment): boolean {
    const { length, start, end, bytes, sequence } = segment;
    if (length <= 1 || end - start < length) return false;
    if (sequenceAdd(this.#base, this.#next) !== sequence) return false;
    const high = this.#next + length;
    if (high > this.#high) this.#high = high;
    this.#deliver(bytes, start, start + length, stampOf(segment));
    return true;
  }

  /** Segments of this flow from `sequence` on are here but wait for their turn. */
  holdFrom(sequence: number | null): void {
    this.#amiss.heldFrom = sequence === null
      ? null
      : unwrap(sequence, this.#base, this.#next);
  }

  /** Takes the payload of a segment of this flow. */
  push(segment: Segment): void {
    const { length } = segment;
    const captured = Math.min(segment.end - segment.start, length);
    if (length === 1 && this.#isOlder(segment)) return;
    const start = this.#locate(segment);
    const end = start + length;
    if (length === 1 && this.#isKeepAlive(start)) return;
    if (end > this.#high) this.#high = end;
    let fresh = captured;
    if (start === this.#next && this.#progress === "running" && !this.#waiting?.count) {
      const { bytes, start: from } = segment;
      this.#deliver(bytes, from, from + captured, stampOf(segment));
      if (captured < length) this.#skipCut(end, segment);
    } else fresh = this.#place(segment, start, start + captured);
    if (fresh > 0 && end > this.#fin) this.#report("sent bytes after its FIN", segment);
  }

  /** The FIN of this flow stands behind the payload of `segment`. */
  fin(segment: Segment): void {
    const offset = this.#locate(segment) + segment.length;
    if (!this.finished && !(offset <= this.#fin)) this.#fin = offset;
    if (this.#progress === "held" && this.#shared.holes !== "end") this.#start(segment);
    this.#finishIfReached(segment);
  }

  /** Gives up what is certainly lost; comes after each packet of the conversation. */
  check(segment: Segment): void {
    if (this.#shared.holes === "end") return;
    if (this.#progress === "held") {
      const patience = this.#patience ??= new Patience();
      const { packets } = this.conversation;
      patience.begin(packets, segment);
      const segments = this.#disorder?.heldSegments ?? 0;
      if (segments < START_SEGMENTS && !patience.over(packets, segment)) return;
      this.#start(segment);
    }
    if (!this.#isLost()) {
      this.#patience?.end();
      return;
    }
    const patience = this.#patience ??= new Patience();
    const { packets } = this.conversation;
    if (patience.begin(packets, segment)) patience.doubted = this.#acknowledged;
    if (!patience.over(packets, segment)) return;
    this.#giveUpTo(patience.doubted, segment);
  }

  /** Gives up what is lost before `sequence`, which the other side acknowledged. */
  giveUp(sequence: number, segment: Segment | null): void {
    if (this.#progress !== "running") return;
    const offset = unwrap(sequence, this.#base, this.#next);
    if (this.#isFin(offset)) this.#amiss.finTaken = offset;
    this.#giveUpTo(offset, segment);
    // A hole that goes on behind it is known to be one up to here.
    if (this.#isLost() && this.#next < offset) this.#skip(offset, segment, false);
  }

  #giveUpTo(offset: number, segment: Segment | null): void {
    while (this.#isLost() && this.#target() <= offset) this.#release(segment);
    this.#patience?.end();
  }

  /** Delivers all that waits, with its holes, and lets memory go: the end of the flow. */
  flush(): void {
    if (this.#progress === "held") this.#start(null);
    while (this.#waiting?.count) this.#release(null);
    if (this.#progress === "running" && !this.finished && this.packets > 0) {
      const end = this.#fin > this.#next ? this.#fin : this.#known();
      if (end > this.#next) this.#skip(end, null, false);
    }
    this.#waiting = null;
    this.#patience = null;
    this.#history?.clear();
    this.#history = null;
  }

  /** Offset of the segment's first byte; the flow begins here if nothing else is known. */
  #locate(segment: Segment): number {
    const syn = (segment.flags & 2) !== 0;
    const sequence = syn ? sequenceAdd(segment.sequence, 1) : segment.sequence;
    if (this.#progress === "unknown") {
      this.#base = sequence | 0;
      const certain = sequence === this.#expected && this.#shared.holes !== "end";
      this.#progress = certain ? "running" : "held";
    }
    // Where holes stay open, what was seen last may be far ahead of what was delivered.
    const near = this.#shared.holes === "end" ? this.#high : this.#next;
    return unwrap(sequence, this.#base, near);
  }

  /** A byte before what is known to be the first of the flow: a keep-alive's, or sent again. */
  #isOlder({ sequence }: Segment): boolean {
    return this.#progress === "unknown" && sequenceAdd(sequence, 1) === this.#expected;
  }

  /** A meaningless byte at the last place already used, to provoke an answer. */
  #isKeepAlive(start: number): boolean {
    return start === this.#high - 1 ||
      (this.finished && start === this.#fin);
  }

  /** Whether acknowledging up to here acknowledges a FIN, which takes one number. */
  #isFin(offset: number): boolean {
    if (offset !== this.#next + 1) return false;
    return this.#next === this.#fin || offset > this.#high && !this.#waiting?.count;
  }

  /** Offset behind the last byte that is known to have been sent. */
  #known(): number {
    const sent = Math.max(this.#high, this.#next);
    if (this.#shared.holes === "end" || this.#isFin(this.#acknowledged)) return sent;
    return Math.max(sent, this.#acknowledged);
  }

  /** Whether nobody would believe that all bytes up to here were lost. */
  #isFarAhead(offset: number): boolean {
    const known = Math.max(this.#high, this.#next);
    return offset - known > this.#shared.limits.flowBytes;
  }

  /** Where the first hole ends: at bytes that wait, at the FIN, or at what is acknowledged. */
  #target(): number {
    const first = this.#waiting?.first()?.start ?? Infinity;
    const fin = this.#fin > this.#next ? this.#fin : Infinity;
    const next = Math.min(first, fin, this.#disorder?.heldFrom ?? Infinity);
    const known = this.#acknowledged;
    return known > this.#next && known < next && !this.#isFin(known) ? known : next;
  }

  /** Whether the first hole will not be filled, to the best of our knowledge. */
  #isLost(): boolean {
    if (this.#progress !== "running" || this.#acknowledged <= this.#next) return false;
    if (this.packets === 0) return false;
    const target = this.#target();
    return target > this.#next && this.#acknowledged >= target;
  }

  /** Takes the lowest byte held for the flow's first. */
  #start(segment: Segment | null): void {
    this.#progress = "running";
    this.#next = this.#waiting?.first()?.start ?? 0;
    this.#patience?.end();
    this.#drain(segment, false);
  }

  /** Puts payload that is late, early or overlapping; returns how many bytes were new. */
  #place(segment: Segment, offset: number, end: number): number {
    if (this.#progress === "held" || offset > this.#next) {
      return this.#hold(segment, offset, offset, end);
    }
    const from = segment.start - offset;
    let conflict: Span | null = null;
    let at = Math.min(end, this.#next);
    if (this.#history !== null) {
      conflict = this.#history.difference(segment.bytes, from + offset, offset, at);
    }
    let fresh = 0;
    while (at < end) {
      const chunk = this.#waiting?.first();
      if (chunk !== undefined && chunk.start === at) {
        const until = Math.min(end, chunk.end);
        conflict = join(conflict, difference(chunk, segment.bytes, from, at, until));
        this.#amiss.latest = stampOf(segment);
        this.#deliverFirst();
        at = until;
      } else {
        const until = Math.min(end, chunk?.start ?? end);
        this.#deliver(segment.bytes, from + at, from + until, stampOf(segment));
        fresh += until - at;
        at = until;
      }
    }
    if (conflict !== null) this.#conflict(conflict, offset, segment);
    if (this.#next === end) this.#skipCut(offset + segment.length, segment);
    this.#drain(segment);
    return fresh;
  }

  /** Keeps a copy of bytes ahead of their turn; returns how many were new. */
  #hold(segment: Segment, offset: number, start: number, end: number): number {
    const waiting = this.#waiting ??= new OutOfOrder();
    const { size } = waiting;
    const continues = waiting.count === 1 && waiting.first()?.cutTo === start;
    const from = segment.start - offset;
    let conflict: Span | null = null;
    const fresh = waiting.insert(segment, offset, start, end, (chunk, a, b) => {
      conflict = join(conflict, difference(chunk, segment.bytes, from, a, b));
    });
    this.#shared.held += waiting.size - size;
    if (conflict !== null) this.#conflict(conflict, offset, segment);
    if (this.#progress === "held") {
      this.#amiss.heldSegments++;
      const enough = this.#shared.holes === "end"
        ? waiting.size > this.#shared.limits.startBytes
        : continues || waiting.size > this.#shared.limits.startBytes;
      if (enough) this.#start(segment);
    }
    this.#keepLimits(segment);
    return fresh;
  }

  #keepLimits(segment: Segment): void {
    const { limits } = this.#shared;
    const full = () => (this.#waiting?.size ?? 0) > limits.flowBytes;
    if (full()) {
      this.#report(
        `holds more than ${limits.flowBytes} out-of-order bytes; holes are given up`,
        segment,
      );
      if (this.#progress === "held") this.#start(segment);
      while (full()) this.#release(segment);
    }
    if (this.#shared.held > limits.totalBytes && this.#waiting?.count) {
      this.#report(
        `adds to more than ${limits.totalBytes} out-of-order bytes in all; its holes are given up`,
        segment,
      );
      if (this.#progress === "held") this.#start(segment);
      while (this.#waiting.count > 0) this.#release(segment);
    }
  }

  /** Skips the first hole and delivers what follows it. */
  #release(segment: Segment | null): void {
    const target = this.#target();
    // A FIN takes one sequence number, which is no byte.
    if (this.#next === this.#fin && target === this.#fin + 1) this.#next = target;
    else this.#skip(target, segment, false);
    this.#drain(segment, false);
  }

  /** Goes on behind bytes that the snap length cut off, as far as no copy of them is here. */
  #skipCut(cutTo: number, segment: Segment | null): void {
    if (this.#shared.holes === "end") return;
    const target = Math.min(cutTo, this.#waiting?.first()?.start ?? Infinity);
    if (target > this.#next) this.#skip(target, segment, true);
  }

  #skip(target: number, segment: Segment | null, isCut: boolean): void {
    const length = target - this.#next;
    const disorder = this.#amiss;
    disorder.lost += length;
    if (disorder.skippedTo !== this.#next) disorder.gaps++;
    const why = isCut ? " cut off by the snap length" : "";
    this.#report(`lacks ${length} bytes at byte ${this.#next}${why}`, segment);
    this.#next = disorder.skippedTo = target;
    this.#shared.open(this.conversation);
    const stamp = segment === null ? null : stampOf(segment);
    this.#shared.sink.gap?.(this.conversation, this.side, length, stamp);
  }

  /**
   * Delivers what waits without a hole before it. Bytes waited for what `segment` filled, or,
   * where nothing did, only for our verdict: then they keep the packets they came in.
   */
  #drain(segment: Segment | null, filled = true): void {
    if (this.#waiting?.count) {
      this.#amiss.latest = filled && segment !== null ? stampOf(segment) : null;
      while (this.#waiting.first()?.start === this.#next) this.#deliverFirst();
    }
    if (segment !== null) this.#finishIfReached(segment);
  }

  #deliverFirst(): void {
    const waiting = this.#waiting;
    const chunk = waiting?.shift();
    if (!waiting || chunk === undefined) return;
    this.#shared.held -= chunk.bytes.length + CHUNK_OVERHEAD;
    const { bytes, cutTo } = chunk;
    // What their sender had when it sent them is said in their own packet only.
    const { acknowledged } = chunk.stamp;
    this.#deliver(bytes, 0, bytes.length, { ...this.#cameIn(chunk), acknowledged });
    if (cutTo > this.#next) this.#skipCut(cutTo, null);
  }

  /**
   * The latest packet of what was waited for and of the chunks delivered, up to this one. Times
   * tell, as a packet may be captured late that was sent and stamped early.
   */
  #cameIn({ stamp }: Chunk): Stamp {
    const disorder = this.#amiss;
    const { latest } = disorder;
    if (latest !== null && !isLater(stamp, latest)) return latest;
    return disorder.latest = stamp;
  }

  #deliver(bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    if (start === end) return;
    const shared = this.#shared;
    const offset = this.#next;
    this.#next = offset + end - start;
    stamp.sequence = sequenceAdd(this.#base, offset);
    this.#history ??= new History(shared.limits.historyBytes, shared.rings);
    this.#history.append(bytes, start, end, offset);
    shared.open(this.conversation);
    shared.sink.data(this.conversation, this.side, bytes, start, end, stamp);
  }

  #finishIfReached(segment: Segment): void {
    if (this.finished || this.#progress !== "running" || !(this.#next >= this.#fin)) {
      return;
    }
    this.finished = true;
    this.#shared.open(this.conversation);
    this.#shared.sink.finish?.(this.conversation, this.side, stampOf(segment));
  }

  #conflict(where: Span, offset: number, segment: Segment): void {
    this.#amiss.conflicts++;
    this.#report(
      `says other bytes at ${where.start} to ${where.end} than were captured before, ` +
        `in a segment of bytes ${offset} to ${offset + segment.length}`,
      segment,
    );
  }

  #report(what: string, segment: Segment | null): void {
    this.#shared.report(this.conversation, "warn", `${this.side} ${what}`, segment);
  }
}

function isLater(a: Stamp, b: Stamp): boolean {
  if (a.seconds !== b.seconds) return a.seconds > b.seconds;
  return a.nanos === b.nanos ? a.packet > b.packet : a.nanos > b.nanos;
}

function join(a: Span | null, b: Span | null): Span | null {
  if (a === null || b === null) return a ?? b;
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
