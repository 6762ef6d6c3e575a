import { otherSide, type Side, unwrap } from "../flow/mod.ts";
import type { Segment } from "../net/segment.ts";
import { sackBlocks, synOptions } from "../net/tcp_options.ts";
import { Analysis } from "./analysis.ts";
import type { Repair } from "./analysis_facts.ts";
import { nanosBetween } from "./patience.ts";

/** Bytes of a flow in one packet, or in several that were joined. Offsets from the SYN, +1. */
export interface SequenceSegment {
  /** Microseconds since the conversation's first segment. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly packet: number;
  /** Why they are sent again; null where they are new. */
  readonly repair: Repair | null;
}

/** What the receiver of a flow said it has, and takes. */
export interface Acknowledgment {
  readonly at: number;
  /** Everything before this offset arrived. */
  readonly to: number;
  /** Offset behind the last byte that its window takes. */
  readonly window: number;
}

/** Bytes that the receiver has behind a hole (SACK). */
export interface Selective {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** From a segment to its ACK, as both pass the capture. */
export interface RoundTrip {
  readonly at: number;
  /** Microseconds. */
  readonly time: number;
}

/** One flow over time: tcptrace's time-sequence graph as data. */
export interface SequenceGraph {
  readonly side: Side;
  readonly segments: readonly SequenceSegment[];
  readonly acknowledgments: readonly Acknowledgment[];
  readonly selective: readonly Selective[];
  readonly roundTrips: readonly RoundTrip[];
  /** Points that were joined with their neighbours or left out, as there were too many. */
  readonly leftOut: number;
}

/** Points of one kind that a graph holds at most, unless told otherwise. */
const MAX_POINTS = 4000;
const FIN = 1, SYN = 2, ACK = 16;

/** One flow while it is recorded. */
class Recorded {
  base = -1;
  /** Offset after the highest byte sent, near which sequence numbers are unwrapped. */
  high = 0;
  scale = 0;
  leftOut = 0;
  segments: SequenceSegment[] = [];
  acknowledgments: Acknowledgment[] = [];
  selective: Selective[] = [];
  roundTrips: RoundTrip[] = [];

  offset(sequence: number): number {
    if (this.base < 0) this.base = sequence;
    return unwrap(sequence, this.base, this.high);
  }
}

/**
 * Records the segments of one conversation as a time-sequence graph of each flow: what was
 * sent and sent again, what was acknowledged, the window, and round trips. Where there are more
 * points than `most` neighbours are joined, repairs last.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const recorder = new SequenceRecorder();
 * const at = { seconds: 0, nanos: 0, linktype: 1, bytes: new Uint8Array(), start: 0, end: 0 };
 * recorder.push({
 *   packet: { ...at, number: 1, originalLength: 0 }, source: 1, destination: 2,
 *   sourcePort: 40000, destinationPort: 5000, sequence: 7, acknowledgment: 0, flags: 16,
 *   window: 100, bytes: at.bytes, start: 0, end: 0, length: 5,
 * }, "client");
 * assertEquals(recorder.graph("client").segments, [
 *   { at: 0, from: 0, to: 5, packet: 1, repair: null },
 * ]);
 * ```
 */
export class SequenceRecorder {
  readonly #most: number;
  readonly #analysis = new Analysis();
  readonly #flows = { client: new Recorded(), server: new Recorded() };
  #begin: { seconds: number; nanos: number } | null = null;
  #syn: { seconds: number; nanos: number } | null = null;
  #handshakeNanos: number | null = null;

  constructor(most = MAX_POINTS) {
    this.#most = most;
  }

  /** Takes the next segment of the conversation, sent by a side. */
  push(segment: Segment, side: Side): void {
    const { packet, flags, length, sequence, acknowledgment, window } = segment;
    const own = this.#flows[side];
    const other = this.#flows[otherSide(side)];
    const at = this.#at(segment);
    this.#handshake(segment);
    this.#analysis.note(segment, side === "client" ? 0 : 1, this.#handshakeNanos);
    const isSyn = (flags & SYN) !== 0;
    if (isSyn) {
      own.scale = synOptions(segment).windowScale ?? 0;
      if ((flags & ACK) !== 0 && (own.scale === 0 || other.scale === 0)) {
        own.scale = other.scale = 0;
      }
    }
    const extra = isSyn || (flags & FIN) !== 0 ? 1 : 0;
    if (length + extra > 0) {
      const from = own.offset(sequence);
      const to = from + length + extra;
      own.high = Math.max(own.high, to);
      const { repair } = this.#analysis;
      own.segments.push({ at, from, to, packet: packet.number, repair });
      if (own.segments.length > this.#most) thinSegments(own, this.#most);
    }
    if ((flags & ACK) === 0) return;
    const to = other.offset(acknowledgment);
    const bytes = isSyn ? window : window * 2 ** own.scale;
    other.acknowledgments.push({ at, to, window: to + bytes });
    for (const [start, end] of sackBlocks(segment)) {
      other.selective.push({ at, from: other.offset(start), to: other.offset(end) });
    }
    const { roundTrip } = this.#analysis;
    if (roundTrip !== null) other.roundTrips.push({ at, time: roundTrip / 1000 });
    for (const list of ["acknowledgments", "selective", "roundTrips"] as const) {
      if (other[list].length > this.#most) thin(other, list);
    }
  }

  /** The graph so far of what a side sent. */
  graph(side: Side): SequenceGraph {
    const { segments, acknowledgments, selective, roundTrips, leftOut } =
      this.#flows[side];
    return { side, segments, acknowledgments, selective, roundTrips, leftOut };
  }

  #at(segment: Segment): number {
    this.#begin ??= { seconds: segment.packet.seconds, nanos: segment.packet.nanos };
    return nanosBetween(this.#begin.seconds, this.#begin.nanos, segment) / 1000;
  }

  /** The time from the SYN to the first ACK, by which Wireshark tells what is out of order. */
  #handshake(segment: Segment): void {
    const { flags, packet } = segment;
    if ((flags & (SYN | ACK)) === SYN) {
      this.#syn = { seconds: packet.seconds, nanos: packet.nanos };
    } else if ((flags & (SYN | ACK)) === ACK && !this.#handshakeNanos && this.#syn) {
      this.#handshakeNanos = nanosBetween(this.#syn.seconds, this.#syn.nanos, segment);
    }
  }
}

/** Joins new bytes that follow each other; leaves out every second of what is left. */
function thinSegments(flow: Recorded, most: number): void {
  const kept: SequenceSegment[] = [];
  let isPair = false;
  for (const segment of flow.segments) {
    const last: SequenceSegment | undefined = kept.at(-1);
    isPair = !isPair && last !== undefined && last.repair === null &&
      segment.repair === null && last.to === segment.from;
    if (isPair) kept[kept.length - 1] = { ...last!, to: segment.to };
    else kept.push(segment);
  }
  const rest = kept.length > most * 3 / 4 ? kept.filter((_, i) => i % 2 === 0) : kept;
  flow.leftOut += flow.segments.length - rest.length;
  flow.segments = rest;
}

function thin(flow: Recorded, list: "acknowledgments" | "selective" | "roundTrips") {
  const half = <T>(points: readonly T[]) => points.filter((_, i) => i % 2 === 0);
  const { length } = flow[list];
  if (list === "acknowledgments") flow.acknowledgments = half(flow.acknowledgments);
  else if (list === "selective") flow.selective = half(flow.selective);
  else flow.roundTrips = half(flow.roundTrips);
  flow.leftOut += length - flow[list].length;
}
