import type { Clock } from "./clock.ts";
import type { Frame } from "./frame.ts";
import type { SeededRandom } from "./random.ts";

/** What the network does to packets; chances are from 0 to 1, times in nanoseconds. */
export interface PathOptions {
  /** Time from one end to the other. */
  delay: number;
  /** Up to so much is added to it. */
  jitter: number;
  /** Bytes a second and direction, or null for no limit. */
  rate: number | null;
  /** Chance that a packet is lost. */
  loss: number;
  /** Chance that a packet takes a longer way, so that later ones overtake it. */
  reorder: number;
  /** Chance that a packet arrives twice. */
  duplicate: number;
  /** Chance that a byte is damaged on the way, so that the receiver drops the packet. */
  corrupt: number;
  /** Longest IP packet in bytes; longer ones are refused with an ICMP message. */
  mtu: number | null;
}

/** A network without faults: 0.5 ms one way at a gigabit a second. */
export const PATH_DEFAULTS: PathOptions = {
  delay: 500_000,
  jitter: 0,
  rate: 125_000_000,
  loss: 0,
  reorder: 0,
  duplicate: 0,
  corrupt: 0,
  mtu: null,
};

/** One direction of a network path: it delays, loses, repeats and damages packets. */
export class Path {
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #options: PathOptions;
  readonly #middle: (frame: Frame) => void;
  readonly #arrive: (frame: Frame) => void;
  #free = 0;
  #latest = 0;

  /** `middle` sees what passes half way, `arrive` takes what arrives. */
  constructor(
    clock: Clock,
    random: SeededRandom,
    options: PathOptions,
    middle: (frame: Frame) => void,
    arrive: (frame: Frame) => void,
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#options = options;
    this.#middle = middle;
    this.#arrive = arrive;
  }

  /** Takes a packet; half of those lost are lost after the middle. */
  push(frame: Frame): void {
    const { rate, delay, jitter, loss, reorder, duplicate, corrupt } = this.#options;
    const random = this.#random;
    const { now } = this.#clock;
    if (rate !== null) {
      this.#free = Math.max(this.#free, now) + frame.bytes.length / rate * 1e9;
    }
    const leaves = Math.max(this.#free, now);
    const lost = random.chance(loss);
    if (lost && random.chance(0.5)) return;
    const sent = random.chance(corrupt) ? damaged(frame, random) : frame;
    let arrives = leaves + delay + (jitter > 0 ? random.draw() * jitter : 0);
    if (random.chance(reorder)) arrives += (0.1 + random.draw()) * (delay + jitter);
    else this.#latest = arrives = Math.max(arrives, this.#latest);
    const copies = random.chance(duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const half = Math.max(leaves, arrives - delay / 2) + copy * 1000;
      this.#clock.after(half - now, () => {
        this.#middle(sent);
        if (!lost) {
          this.#clock.after(arrives + copy * 1000 - half, () => this.#arrive(sent));
        }
      });
    }
  }
}

/** A copy with one byte of the payload changed, or of the TCP header's window. */
function damaged(frame: Frame, random: SeededRandom): Frame {
  const bytes = frame.bytes.slice();
  const { start } = frame;
  const at = start < bytes.length
    ? start + random.below(bytes.length - start)
    : start - 5;
  bytes[at]! ^= 1 + random.below(255);
  return { ...frame, bytes, damaged: true };
}
