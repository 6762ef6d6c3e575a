import { type Clock, Timer } from "./clock.ts";
import { type Congestion, congestionOf } from "./congestion.ts";
import { type EndpointOptions, longestPayload } from "./endpoint_options.ts";
import { type Range, Ranges } from "./ranges.ts";
import { RetransmissionTimeout } from "./retransmission_timeout.ts";
import { SendBuffer } from "./send_buffer.ts";

/** What a {@link Sender} needs of its endpoint. */
export interface SenderHost {
  /** Sends `length` bytes from `offset` on, and the FIN or SYN that stands there. */
  send(offset: number, length: number, fin: boolean): void;
  /** The other side does not answer any more. */
  giveUp(): void;
}

const DUPLICATES = 3;

/**
 * The sending half of an endpoint: what may be sent when, and what is sent again. Offsets
 * count from the SYN, which is 0; the first byte is 1 and the FIN follows the last.
 *
 * Source: RFC 9293 section 3.8, RFC 5681, RFC 6298 section 5, RFC 6582 (recovery without
 * SACK), RFC 6675 (with SACK), RFC 8985 section 7 (tail loss probe).
 */
export class Sender {
  readonly buffer = new SendBuffer();
  readonly timeout: RetransmissionTimeout;
  /** Oldest offset not acknowledged, the next to send, and after the highest sent. */
  unacknowledged = 0;
  next = 0;
  highest = 0;
  /** What the other side takes from `unacknowledged` on. */
  window = 1;
  /** The application writes no more: a FIN follows the last byte. */
  closing = false;
  sackable = false;

  readonly #host: SenderHost;
  readonly #options: EndpointOptions;
  readonly #clock: Clock;
  readonly #retransmission: Timer;
  readonly #persist: Timer;
  #mss: number;
  #congestion: Congestion;
  readonly #sacked = new Ranges();
  #duplicates = 0;
  /** Recovery ends once this offset is acknowledged; null outside. */
  #recover: number | null = null;
  /** The next hole to be sent again in recovery is sought from here on. */
  #holesFrom = 0;
  #retries = 0;
  #probed = false;
  #probing = false;
  /** The segment whose round trip is measured: its end and when it was sent. */
  #timed: { end: number; at: number } | null = null;
  /** Offset after the byte that was sent beyond a closed window. */
  #beyond = 0;

  constructor(host: SenderHost, clock: Clock, options: EndpointOptions) {
    this.#host = host;
    this.#clock = clock;
    this.#options = options;
    this.#mss = options.mss;
    this.#congestion = this.#fromStart();
    this.timeout = new RetransmissionTimeout(options.minimumTimeout);
    this.#retransmission = new Timer(clock, () => this.#timedOut());
    this.#persist = new Timer(clock, () => this.#probeWindow());
  }

  #fromStart(): Congestion {
    const { congestion, firstWindow } = this.#options;
    return congestionOf(congestion, this.#mss, firstWindow);
  }

  /** Takes the other side's maximum segment size, options already taken off. */
  limit(mss: number): void {
    if (mss === this.#mss) return;
    this.#mss = Math.max(1, mss);
    this.#congestion = this.#fromStart();
  }

  /** The path takes no longer segments than of `mss` bytes: what was lost is sent again. */
  refused(mss: number): void {
    if (mss >= this.#mss) return;
    this.limit(mss);
    this.next = this.unacknowledged;
    this.#timed = null;
    this.output();
  }

  /** Offset of the FIN, or Infinity before the application closed. */
  get fin(): number {
    return this.closing ? this.buffer.end : Infinity;
  }

  /** Bytes on their way. */
  get flight(): number {
    return this.highest - this.unacknowledged;
  }

  /** Offset after all that the other side can have seen. */
  get seen(): number {
    return Math.max(this.highest, this.#beyond);
  }

  stop(): void {
    this.#retransmission.stop();
    this.#persist.stop();
  }

  /** Sends what may be sent now. */
  output(): void {
    for (let piece = this.#piece(); piece !== null; piece = this.#piece()) {
      this.#transmit(piece[0], piece[1]);
    }
    this.#arm();
  }

  /** An acknowledgment of `offset`; `duplicate` if it could be one by its other fields. */
  acknowledged(offset: number, sacks: readonly Range[], duplicate: boolean): void {
    for (const [start, end] of sacks) {
      if (start >= this.unacknowledged) {
        this.#sacked.add(start, Math.min(end, this.highest));
      }
    }
    if (offset > this.unacknowledged) this.#advance(offset);
    else if (duplicate && this.flight > 0) this.#duplicate();
  }

  #advance(offset: number): void {
    const bytes = offset - this.unacknowledged;
    this.unacknowledged = offset;
    this.highest = Math.max(this.highest, offset);
    this.next = Math.max(this.next, offset);
    this.buffer.release(offset);
    this.#sacked.release(offset);
    this.#retries = 0;
    this.#probed = false;
    if (this.#timed !== null && offset >= this.#timed.end) {
      this.timeout.measure(this.#clock.now - this.#timed.at);
      this.#timed = null;
    }
    this.#retransmission.stop();
    this.#duplicates = 0;
    if (this.#recover === null) {
      const { smoothed, value } = this.timeout;
      return this.#congestion.grow(bytes, this.#clock.now, smoothed ?? value);
    }
    if (offset >= this.#recover) {
      this.#recover = null;
      this.#congestion.window = this.#congestion.threshold;
    } else if (!this.sackable) {
      this.#congestion.window = Math.max(
        this.#mss,
        this.#congestion.window - bytes + this.#mss,
      );
      this.#transmit(offset, this.#lengthAt(offset));
    }
  }

  #duplicate(): void {
    this.#duplicates++;
    if (this.#recover !== null) {
      if (!this.sackable) this.#congestion.window += this.#mss;
    } else if (this.#duplicates === DUPLICATES) {
      this.#recover = this.highest;
      this.#congestion.lose(this.flight);
      if (!this.sackable) this.#congestion.window += DUPLICATES * this.#mss;
      const at = this.unacknowledged;
      const length = this.#lengthAt(at);
      this.#options.repaired?.("fast");
      this.#transmit(at, length);
      this.#holesFrom = at + length;
    }
  }

  /** The next stretch to send, or null where nothing may be sent. */
  #piece(): Range | null {
    const { unacknowledged, highest } = this;
    if (this.#recover !== null && this.sackable) {
      if (this.#pipe() + this.#mss > this.#congestion.window) return null;
      const from = Math.max(this.#holesFrom, unacknowledged);
      const hole = this.#sacked.hole(from);
      if (hole !== null) {
        const length = Math.min(this.#mss, hole[1] - hole[0]);
        this.#holesFrom = hole[0] + length;
        return [hole[0], length];
      }
      return this.#fresh(Infinity);
    }
    if (this.next < highest) {
      const hole = this.#sacked.hole(this.next);
      this.next = hole?.[0] ?? Math.max(this.next, this.#sacked.highest);
      if (this.next < highest) return this.#within(this.#congestion.window, hole?.[1]);
    }
    return this.#fresh(this.#congestion.window);
  }

  /** What is sent again after a timeout, while the congestion window has room. */
  #within(window: number, end = this.highest): Range | null {
    const room = this.unacknowledged + window - this.next;
    const data = Math.min(this.buffer.end, end) - this.next;
    if (room <= 0) return null;
    return [this.next, Math.min(data, this.#mss, Math.max(room, 1))];
  }

  /** What was never sent, as far as both windows allow. */
  #fresh(congestion: number): Range | null {
    const { next, buffer, unacknowledged } = this;
    const isFin = next === this.fin;
    const left = buffer.end - next;
    if (next === 0) return [0, 0];
    if (isFin) return [next, 0];
    if (left <= 0) return null;
    const room = unacknowledged + this.window - next;
    const allowed = unacknowledged + congestion - next;
    const length = Math.min(
      left,
      longestPayload(this.#options, this.#mss),
      room,
      allowed,
    );
    if (length <= 0) return null;
    const isCut = length === allowed && length < Math.min(left, room);
    if (isCut && length < this.#mss) return this.flight > 0 ? null : [next, length];
    return [next, isCut ? length - length % this.#mss : length];
  }

  /** Bytes thought to be on their way during recovery. */
  #pipe(): number {
    let lost = 0;
    const from = Math.max(this.#holesFrom, this.unacknowledged);
    for (let hole = this.#sacked.hole(from); hole !== null;) {
      lost += hole[1] - hole[0];
      hole = this.#sacked.hole(hole[1]);
    }
    return this.flight - this.#sacked.bytes - lost;
  }

  /** Length of the segment at `offset` when it is sent again. */
  #lengthAt(offset: number): number {
    const end = this.#sacked.hole(offset)?.[1] ?? Infinity;
    return Math.max(0, Math.min(this.#mss, this.buffer.end - offset, end - offset));
  }

  #transmit(offset: number, length: number): void {
    const end = offset + length;
    const fin = end === this.fin;
    const isSyn = offset === 0;
    const after = end + (fin || isSyn ? 1 : 0);
    if (offset < this.highest) this.#timed = null;
    else if (this.#timed === null) this.#timed = { end: after, at: this.#clock.now };
    if (this.next >= offset) this.next = Math.max(this.next, after);
    this.highest = Math.max(this.highest, after);
    this.#host.send(offset, length, fin);
  }

  #arm(): void {
    if (this.flight > 0) {
      this.#persist.stop();
      if (!this.#retransmission.running) this.#retransmission.set(this.#wait());
      return;
    }
    this.#retransmission.stop();
    const waits = this.buffer.end > this.next;
    if (!waits) this.#persist.stop();
    else if (!this.#persist.running) this.#persist.set(this.timeout.value);
  }

  /** Until the timer: that of a tail loss probe where one is due, else the timeout. */
  #wait(): number {
    const { smoothed, value } = this.timeout;
    this.#probing = this.#options.tailLossProbe && smoothed !== null && !this.#probed &&
      this.#recover === null && this.#retries === 0 && this.next >= this.highest;
    if (!this.#probing) return value;
    const one = this.flight <= this.#mss ? this.#options.delayedAck * 1.25 : 2e6;
    return Math.min(value, 2 * smoothed! + one);
  }

  #timedOut(): void {
    if (this.#probing) {
      this.#probing = false;
      this.#probed = true;
      this.#options.repaired?.("tail_loss_probe");
      const end = Math.min(this.highest, this.buffer.end);
      const at = Math.max(this.unacknowledged, end - this.#mss);
      this.#transmit(at, end - at);
      return this.#retransmission.set(this.timeout.value);
    }
    if (++this.#retries > this.#options.retries) return this.#host.giveUp();
    this.#options.repaired?.("timeout");
    if (this.#retries === 1) this.#congestion.timeOut(this.flight);
    else this.#congestion.window = this.#mss;
    this.timeout.backOff();
    this.#recover = null;
    this.#duplicates = 0;
    this.next = this.unacknowledged;
    const at = this.next;
    this.#transmit(at, at === 0 ? 0 : this.#lengthAt(at));
    this.#arm();
  }

  /** Sends a byte beyond a closed window, so that its opening cannot be missed. */
  #probeWindow(): void {
    if (this.buffer.end <= this.next) return;
    const fits = Math.min(this.window, this.#mss, this.buffer.end - this.next);
    if (fits > 0) this.#transmit(this.next, fits);
    else {
      this.#beyond = this.next + 1;
      this.#host.send(this.next, 1, false);
    }
    this.timeout.backOff();
    this.#arm();
  }
}
