/** How a sender controls congestion. */
export type CongestionControl = "reno" | "cubic";

/** The congestion window of a sender in bytes. */
export interface Congestion {
  window: number;
  /** Below it the window grows by slow start. */
  readonly threshold: number;
  /** So many bytes were acknowledged outside of recovery, at a time in nanoseconds. */
  grow(bytes: number, now: number, roundTrip: number): void;
  /** A segment was lost with `flight` bytes on their way, as duplicate ACKs tell. */
  lose(flight: number): void;
  /** The timer ran out with `flight` bytes on their way. */
  timeOut(flight: number): void;
}

/** Makes one; `segments` is the first window, in segments of `mss` bytes. */
export function congestionOf(
  control: CongestionControl,
  mss: number,
  segments: number,
): Congestion {
  return control === "cubic" ? new Cubic(mss, segments) : new Reno(mss, segments);
}

/**
 * Slow start, congestion avoidance, and what a loss makes of the window, as Reno does.
 *
 * Source: RFC 5681 sections 3.1 and 3.2, RFC 6928 section 2 (the first window).
 */
export class Reno implements Congestion {
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

  lose(flight: number): void {
    this.threshold = Math.max(Math.floor(flight / 2), 2 * this.#mss);
    this.window = this.threshold;
    this.#acknowledged = 0;
  }

  timeOut(flight: number): void {
    this.lose(flight);
    this.window = this.#mss;
  }
}

/** How fast a cubic window grows, in segments a second cubed, and what a loss leaves of it. */
const C = 0.4, BETA = 0.7;

/**
 * A window that grows as a cubic function of the time since the last loss, towards the window
 * of then and beyond, and never slower than Reno's would.
 *
 * Source: RFC 9438 sections 4.2 to 4.8.
 */
export class Cubic implements Congestion {
  window: number;
  threshold = Infinity;
  readonly #mss: number;
  /** The window before the last loss, in bytes. */
  #most = 0;
  /** When the growth since the last loss began, in nanoseconds; NaN before it did. */
  #epoch = NaN;
  /** Seconds from then until the window is as large as before the loss. */
  #delay = 0;
  /** What Reno's window would be. */
  #friendly = 0;

  /** `segments` is the first window, in segments of `mss` bytes. */
  constructor(mss: number, segments: number) {
    this.#mss = mss;
    this.window = segments * mss;
  }

  grow(bytes: number, now: number, roundTrip: number): void {
    const mss = this.#mss;
    if (this.window < this.threshold) {
      this.window += Math.min(bytes, 2 * mss);
      return;
    }
    if (Number.isNaN(this.#epoch)) {
      this.#epoch = now;
      this.#friendly = this.window;
      this.#most = Math.max(this.#most, this.window);
      this.#delay = Math.cbrt((this.#most - this.window) / mss / C);
    }
    // Reno's growth with this loss factor: 3 (1 - beta) / (1 + beta) segments a window.
    this.#friendly += 3 * (1 - BETA) / (1 + BETA) * mss * bytes / this.window;
    const seconds = (now - this.#epoch + roundTrip) / 1e9;
    const cubic = C * (seconds - this.#delay) ** 3 * mss + this.#most;
    const target = Math.min(Math.max(cubic, this.window), 1.5 * this.window);
    this.window = Math.max(
      this.#friendly,
      this.window + (target - this.window) * bytes / this.window,
    );
  }

  lose(): void {
    // A window that did not reach the last one gives way to newer flows.
    this.#most = this.window < this.#most ? this.window * (1 + BETA) / 2 : this.window;
    this.threshold = Math.max(Math.floor(this.window * BETA), 2 * this.#mss);
    this.window = this.threshold;
    this.#epoch = NaN;
  }

  timeOut(): void {
    this.lose();
    this.window = this.#mss;
  }
}
