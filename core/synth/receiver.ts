import { type Clock, Timer } from "./clock.ts";
import type { EndpointOptions } from "./endpoint_options.ts";
import { type Range, Ranges } from "./ranges.ts";

const MAX_SACKS = 3;

/**
 * The receiving half of an endpoint: bytes in order for the application, the window, and
 * when to acknowledge. Offsets count from the other side's SYN, which is 0.
 *
 * Source: RFC 9293 sections 3.8.6 and 3.10.7.4, RFC 1122 section 4.2.3.2 (delayed ACK),
 * RFC 2018 section 4 (SACK).
 */
export class Receiver {
  /** Offset of the next byte expected. */
  next = 0;
  /** The application does not read. */
  paused = false;
  /** An acknowledgment is due at once, unless one goes out with something else. */
  owes = false;

  readonly #options: EndpointOptions;
  readonly #acknowledge: () => void;
  readonly #deliver: (bytes: Uint8Array) => void;
  readonly #delayed: Timer;
  readonly #early: { start: number; bytes: Uint8Array }[] = [];
  readonly #ranges = new Ranges();
  /** The block that changed last comes first in SACK. */
  #latest = 0;
  #unread = 0;
  /** Right edge of the window that was announced. */
  #edge = 0;
  #unacknowledged = 0;
  /** Offset of the other side's FIN. */
  #fin = Infinity;

  /** `acknowledge` sends an ACK now; `deliver` takes bytes for the application. */
  constructor(
    clock: Clock,
    options: EndpointOptions,
    acknowledge: () => void,
    deliver: (bytes: Uint8Array) => void,
  ) {
    this.#options = options;
    this.#acknowledge = acknowledge;
    this.#deliver = deliver;
    this.#delayed = new Timer(clock, acknowledge);
  }

  /** Bytes free for more. */
  get room(): number {
    return Math.max(0, this.#options.receiveBuffer - this.#unread);
  }

  /** Bytes of the window to announce, at most `most`; it moves in steps worth telling. */
  window(most: number): number {
    const step = Math.min(this.#options.receiveBuffer / 2, this.#options.mss);
    if (this.next + this.room >= this.#edge + step) this.#edge = this.next + this.room;
    return Math.max(0, Math.min(most, this.#edge - this.next));
  }

  /** An acknowledgment went out with a segment. */
  acknowledged(): void {
    this.owes = false;
    this.#delayed.stop();
    this.#unacknowledged = 0;
  }

  stop(): void {
    this.#delayed.stop();
  }

  /** Whether a segment's bytes from `start` on lie in the window, at least in part. */
  accepts(start: number, length: number): boolean {
    const edge = Math.max(this.#edge, this.next);
    if (length === 0) return start >= this.next && start <= edge;
    return start < edge && start + length > this.next;
  }

  /** The other side's FIN stands at `offset`. */
  finAt(offset: number): void {
    this.#fin = Math.min(this.#fin, offset);
  }

  /** Whether the FIN is next: it counts as received then. */
  takeFin(): boolean {
    if (this.next !== this.#fin) return false;
    this.next++;
    return true;
  }

  /** Takes payload that begins at `start`. */
  push(start: number, bytes: Uint8Array): void {
    const edge = Math.max(this.#edge, this.next);
    if (start + bytes.length > edge) bytes = bytes.subarray(0, edge - start);
    if (start > this.next) {
      this.#keep(start, bytes);
      return this.#acknowledge();
    }
    if (start + bytes.length <= this.next) return this.#acknowledge();
    this.#unacknowledged += bytes.length;
    const many = this.#unacknowledged >= 2 * this.#options.mss;
    // What is delivered may be answered at once, which acknowledges it too.
    this.owes = this.#early.length > 0 || many;
    this.#take(bytes.subarray(this.next - start));
    while (this.#early.length > 0 && this.#early[0]!.start <= this.next) {
      const early = this.#early.shift()!;
      const from = this.next - early.start;
      if (from < early.bytes.length) this.#take(early.bytes.subarray(from));
    }
    this.#ranges.release(this.next);
    if (this.owes) this.#acknowledge();
    else if (this.#unacknowledged > 0 && !this.#delayed.running) {
      this.#delayed.set(this.#options.delayedAck);
    }
  }

  /** Blocks that came out of order, the latest first. */
  sacks(): Range[] {
    this.#ranges.release(this.next);
    const { list } = this.#ranges;
    if (list.length === 0) return [];
    const isLatest = ([start, end]: Range) => start <= this.#latest && this.#latest < end;
    const others = list.filter((range) => !isLatest(range));
    return [...list.filter(isLatest), ...others].slice(0, MAX_SACKS);
  }

  /** The application reads again, all that waits at once. */
  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    const before = this.#edge;
    this.#unread = 0;
    this.window(Infinity);
    if (this.#edge > before) this.#acknowledge();
  }

  #keep(start: number, bytes: Uint8Array): void {
    this.#latest = start;
    if (bytes.length === 0 || !this.#ranges.add(start, start + bytes.length)) return;
    let at = this.#early.length;
    while (at > 0 && this.#early[at - 1]!.start > start) at--;
    this.#early.splice(at, 0, { start, bytes });
  }

  #take(bytes: Uint8Array): void {
    this.next += bytes.length;
    if (this.paused) this.#unread += bytes.length;
    this.#deliver(bytes);
  }
}
