import { sequenceDistance } from "../flow/sequence.ts";
import type { Segment } from "../net/segment.ts";
import { sackBlocks, synOptions } from "../net/tcp_options.ts";
import { Holes } from "./holes.ts";
import { REORDER_NANOS } from "./limits.ts";
import { nanosBetween } from "./patience.ts";
import {
  type FlowAnalysis,
  flowAnalysis,
  type Repair,
  type TcpState,
} from "./analysis_facts.ts";

const FIN = 1, SYN = 2, RST = 4, ACK = 16;
/** A segment sent again so soon after duplicate ACKs is sent for them: 20 ms. */
const FAST_NANOS = 20_000_000;
const DUPLICATES = 2;
/** Shortest retransmission timer in use: RFC 6298 says a second, systems take 200 ms. */
const TIMER_NANOS = 200_000_000;

/** What an earlier segment was, as far as later ones depend on it. */
const PLAIN = 0, KEEP_ALIVE = 1, WINDOW_PROBE = 2;

/** One flow as an analyst beside the wire remembers it. */
class Direction {
  readonly facts: FlowAnalysis = flowAnalysis();
  /** After the highest byte seen; -1 before the first segment. */
  next = -1;
  nextSeconds = 0;
  nextNanos = 0;
  /** A segment without bytes told it, so that what lies before was not captured. */
  nextIsTold = false;
  /** What was not captured up to there; null before the first segment. */
  holes: Holes | null = null;
  /** After the last byte without a hole before it that was not acknowledged; -1 unknown. */
  whole = -1;
  /** The last segment's acknowledgment, when it came, and its window. */
  acknowledged = -1;
  ackSeconds = 0;
  ackNanos = 0;
  window = -1;
  /** Whether the last segment repeated it and acknowledged blocks beyond. */
  sacks = false;
  /** Shift count of the window, null where the SYN was not seen; and whether to apply it. */
  scale: number | null = null;
  scaled = false;
  duplicates = 0;
  /** When it last sent bytes, or the other one acknowledged new ones. */
  activeSeconds = 0;
  activeNanos = 0;
  /** Bytes were sent again since new ones were sent or acknowledged. */
  repairing = false;
  last: number = PLAIN;
  /** The segment whose ACK is awaited for a round-trip time. */
  timedEnd = -1;
  timedSeconds = 0;
  timedNanos = 0;
  zeroSince: { seconds: number; nanos: number } | null = null;
  syn = -1;
  /** Sequence number of the FIN, and whether it was the first of both. */
  fin = -1;
  finFirst = false;
  reset = false;
}

/**
 * Says of each segment of a conversation what Wireshark's analysis of sequence numbers says,
 * and counts it for the flow that sent it.
 *
 * Source: Wireshark User's Guide section 7.5 (TCP analysis); RFC 5681 section 2 (duplicate
 * ACK), RFC 9293 section 3.8.4 and 3.8.6.1 (keep-alive, zero window probe).
 */
export class Analysis {
  /** Why the last segment's bytes were sent again; null where they were not. */
  repair: Repair | null = null;
  /** The round trip that the last segment's ACK ends, in nanoseconds; null where it ends none. */
  roundTrip: number | null = null;
  readonly #directions = [new Direction(), new Direction()] as const;

  /** Takes a segment of side `from`; `handshakeNanos` where it is known by now. */
  note(segment: Segment, from: 0 | 1, handshakeNanos: number | null): void {
    const own = this.#directions[from];
    const other = this.#directions[from === 0 ? 1 : 0];
    const { flags, length, window } = segment;
    this.repair = this.roundTrip = null;
    if ((flags & (SYN | FIN | RST)) !== 0) this.#control(segment, own, other);
    const { acknowledgment } = segment;
    own.sacks = acknowledgment === own.acknowledged && sackBlocks(segment).length > 0;
    const kind = this.#acknowledgment(segment, own, other);
    if (acknowledgment !== own.acknowledged) {
      own.duplicates = 0;
      if ((flags & ACK) !== 0) progress(other, segment);
    }
    if (
      (flags & ACK) !== 0 && other.whole >= 0 &&
      sequenceDistance(other.whole, acknowledgment) > 0
    ) {
      own.facts.ackedUnseen++;
      other.whole = other.holes?.endOf(acknowledgment, other.next) ?? acknowledgment;
    }
    const occupies = length > 0 || (flags & (SYN | FIN)) !== 0;
    if (occupies && kind !== KEEP_ALIVE) {
      this.#payload(segment, own, other, handshakeNanos);
    }
    this.#remember(segment, own, kind, occupies);
    this.#roundTrip(segment, other);
    own.window = window;
    own.acknowledged = acknowledgment;
  }

  /** The counts so far of the flow of a side, which go on. */
  counts(side: 0 | 1): Readonly<FlowAnalysis> {
    return this.#directions[side].facts;
  }

  /** The facts so far of the flow of a side. */
  facts(side: 0 | 1): FlowAnalysis {
    const own = this.#directions[side];
    return { ...own.facts, state: stateOf(own, this.#directions[side === 0 ? 1 : 0]) };
  }

  #control(segment: Segment, own: Direction, other: Direction): void {
    const { flags, sequence, length } = segment;
    if ((flags & RST) !== 0) own.reset = true;
    if ((flags & FIN) !== 0) {
      if (own.fin < 0) own.finFirst = other.fin < 0;
      own.fin = sequence + length >>> 0;
    }
    if ((flags & SYN) === 0) return;
    own.syn = sequence;
    const { mss, windowScale, sackPermitted } = synOptions(segment);
    own.facts.mss = mss;
    own.facts.sackPermitted = sackPermitted;
    own.scale = windowScale ?? 0;
    own.facts.windowScale = windowScale;
    if ((flags & ACK) === 0) return;
    // Both have to offer it.
    if (other.facts.windowScale === null || windowScale === null) {
      own.scale = other.scale = 0;
    }
  }

  /** What a segment is by its window and acknowledgment; gives what matters later. */
  #acknowledgment(segment: Segment, own: Direction, other: Direction): number {
    const { flags, length, window, sequence, acknowledgment } = segment;
    const { facts } = own;
    const isPlain = (flags & (SYN | FIN | RST)) === 0;
    if (length === 1 && sequence === own.next && other.window === 0) {
      facts.zeroWindowProbes++;
      return WINDOW_PROBE;
    }
    if (window === 0 && isPlain) facts.zeroWindows++;
    if (
      own.next >= 0 && (flags & RST) === 0 && sequenceDistance(own.next, sequence) > 0
    ) {
      facts.previousLost++;
    }
    let kind = PLAIN;
    if (!isPlain) return kind;
    if (length <= 1 && own.next >= 0 && sequenceDistance(sequence, own.next) === 1) {
      facts.keepAlives++;
      kind = KEEP_ALIVE;
    }
    const same = length === 0 && sequence === own.next &&
      acknowledgment === own.acknowledged;
    const isUpdate = same && window !== 0 && window !== own.window;
    // One that tells of blocks tells first that bytes are missing.
    const isDuplicate = same && window !== 0 &&
      (window === own.window || own.sacks);
    if (isUpdate && !isDuplicate) facts.windowUpdates++;
    if (length > 0 && isFull(segment, other)) facts.windowFull++;
    if (same && window === own.window && other.last === KEEP_ALIVE) facts.keepAliveAcks++;
    else if (
      length === 0 && window === 0 && own.window === 0 && sequence === own.next &&
      other.last === WINDOW_PROBE && own.acknowledged >= 0 &&
      sequenceDistance(own.acknowledged, acknowledgment) >>> 0 <= 1
    ) facts.zeroWindowProbeAcks++;
    else if (isDuplicate) {
      own.duplicates++;
      facts.duplicateAcks++;
    }
    return kind;
  }

  /** Whether bytes were sent before, and why they are sent again. */
  #payload(
    segment: Segment,
    own: Direction,
    other: Direction,
    handshakeNanos: number | null,
  ): void {
    const { sequence, length, flags } = segment;
    if (own.next < 0) return;
    const occupied = (flags & (SYN | FIN)) !== 0 ? length + 1 : length;
    const behind = sequenceDistance(sequence, own.next);
    // More than a byte from where a probe was answered is new.
    const isOld = behind > 0 && !(length > 1 && behind === 1);
    const { facts } = own;
    if (
      length > 0 && other.acknowledged >= 0 &&
      sequenceDistance(sequence + length, other.acknowledged) >= 0
    ) {
      facts.spuriousRetransmissions++;
      return this.#again("spurious", segment, own);
    }
    if (!isOld) return;
    const sinceAck = nanosBetween(other.ackSeconds, other.ackNanos, segment);
    const soon = other.duplicates >= DUPLICATES && sinceAck < FAST_NANOS;
    // With blocks any hole may be meant.
    const isAsked = other.acknowledged === sequence || other.sacks;
    if (soon && isAsked) {
      facts.fastRetransmissions++;
      return this.#again("fast", segment, own);
    }
    const sinceHighest = nanosBetween(own.nextSeconds, own.nextNanos, segment);
    const isMissing = own.holes!.holds(sequence, length) &&
      (behind !== occupied || own.nextIsTold);
    if (isMissing && sinceHighest < (handshakeNanos || REORDER_NANOS)) {
      facts.outOfOrder++;
      this.repair = "out_of_order";
      return;
    }
    const cause = timerOf(segment, own, other);
    if (cause === "timeout") facts.timeoutRetransmissions++;
    if (cause === "tail_loss_probe") facts.tailLossProbes++;
    this.#again(cause, segment, own);
  }

  #again(cause: Repair, segment: Segment, own: Direction): void {
    own.facts.retransmissions++;
    this.repair = cause;
    this.#untime(own, segment.sequence);
    own.activeSeconds = segment.packet.seconds;
    own.activeNanos = segment.packet.nanos;
    own.repairing = true;
  }

  /** A segment sent twice tells no round trip (Karn's algorithm). */
  #untime(own: Direction, sequence: number): void {
    if (own.timedEnd >= 0 && sequenceDistance(sequence, own.timedEnd) > 0) {
      own.timedEnd = -1;
    }
  }

  #remember(segment: Segment, own: Direction, kind: number, occupies: boolean): void {
    const { flags, sequence, length, packet, window } = segment;
    const extra = occupies && (flags & (SYN | FIN)) !== 0 ? 1 : 0;
    const end = sequence + length + extra >>> 0;
    if (kind !== WINDOW_PROBE) {
      if (own.whole < 0) own.whole = sequence;
      const isFirst = own.next < 0;
      const { holes } = own;
      if (holes === null) own.holes = new Holes(sequence);
      else if (sequenceDistance(own.next, sequence) > 0) holes.skip(own.next, sequence);
      else if (sequence !== own.next) holes.fill(sequence, end);
      if (isFirst || sequenceDistance(own.next, end) > 0) {
        if (length > 0 && own.timedEnd < 0 && !isFirst) {
          own.timedEnd = end;
          own.timedSeconds = packet.seconds;
          own.timedNanos = packet.nanos;
        }
        own.next = end;
        if (length > 0 || isFirst || extra === 0) own.nextIsTold = length === 0;
        own.nextSeconds = packet.seconds;
        own.nextNanos = packet.nanos;
        progress(own, segment);
      }
      if (sequence === own.whole) own.whole = own.next;
    }
    own.last = kind;
    if ((flags & ACK) !== 0) {
      own.ackSeconds = packet.seconds;
      own.ackNanos = packet.nanos;
    }
    own.scaled = (flags & SYN) === 0;
    if ((flags & RST) === 0) noteWindow(own, window, packet.seconds, packet.nanos);
  }

  /** The time from a segment of the other flow to its ACK in this one. */
  #roundTrip(segment: Segment, other: Direction): void {
    const { flags, acknowledgment } = segment;
    if ((flags & ACK) === 0 || other.timedEnd < 0) return;
    if (sequenceDistance(other.timedEnd, acknowledgment) < 0) return;
    const nanos = nanosBetween(other.timedSeconds, other.timedNanos, segment);
    other.timedEnd = -1;
    const { facts } = other;
    if (nanos < 0) return;
    this.roundTrip = nanos;
    facts.rttSamples++;
    facts.rttSumNanos += nanos;
    if (facts.rttMinNanos === null || nanos < facts.rttMinNanos) {
      facts.rttMinNanos = nanos;
    }
    if (facts.rttMaxNanos === null || nanos > facts.rttMaxNanos) {
      facts.rttMaxNanos = nanos;
    }
  }
}

/** The sender of a flow sent new bytes, or heard that some arrived. */
function progress(flow: Direction, { packet }: Segment): void {
  flow.activeSeconds = packet.seconds;
  flow.activeNanos = packet.nanos;
  flow.repairing = false;
}

/**
 * Which timer made a sender send bytes again, where only one can have. Where a single segment
 * is under way the first timer may be either.
 *
 * Source: RFC 6298 section 5.4 (the oldest segment), RFC 8985 section 7.3 (the last one, once).
 */
function timerOf(segment: Segment, own: Direction, other: Direction): Repair {
  const { sequence, length, flags } = segment;
  if ((flags & SYN) !== 0) return "timeout";
  const isOldest = sequence === other.acknowledged;
  const isTail = sequenceDistance(sequence + length, own.next) === 0;
  if (isTail && !isOldest && !own.repairing && other.duplicates === 0) {
    return other.acknowledged < 0 ? "retransmission" : "tail_loss_probe";
  }
  const isTimer = isOldest && (!isTail || own.repairing) &&
    nanosBetween(own.activeSeconds, own.activeNanos, segment) >= TIMER_NANOS &&
    nanosBetween(other.ackSeconds, other.ackNanos, segment) >= TIMER_NANOS;
  return isTimer ? "timeout" : "retransmission";
}

/** Whether a segment fills the window of the other side to its last byte. */
function isFull({ sequence, length }: Segment, other: Direction): boolean {
  if (other.scale === null || other.acknowledged < 0 || other.window < 0) return false;
  const bytes = other.scaled ? other.window * 2 ** other.scale : other.window;
  return (sequence + length >>> 0) === (other.acknowledged + bytes) % 2 ** 32;
}

function noteWindow(
  own: Direction,
  window: number,
  seconds: number,
  nanos: number,
): void {
  const { facts } = own;
  const bytes = own.scaled ? window * 2 ** (own.scale ?? 0) : window;
  if (facts.windowMin === null || bytes < facts.windowMin) facts.windowMin = bytes;
  if (facts.windowMax === null || bytes > facts.windowMax) facts.windowMax = bytes;
  if (window === 0) own.zeroSince ??= { seconds, nanos };
  else if (own.zeroSince !== null) {
    const { seconds: from, nanos: fromNanos } = own.zeroSince;
    facts.zeroWindowNanos += (seconds - from) * 1e9 + nanos - fromNanos;
    own.zeroSince = null;
  }
}

/** The state of an end, by what both sent and acknowledged. RFC 9293 section 3.3.2. */
function stateOf(own: Direction, other: Direction): TcpState {
  const { fin, finFirst } = own;
  const seen = (sequence: number, by: Direction) =>
    by.acknowledged >= 0 && sequenceDistance(sequence, by.acknowledged) > 0;
  if (own.reset || other.reset) return "CLOSED";
  const theirs = other.fin >= 0;
  if (fin >= 0) {
    const acknowledged = seen(fin, other);
    if (!finFirst) {
      const both = !seen(other.fin, own) && !acknowledged;
      return acknowledged ? "CLOSED" : both ? "FIN-WAIT-1" : "LAST-ACK";
    }
    if (!theirs || !seen(other.fin, own)) {
      return acknowledged ? "FIN-WAIT-2" : "FIN-WAIT-1";
    }
    return acknowledged ? "TIME-WAIT" : "CLOSING";
  }
  if (theirs && seen(other.fin, own)) return "CLOSE-WAIT";
  if (own.syn >= 0 && !seen(own.syn, other)) {
    return other.syn >= 0 ? "SYN-RECEIVED" : "SYN-SENT";
  }
  return own.next < 0 && other.next >= 0 ? "LISTEN" : "ESTABLISHED";
}
