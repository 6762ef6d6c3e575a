import { sequenceAdd, unwrap } from "../flow/sequence.ts";
import type { TcpState } from "../tcp/analysis_facts.ts";
import { type Clock, Timer } from "./clock.ts";
import type { EndpointOptions } from "./endpoint_options.ts";
import { FLAGS, type Frame, type SegmentHeader } from "./frame.ts";
import type { Range } from "./ranges.ts";
import { Receiver } from "./receiver.ts";
import { Sender } from "./sender.ts";

export type { TcpState };

/** What an endpoint needs of the network below and the application above. */
export interface EndpointHost {
  /** Sends a segment; `fill` writes its payload. */
  transmit(
    header: SegmentHeader,
    length: number,
    fill: (bytes: Uint8Array, at: number) => void,
  ): void;
  /** Takes bytes in order. */
  received(bytes: Uint8Array): void;
  /** Bytes were acknowledged: there is room to write more. */
  writable(): void;
  /** The state is another now. */
  changed(state: TcpState): void;
}

const { FIN, SYN, RST, PSH, ACK } = FLAGS;
/** Twice the maximum segment lifetime, short as in tests of stacks: 1 s. */
const TIME_WAIT = 1e9;
const MILLISECOND = 1e6;
const TIMESTAMP_OPTION = 12;

/**
 * One end of a TCP connection.
 *
 * Source: RFC 9293 section 3.10 (events), with RFC 7323 (window scale, timestamps), RFC 2018
 * (SACK) and RFC 5961 section 3 (a reset counts only where it is expected).
 */
export class Endpoint {
  state: TcpState = "CLOSED";
  readonly sender: Sender;
  readonly receiver: Receiver;

  readonly #host: EndpointHost;
  readonly #clock: Clock;
  readonly #options: EndpointOptions;
  readonly #timeWait: Timer;
  readonly #keepAlive: Timer;
  /** The other side's initial sequence number. */
  #peerInitial = 0;
  #scaled = false;
  #peerScale = 0;
  #timestamps = false;
  #peerTimestamp = 0;
  /** Sequence and acknowledgment of the segment the window was last taken from. */
  #windowFrom: Range = [-1, -1];

  constructor(host: EndpointHost, clock: Clock, options: EndpointOptions) {
    this.#host = host;
    this.#clock = clock;
    this.#options = options;
    this.sender = new Sender(
      {
        send: (...piece) => this.#send(...piece),
        giveUp: () => this.abort(),
      },
      clock,
      options,
    );
    this.receiver = new Receiver(
      clock,
      options,
      () => this.#acknowledge(),
      (bytes) => host.received(bytes),
    );
    this.#timeWait = new Timer(clock, () => this.#change("CLOSED"));
    this.#keepAlive = new Timer(clock, () => {
      if (this.state !== "ESTABLISHED") return;
      if (this.sender.flight === 0) this.#emit(this.sender.unacknowledged - 1, ACK, 0);
      this.#idle();
    });
  }

  /** Waits for the other side. */
  listen(): void {
    this.#change("LISTEN");
  }

  /** Opens the connection; the other side may do so at the same time. */
  connect(): void {
    this.#change("SYN-SENT");
    this.sender.output();
  }

  /** Sends bytes, which must not change any more; waits for a connection if need be. */
  write(bytes: Uint8Array): void {
    this.sender.buffer.write(bytes);
    if (this.#canSend()) this.sender.output();
  }

  /** Says that no bytes follow. */
  close(): void {
    if (this.state === "LISTEN" || this.state === "SYN-SENT") return this.#end();
    this.sender.closing = true;
    if (this.#canSend()) this.sender.output();
  }

  /** Ends the connection at once, with a reset where there is one to end. */
  abort(): void {
    const silent = ["CLOSED", "LISTEN", "SYN-SENT", "TIME-WAIT"].includes(this.state);
    if (!silent) this.#emit(this.sender.highest, RST | ACK, 0);
    this.#end();
  }

  /** Takes a segment from the network. */
  receive(frame: Frame): void {
    if (frame.damaged) return;
    if (this.state === "CLOSED") return this.#refuse(frame);
    if (this.state === "LISTEN") return this.#open(frame);
    if (this.state === "SYN-SENT") return this.#answered(frame);
    const start = unwrap(frame.sequence, this.#peerInitial, this.receiver.next);
    const length = frame.bytes.length - frame.start;
    const isFin = (frame.flags & FIN) !== 0;
    if ((frame.flags & RST) !== 0) {
      if (start === this.receiver.next) this.#end();
      else if (this.receiver.accepts(start, 0)) this.#acknowledge();
      return;
    }
    if ((frame.flags & SYN) !== 0) return this.#synAgain(frame);
    if (!this.receiver.accepts(start, length + (isFin ? 1 : 0))) {
      if ((frame.flags & ACK) !== 0) this.#acknowledged(frame, false);
      this.#acknowledge();
      return this.sender.output();
    }
    if ((frame.flags & ACK) === 0) return;
    this.#noteTimestamp(frame, start);
    this.#acknowledged(frame, length === 0 && !isFin);
    this.#idle();
    if (isFin) this.receiver.finAt(start + length);
    if (length > 0) this.receiver.push(start, frame.bytes.subarray(frame.start));
    if (this.receiver.takeFin()) this.#finished();
    else if (isFin && length === 0) this.#acknowledge();
    this.sender.output();
  }

  #canSend(): boolean {
    return this.state === "ESTABLISHED" || this.state === "CLOSE-WAIT";
  }

  #change(state: TcpState): void {
    this.state = state;
    this.#host.changed(state);
  }

  #end(): void {
    this.sender.stop();
    this.receiver.stop();
    this.#timeWait.stop();
    this.#keepAlive.stop();
    if (this.state !== "CLOSED") this.#change("CLOSED");
  }

  #idle(): void {
    const { keepAlive } = this.#options;
    if (keepAlive !== null && this.state === "ESTABLISHED") {
      this.#keepAlive.set(keepAlive);
    }
  }

  /** A segment for no connection: answered with a reset. */
  #refuse(frame: Frame): void {
    if ((frame.flags & RST) !== 0) return;
    const { sequence, acknowledgment, flags } = frame;
    const header = { window: 0, acknowledgment: 0 };
    if ((flags & ACK) !== 0) {
      return this.#host.transmit(
        { ...header, sequence: acknowledgment, flags: RST },
        0,
        none,
      );
    }
    const length = frame.bytes.length - frame.start + ((flags & SYN) !== 0 ? 1 : 0);
    this.#host.transmit(
      {
        ...header,
        sequence: 0,
        acknowledgment: sequenceAdd(sequence, length),
        flags: RST | ACK,
      },
      0,
      none,
    );
  }

  #open(frame: Frame): void {
    if ((frame.flags & RST) !== 0) return;
    if ((frame.flags & ACK) !== 0) return this.#refuse(frame);
    if ((frame.flags & SYN) === 0) return;
    this.#agree(frame);
    this.#change("SYN-RECEIVED");
    this.sender.output();
  }

  #answered(frame: Frame): void {
    const { flags, acknowledgment } = frame;
    const acknowledges = (flags & ACK) !== 0 &&
      acknowledgment === sequenceAdd(this.#options.initialSequence, 1);
    if ((flags & ACK) !== 0 && !acknowledges) return this.#refuse(frame);
    if ((flags & RST) !== 0) {
      if (acknowledges) this.#end();
      return;
    }
    if ((flags & SYN) === 0) return;
    this.#agree(frame);
    if (!acknowledges) {
      this.#change("SYN-RECEIVED");
      return this.#send(0, 0, false);
    }
    this.sender.acknowledged(1, [], false);
    this.#takeWindow(frame);
    this.#acknowledge();
    this.#establish();
    this.sender.output();
  }

  #establish(): void {
    this.#change("ESTABLISHED");
    this.#idle();
    this.#host.writable();
  }

  /** A SYN where there was one before: our answer was lost, or both sides opened. */
  #synAgain(frame: Frame): void {
    if (this.state === "SYN-RECEIVED") {
      if ((frame.flags & ACK) !== 0) {
        this.#acknowledged(frame, false);
        return;
      }
      return this.#send(0, 0, false);
    }
    this.#acknowledge();
  }

  /** Takes the other side's SYN: its sequence number and options. */
  #agree(frame: Frame): void {
    const { mss = 536, windowScale, sackPermitted = false, timestamps } = frame;
    this.#peerInitial = frame.sequence;
    this.receiver.next = 1;
    this.#timestamps = timestamps !== undefined && this.#options.timestamps;
    this.#peerTimestamp = timestamps?.[0] ?? 0;
    this.#scaled = windowScale !== undefined && this.#options.windowScale !== null;
    this.#peerScale = this.#scaled ? windowScale! : 0;
    this.sender.sackable = sackPermitted && this.#options.sack;
    const options = this.#timestamps ? TIMESTAMP_OPTION : 0;
    this.sender.limit(Math.min(mss, this.#options.mss) - options);
    this.sender.window = frame.window; // never scaled in a SYN
  }

  #acknowledged(frame: Frame, pure: boolean): void {
    const { sender } = this;
    const own = this.#options.initialSequence;
    const offset = unwrap(frame.acknowledgment, own, sender.unacknowledged);
    if (offset > sender.seen) return this.#acknowledge();
    if (this.state === "SYN-RECEIVED" && offset >= 1) this.#establish();
    const window = frame.window << this.#peerScale;
    const duplicate = pure && offset === sender.unacknowledged &&
      window === sender.window;
    const sacks = (frame.sack ?? []).map(([left, right]): Range => [
      unwrap(left, own, sender.unacknowledged),
      unwrap(right, own, sender.unacknowledged),
    ]);
    const before = sender.unacknowledged;
    sender.acknowledged(offset, sacks, duplicate);
    this.#takeWindow(frame);
    if (sender.unacknowledged > before) {
      if (this.#canSend()) this.#host.writable();
      if (offset > sender.fin) this.#finAcknowledged();
    }
  }

  /** Takes the window unless an older segment told it. */
  #takeWindow(frame: Frame): void {
    const { sender } = this;
    const own = this.#options.initialSequence;
    const at = unwrap(frame.sequence, this.#peerInitial, this.receiver.next);
    const offset = unwrap(frame.acknowledgment, own, sender.unacknowledged);
    const [from, acknowledged] = this.#windowFrom;
    if (at < from || at === from && offset < acknowledged) return;
    this.#windowFrom = [at, offset];
    const scale = (frame.flags & SYN) !== 0 ? 0 : this.#peerScale;
    sender.window = (frame.window << scale) - (sender.unacknowledged - offset);
  }

  #noteTimestamp(frame: Frame, start: number): void {
    if (frame.timestamps === undefined || start > this.receiver.next) return;
    this.#peerTimestamp = frame.timestamps[0];
  }

  /** Our FIN was acknowledged. */
  #finAcknowledged(): void {
    if (this.state === "FIN-WAIT-1") this.#change("FIN-WAIT-2");
    else if (this.state === "CLOSING") this.#waitOut();
    else if (this.state === "LAST-ACK") this.#end();
  }

  /** The other side's FIN was received. */
  #finished(): void {
    this.receiver.owes = true;
    if (this.state === "ESTABLISHED") this.#change("CLOSE-WAIT");
    else if (this.state === "FIN-WAIT-1") this.#change("CLOSING");
    else if (this.state === "FIN-WAIT-2") this.#waitOut();
    if (this.receiver.owes) this.#acknowledge();
  }

  #waitOut(): void {
    this.#change("TIME-WAIT");
    this.sender.stop();
    this.#timeWait.set(TIME_WAIT);
  }

  #acknowledge(): void {
    this.#emit(this.sender.next, ACK, 0);
  }

  #send(offset: number, length: number, fin: boolean): void {
    if (offset === 0) return this.#sendSyn();
    const last = offset + length === this.sender.buffer.end && length > 0;
    this.#emit(offset, ACK | (last ? PSH : 0) | (fin ? FIN : 0), length);
    if (!fin) return;
    if (this.state === "ESTABLISHED") this.#change("FIN-WAIT-1");
    else if (this.state === "CLOSE-WAIT") this.#change("LAST-ACK");
  }

  #sendSyn(): void {
    const { initialSequence, mss, windowScale, sack, timestamps } = this.#options;
    const answers = this.state === "SYN-RECEIVED";
    const scales = windowScale !== null && (!answers || this.#scaled);
    this.#host.transmit(
      {
        sequence: initialSequence,
        acknowledgment: answers ? sequenceAdd(this.#peerInitial, 1) : 0,
        flags: answers ? SYN | ACK : SYN,
        window: Math.min(0xffff, this.receiver.window(0xffff)),
        mss,
        windowScale: scales ? windowScale : undefined,
        sackPermitted: answers ? this.sender.sackable : sack,
        timestamps: timestamps && (!answers || this.#timestamps)
          ? this.#stamps()
          : undefined,
      },
      0,
      none,
    );
  }

  #stamps(): readonly [number, number] {
    return [Math.floor(this.#clock.now / MILLISECOND) + 1 >>> 0, this.#peerTimestamp];
  }

  #emit(offset: number, flags: number, length: number): void {
    const { initialSequence, windowScale } = this.#options;
    const scale = this.#scaled ? windowScale! : 0;
    const { receiver, sender } = this;
    const sack = sender.sackable
      ? receiver.sacks().map(([start, end]): Range => [
        sequenceAdd(this.#peerInitial, start),
        sequenceAdd(this.#peerInitial, end),
      ])
      : [];
    receiver.acknowledged();
    this.#host.transmit(
      {
        sequence: sequenceAdd(initialSequence, offset),
        acknowledgment: sequenceAdd(this.#peerInitial, receiver.next),
        flags,
        window: receiver.window(0xffff << scale) >> scale,
        timestamps: this.#timestamps ? this.#stamps() : undefined,
        sack,
      },
      length,
      (bytes, at) => sender.buffer.copy(offset, length, bytes, at),
    );
  }
}

function none(): void {}
