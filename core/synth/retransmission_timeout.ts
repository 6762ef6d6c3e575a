const MILLISECOND = 1e6;
/** Granularity of the clock, initial and longest timeout, in nanoseconds. */
const GRANULARITY = MILLISECOND,
  INITIAL = 1000 * MILLISECOND,
  MAXIMUM = 60_000 * MILLISECOND;

/**
 * The retransmission timeout of a sender, in nanoseconds.
 *
 * Source: RFC 6298 sections 2 and 5.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const timeout = new RetransmissionTimeout(200e6);
 * assertEquals(timeout.value, 1e9);
 * timeout.measure(100e6); // SRTT 100 ms, RTTVAR 50 ms
 * assertEquals(timeout.value, 300e6);
 * timeout.backOff();
 * assertEquals(timeout.value, 600e6);
 * ```
 */
export class RetransmissionTimeout {
  value = INITIAL;
  /** Smoothed round-trip time; null before the first measurement. */
  smoothed: number | null = null;
  readonly #minimum: number;
  #variation = 0;

  /** `minimum` in nanoseconds: RFC 6298 asks for a second, systems take less. */
  constructor(minimum: number) {
    this.#minimum = minimum;
  }

  /** Takes a round-trip time of a segment that was sent once only (Karn's algorithm). */
  measure(nanos: number): void {
    if (this.smoothed === null) {
      this.smoothed = nanos;
      this.#variation = nanos / 2;
    } else {
      const off = Math.abs(this.smoothed - nanos);
      this.#variation = 0.75 * this.#variation + 0.25 * off;
      this.smoothed = 0.875 * this.smoothed + 0.125 * nanos;
    }
    const wanted = this.smoothed + Math.max(GRANULARITY, 4 * this.#variation);
    this.value = Math.min(MAXIMUM, Math.max(this.#minimum, wanted));
  }

  /** Doubles after a timeout. */
  backOff(): void {
    this.value = Math.min(MAXIMUM, 2 * this.value);
  }
}
