import type { Moment } from "../flow/mod.ts";
import { sequenceAdd, sequenceDistance } from "../flow/sequence.ts";
import type { Segment } from "../net/segment.ts";

const FIN = 1, SYN = 2, RST = 4, ACK = 16;
/** Spans kept of each sort; older ones lie behind whatever is still asked for. */
const MAX_SPANS = 256;

/** From one time to another, in µs since the conversation's first packet. */
type Span = [from: number, to: number];

/** Most conversations have none, so that they share the list. */
const NO_SPANS: Span[] = [];

/**
 * What is known of one end: of the segments it sent, and of those that answer them. Sequence
 * numbers are kept as 32 bits with a sign, which take no memory of their own.
 */
class End {
  /** Behind the highest byte sent, and behind what the other end has; null unknown. */
  high: number | null = null;
  acknowledged: number | null = null;
  /** When the highest byte was sent. */
  advancedAt = 0;
  /** Since when bytes below the highest are missing; null while none are. */
  holeAt: number | null = null;
  /** Bytes whose acknowledgment is awaited, and when they were sent; null while none are. */
  sampleEnd: number | null = null;
  sampleAt = 0;
  /** Shortest time from the capture to this end and back; null where none is known. */
  roundTrip: number | null = null;
  /** Since when its receive window is zero; null while it is open. */
  closedAt: number | null = null;
  /** When its window was zero, and when bytes it had sent were missing until sent again. */
  closed = NO_SPANS;
  missing = NO_SPANS;
}

/**
 * What the segments of a conversation prove of the ways between the capture and both ends: the
 * shortest round trip to each, when a window was closed, and when bytes were missing.
 *
 * Round trips are taken from segments that only acknowledge, and never from bytes that were sent
 * twice (Karn). Source: RFC 6298 section 3, seen from beside the wire.
 */
export class Timing {
  readonly #seconds: number;
  readonly #first = new End();
  readonly #second = new End();

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** Takes the next segment, sent by side `from`. */
  note(segment: Segment, from: 0 | 1): void {
    const { flags, length, window } = segment;
    if ((flags & RST) !== 0) return;
    const own = this.#end(from);
    const other = this.#end(from === 0 ? 1 : 0);
    const at = this.#at(segment.packet);
    if (window === 0) {
      own.closedAt ??= at;
    } else if (own.closedAt !== null) {
      own.closed = added(own.closed, own.closedAt, at);
      own.closedAt = null;
    }
    if ((flags & ACK) !== 0) acknowledge(own, other, segment, at);
    const size = length + ((flags & (SYN | FIN)) !== 0 ? 1 : 0);
    if (size > 0) send(own, segment.sequence, sequenceAdd(segment.sequence, size), at);
  }

  /** Shortest time from the capture to an end and back, in µs; null where none is known. */
  roundTripUs(side: 0 | 1): number | null {
    return this.#end(side).roundTrip;
  }

  /** µs between two times in which the window of an end was zero. */
  closedUs(side: 0 | 1, from: Moment, to: Moment): number {
    const { closed, closedAt } = this.#end(side);
    const [start, stop] = [this.#at(from), this.#at(to)];
    const open = closedAt === null ? 0 : Math.max(0, stop - Math.max(start, closedAt));
    return overlap(closed, start, stop) + open;
  }

  /** µs between two times in which bytes that an end had sent were missing. */
  missingUs(side: 0 | 1, from: Moment, to: Moment): number {
    return overlap(this.#end(side).missing, this.#at(from), this.#at(to));
  }

  /** Whether anything was ever missing or closed. */
  get hasSpans(): boolean {
    return hasSpans(this.#first) || hasSpans(this.#second);
  }

  #end(side: 0 | 1): End {
    return side === 0 ? this.#first : this.#second;
  }

  #at({ seconds, nanos }: Moment): number {
    return (seconds - this.#seconds) * 1e6 + nanos / 1e3;
  }
}

function hasSpans({ closed, missing, closedAt }: End): boolean {
  return closed.length > 0 || missing.length > 0 || closedAt !== null;
}

function acknowledge(own: End, other: End, segment: Segment, at: number): void {
  const { acknowledgment, flags, length } = segment;
  const { sampleEnd } = other;
  if (sampleEnd !== null && sequenceDistance(sampleEnd, acknowledgment) >= 0) {
    // Bytes that come along were made first, which took its time.
    if (length === 0 || (flags & SYN) !== 0) {
      const micros = Math.max(0, at - other.sampleAt);
      own.roundTrip = Math.min(own.roundTrip ?? Infinity, micros);
    }
    other.sampleEnd = null;
  }
  const { acknowledged } = other;
  if (acknowledged !== null && sequenceDistance(acknowledged, acknowledgment) <= 0) {
    return;
  }
  other.acknowledged = acknowledgment | 0;
  if (other.high !== null && sequenceDistance(other.high, acknowledgment) >= 0) {
    other.holeAt = null;
  }
}

function send(own: End, start: number, stop: number, at: number): void {
  const { high, acknowledged } = own;
  if (high === null || sequenceDistance(high, stop) > 0) {
    if (high !== null && sequenceDistance(high, start) > 0) own.holeAt ??= at;
    own.high = stop | 0;
    own.advancedAt = at;
    if (own.sampleEnd === null) {
      own.sampleEnd = stop | 0;
      own.sampleAt = at;
    }
    return;
  }
  own.sampleEnd = null;
  const isKnown = acknowledged !== null && sequenceDistance(acknowledged, stop) <= 0;
  if (isKnown) return;
  own.missing = added(own.missing, own.holeAt ?? own.advancedAt, at);
}

/** Spans and one behind them, which may be joined to the last. */
function added(spans: Span[], from: number, to: number): Span[] {
  const last = spans.at(-1);
  if (last !== undefined && from <= last[1]) {
    last[0] = Math.min(last[0], from);
    last[1] = Math.max(last[1], to);
    return spans;
  }
  if (last === undefined) return [[from, to]];
  if (spans.length >= MAX_SPANS) spans.shift();
  spans.push([from, to]);
  return spans;
}

function overlap(spans: readonly Span[], from: number, to: number): number {
  let sum = 0;
  for (let i = spans.length - 1; i >= 0; i--) {
    const [start, stop] = spans[i]!;
    if (stop <= from) break;
    sum += Math.max(0, Math.min(stop, to) - Math.max(start, from));
  }
  return sum;
}
