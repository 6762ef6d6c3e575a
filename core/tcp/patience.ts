import type { Segment } from "../net/segment.ts";
import { PATIENCE_NANOS, PATIENCE_PACKETS } from "./limits.ts";

/**
 * Waits a little before bytes are given up: a capture may hold packets in another order
 * than the wire, so the acknowledgment may come before the bytes it acknowledges.
 */
export class Patience {
  #packets = -1;
  #seconds = 0;
  #nanos = 0;
  /** What had been acknowledged of the bytes that are missing when waiting for them began. */
  doubted = -Infinity;

  /**
   * Starts waiting, unless it already does; `packets` counts those of the conversation. Gives
   * whether it starts now.
   */
  begin(packets: number, segment: Segment): boolean {
    if (this.#packets >= 0) return false;
    this.#packets = packets;
    this.#seconds = segment.packet.seconds;
    this.#nanos = segment.packet.nanos;
    return true;
  }

  /** Whether it waits. */
  get isWaiting(): boolean {
    return this.#packets >= 0;
  }

  /** Whether enough packets or time passed since `begin`. */
  over(packets: number, segment: Segment): boolean {
    if (this.#packets < 0) return false;
    if (packets - this.#packets >= PATIENCE_PACKETS) return true;
    return nanosBetween(this.#seconds, this.#nanos, segment) >= PATIENCE_NANOS;
  }

  /** Stops waiting. */
  end(): void {
    this.#packets = -1;
  }
}

/** Nanoseconds from a moment to the segment's packet; negative where that is earlier. */
export function nanosBetween(seconds: number, nanos: number, segment: Segment): number {
  const { packet } = segment;
  return (packet.seconds - seconds) * 1e9 + packet.nanos - nanos;
}
