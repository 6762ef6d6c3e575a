import { u32be, u32le } from "../bytes/integers.ts";

/** A moment of capture: whole seconds since the Unix epoch, UTC, and nanoseconds within. */
export interface CaptureTime {
  /** May be negative. */
  seconds: number;
  /** 0 to 999 999 999. */
  nanos: number;
}

/** Less than, equal to or greater than 0 as `a` is before, at or after `b`. */
export function compareTimes(a: CaptureTime, b: CaptureTime): number {
  return a.seconds - b.seconds || a.nanos - b.nanos;
}

/**
 * Turns 64-bit counts of ticks into {@link CaptureTime} for one pcapng interface, in exact
 * integer arithmetic; parts finer than a nanosecond are dropped.
 *
 * Source: draft-ietf-opsawg-pcapng section 4.2, options if_tsresol and if_tsoffset.
 */
export class TickClock implements CaptureTime {
  seconds = 0;
  nanos = 0;
  /** Ticks a second; null where it is not a power of ten up to 10^9 and takes the slow way. */
  readonly #perSecond: number | null;
  readonly #perSecondBig: bigint;
  readonly #nanosPerTick: number;
  readonly #offset: number;

  /** `resolution` is the byte of if_tsresol (6 = µs), `offset` the seconds of if_tsoffset. */
  constructor(resolution = 6, offset = 0) {
    const exponent = resolution & 0x7f;
    const power = BigInt(resolution & 0x80 ? 2 : 10) ** BigInt(exponent);
    this.#perSecondBig = power;
    this.#perSecond = resolution <= 9 ? Number(power) : null;
    this.#nanosPerTick = this.#perSecond === null ? 0 : 1_000_000_000 / this.#perSecond;
    this.#offset = offset;
  }

  /** Sets `seconds` and `nanos` from the two halves of a tick count. */
  set(high: number, low: number): void {
    const d = this.#perSecond;
    if (d === null) return this.#setBig(high, low);
    // Long division by limbs of 32, 16 and 16 bits: each step stays below 2^46.
    const r1 = high % d;
    const n2 = r1 * 65536 + (low >>> 16);
    const r2 = n2 % d;
    const n3 = r2 * 65536 + (low & 0xffff);
    const r3 = n3 % d;
    const q1 = (high - r1) / d, q2 = (n2 - r2) / d, q3 = (n3 - r3) / d;
    this.seconds = q1 * 4294967296 + q2 * 65536 + q3 + this.#offset;
    this.nanos = r3 * this.#nanosPerTick;
  }

  #setBig(high: number, low: number): void {
    const ticks = BigInt(high) << 32n | BigInt(low);
    const d = this.#perSecondBig;
    this.seconds = Number(ticks / d) + this.#offset;
    this.nanos = Number(ticks % d * 1_000_000_000n / d);
  }
}

/** Signed 64 bits in either byte order as a number, exact within ±2^53. */
export function i64(bytes: Uint8Array, at: number, little: boolean): number {
  const high = little ? u32le(bytes, at + 4) : u32be(bytes, at);
  const low = little ? u32le(bytes, at) : u32be(bytes, at + 4);
  return (high | 0) * 4294967296 + low;
}
