/**
 * The congestion window of a sender in bytes: slow start, congestion avoidance, and what a
 * loss makes of it, as Reno does.
 *
 * Source: RFC 5681 sections 3.1 and 3.2, RFC 6928 section 2 (the first window).
 */
export class Reno {
  window: number;
  threshold = Infinity;
  readonly #mss: number;
  /** Bytes acknowledged since the window grew in congestion avoidance. */
  #acknowledged = 0;

  /** `segments` is the first window, in segments of `mss` bytes. */
  constructor(mss: number, segments: number) {
    this.#mss = mss;
    this.window = segments * mss;
  }

  /** So many bytes were acknowledged outside of recovery. */
  grow(bytes: number): void {
    if (this.window < this.threshold) {
      this.window += Math.min(bytes, 2 * this.#mss);
      return;
    }
    this.#acknowledged += bytes;
    if (this.#acknowledged < this.window) return;
    this.#acknowledged -= this.window;
    this.window += this.#mss;
  }

  /** A segment was lost with `flight` bytes on their way, as duplicate ACKs tell. */
  lose(flight: number): void {
    this.threshold = Math.max(Math.floor(flight / 2), 2 * this.#mss);
    this.window = this.threshold;
    this.#acknowledged = 0;
  }

  /** The timer ran out with `flight` bytes on their way. */
  timeOut(flight: number): void {
    this.lose(flight);
    this.window = this.#mss;
  }
}
