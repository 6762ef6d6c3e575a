import { sequenceDistance } from "../flow/sequence.ts";
import type { Segment } from "../net/segment.ts";
import type { TcpConversation } from "./connection.ts";
import { MAX_EARLY_SEGMENTS, PATIENCE_PACKETS } from "./limits.ts";

/** A segment that was captured too early, with the side that sent it. */
interface Early {
  readonly segment: Segment;
  readonly from: 0 | 1;
  /** Holes of the other flow, and packets of the conversation, when it came. */
  readonly gaps: number;
  readonly packets: number;
}

/**
 * Segments of one conversation that acknowledge bytes of the other flow which are not there
 * yet. They were sent after those bytes, whatever the capture says, so they wait until the
 * bytes come or are given up. What follows them in their own flow waits too.
 */
export class EarlySegments {
  readonly #conversation: TcpConversation;
  #waiting: Early[] = [];

  constructor(conversation: TcpConversation) {
    this.#conversation = conversation;
  }

  /** Whether one waits that precedes bytes of this side from `sequence` on. */
  isBefore(sequence: number, from: 0 | 1): boolean {
    return this.#waiting.some(({ segment, from: side }) =>
      side === from && sequenceDistance(segment.sequence, sequence) >= 0
    );
  }

  /** Keeps a copy of a segment. */
  add(segment: Segment, from: 0 | 1): void {
    const { packets } = this.#conversation;
    const { gaps } = this.#conversation.flow(from === 0 ? 1 : 0);
    this.#waiting.push({ segment: copyOf(segment), from, gaps, packets });
    this.#tell(from);
  }

  /**
   * Takes the next segment whose turn it is; null where none is. With `force`, gives up what
   * the first one waits for.
   */
  next(force: boolean): { segment: Segment; from: 0 | 1 } | null {
    let at = this.#waiting.findIndex((early, i) => this.#isDue(early, i));
    const isGivenUp = at < 0;
    if (isGivenUp && (force || this.#isOverdue())) {
      at = 0;
      const first = this.#waiting[0];
      if (first === undefined) return null;
      const peer = this.#peerOf(first);
      peer.giveUp(first.segment.acknowledgment, first.segment);
    }
    const early = this.#waiting[at];
    if (early === undefined) return null;
    this.#waiting.splice(at, 1);
    this.#tell(early.from);
    const { gaps, packets } = this.#peerOf(early);
    if (!isGivenUp && gaps === early.gaps && packets > 0) this.#conversation.reordered++;
    return early;
  }

  #peerOf({ from }: Early) {
    return this.#conversation.flow(from === 0 ? 1 : 0);
  }

  #isDue(early: Early, i: number): boolean {
    const { sequence } = early.segment;
    const isFirst = this.#waiting.every(({ segment, from }, n) => {
      const ahead = sequenceDistance(segment.sequence, sequence);
      return from !== early.from || n === i || ahead < 0 || ahead === 0 && n > i;
    });
    if (!isFirst) return false;
    return !this.#peerOf(early).isBehind(early.segment.acknowledgment);
  }

  /** Segments that wait for each other, which no TCP sends, do not wait for ever. */
  #isOverdue(): boolean {
    const [first] = this.#waiting;
    if (first === undefined) return false;
    return this.#waiting.length > MAX_EARLY_SEGMENTS ||
      this.#conversation.packets - first.packets > 2 * PATIENCE_PACKETS;
  }

  /** Tells the flow from where on its bytes are here. */
  #tell(from: 0 | 1): void {
    let first: number | null = null;
    for (const { segment: { sequence }, from: side } of this.#waiting) {
      if (side !== from) continue;
      if (first === null || sequenceDistance(sequence, first) > 0) first = sequence;
    }
    this.#conversation.flow(from).holdFrom(first);
  }
}

function copyOf(segment: Segment): Segment {
  const { packet } = segment;
  const bytes = segment.bytes.slice(segment.start, segment.end);
  return {
    ...segment,
    packet: { ...packet, bytes, start: 0, end: bytes.length },
    bytes,
    start: 0,
    end: bytes.length,
  };
}
