import type { Stamp } from "../flow/mod.ts";

/** A stretch of a flow whose packets are wanted; offsets from 0. */
interface Wanted {
  start: number;
  end: number;
  /** Takes the packet that completed it, or null where bytes of it were never captured. */
  done(stamp: Stamp | null): void;
}

interface Piece {
  start: number;
  end: number;
  stamp: Stamp;
}

/** Bytes captured behind a hole after which it counts as lost. */
const MAX_EARLY = 8 << 20;

/**
 * What a capture holds of one flow, told from the packets' headers alone: which packet
 * completed each PDU that was sent. It assembles nothing, so that it can judge what does.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const flow = new CapturedFlow();
 * const seen: unknown[] = [];
 * for (const [start, end] of [[0, 10], [10, 20], [20, 30]]) {
 *   flow.want(start!, end!, (stamp) => seen.push(stamp?.packet ?? null));
 * }
 * flow.cover(0, 12, { packet: 1, seconds: 0, nanos: 0 });
 * flow.cover(20, 30, { packet: 2, seconds: 0, nanos: 0 });
 * flow.end();
 * assertEquals(seen, [1, null, 2]);
 * ```
 */
export class CapturedFlow {
  readonly #wanted: Wanted[] = [];
  readonly #early: Piece[] = [];
  #earlyBytes = 0;
  #next = 0;
  /** Where the last hole that was given up ends. */
  #lost = 0;
  #latest: Stamp | null = null;

  /** Asks for a PDU; in order of their places. */
  want(start: number, end: number, done: (stamp: Stamp | null) => void): void {
    this.#wanted.push({ start, end, done });
  }

  /** A packet has the bytes from `start` to `end`. */
  cover(start: number, end: number, stamp: Stamp): void {
    if (end <= this.#next || start >= end) return;
    if (start > this.#next) {
      this.#early.push({ start, end, stamp });
      this.#early.sort((a, b) => a.start - b.start);
      this.#earlyBytes += end - start;
      if (this.#earlyBytes > MAX_EARLY) this.#giveUp();
      return;
    }
    this.#next = end;
    this.#latest = stamp;
    this.#absorb(stamp);
    this.#settle();
  }

  /** No packet follows. */
  end(): void {
    while (this.#early.length > 0) this.#giveUp();
    for (const { done } of this.#wanted.splice(0)) done(null);
  }

  /** Takes what lies behind `next` without a hole; what came before has waited for `stamp`. */
  #absorb(stamp: Stamp | null): void {
    while (this.#early.length > 0 && this.#early[0]!.start <= this.#next) {
      const piece = this.#early.shift()!;
      this.#earlyBytes -= piece.end - piece.start;
      if (piece.end > this.#next) this.#next = piece.end;
      const { packet } = this.#latest ?? { packet: 0 };
      if (stamp === null && piece.stamp.packet > packet) this.#latest = piece.stamp;
      if (stamp === null) this.#settle();
    }
  }

  #giveUp(): void {
    this.#next = this.#lost = this.#early[0]!.start;
    this.#latest = null;
    this.#absorb(null);
    this.#settle();
  }

  #settle(): void {
    while (this.#wanted.length > 0 && this.#wanted[0]!.end <= this.#next) {
      const { start, done } = this.#wanted.shift()!;
      done(start < this.#lost ? null : this.#latest);
    }
    // What reaches into a hole that was given up will never be whole.
    while (this.#wanted.length > 0 && this.#wanted[0]!.end <= this.#lost) {
      this.#wanted.shift()!.done(null);
    }
  }
}
