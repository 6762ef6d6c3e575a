import type { Side, Stamp } from "../../../core/flow/mod.ts";
import type { FramingHost } from "../../../core/framing/framing.ts";
import { hasHeard, isNext, mayAnswer } from "../../../core/framing/order.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import { CLASSIC_TEXTS as TEXTS } from "../texts.ts";
import type { Given } from "./given.ts";
import { HeldPairs } from "./held_pairs.ts";
import { isAllowed, type Pending, readsAs } from "./pending.ts";
import { HEADER } from "./shape.ts";
import { TurnTaking } from "./turn_taking.ts";

/** So many pairs, one at a time, show a client that waits for each response. */
const LOCKSTEP_PAIRS = 2;

/**
 * Pairs where something was missed, for as long as the client is taken to wait for each answer:
 * then only the last request can be answered, and what is paired is held back until the turns
 * that follow have shown that it waits, or the contrary.
 */
export class Lockstep {
  readonly #host: FramingHost;
  readonly #given: Given;
  readonly #turns = new TurnTaking();
  /** Null until a pair was held back. */
  #held: HeldPairs | null = null;
  /** The packet with the header of the last request. */
  #lastBegun = 0;
  /** The packet with the last bytes of the server's flow. */
  #lastAnswered = 0;
  /** Responses without a request since the client last spoke, from the middle on. */
  #leftOver = 0;
  /** The last of them. */
  #lastLeft: Stamp | null = null;
  /** The client spoke since the server last did. */
  #hasAsked = false;

  constructor(host: FramingHost, given: Given) {
    this.#host = host;
    this.#given = given;
  }

  /** The client is known to wait for each response. */
  get isKnown(): boolean {
    return this.#turns.waits && this.#turns.turns >= LOCKSTEP_PAIRS;
  }

  /** Nothing shows that the client asks before it is answered. */
  get waits(): boolean {
    return this.#turns.waits;
  }

  /** The server said something. */
  get isAnswered(): boolean {
    return this.#lastAnswered > 0;
  }

  /** Bytes of a flow are about to be read. */
  before(side: Side, { packet }: Stamp): void {
    this.#hasAsked ||= side === "client";
    if (side === "client") return;
    this.#lastAnswered = packet;
    // What the client said in between may be a request that does not read as one.
    if (this.#hasAsked) this.#leftOver = Math.min(this.#leftOver, 0);
    this.#hasAsked = false;
  }

  /** A PDU of a side begins; status 0 for requests. It may show what the last turn was. */
  says(side: Side, stamp: Stamp, length: number, status: number): void {
    this.#turns.says(side, stamp, length, status);
    if (this.#turns.isPipeline) this.#held?.give(false);
    else if (this.#held?.isFresh) {
      this.#held.isFresh = false;
      this.#turns.passed();
      if (this.#turns.isTrusted) this.#held.give(true);
    }
  }

  /** A request began while others wait; where `certain`, they are all that wait. */
  asksOn({ packet }: Stamp, isAlone: boolean, certain: boolean): void {
    if (!isAlone) {
      if (this.#lastBegun === packet) this.#turns.isAhead();
      else if (certain && this.#turns.waits) this.#turns.seemsAhead(packet);
    }
    this.#lastBegun = packet;
  }

  /** A request was answered, for certain, before the client asked on. */
  passed(): void {
    this.#turns.passed();
  }

  /**
   * Bytes of the client, up to those of a packet, were passed over. Where the client heard no
   * response since, they are of another request than the one that follows them.
   */
  passedOver(last: Stamp, next: Stamp): void {
    const { packet } = last;
    if (packet <= this.#lastAnswered || hasHeard(last, next, HEADER)) return;
    this.#turns.seemsAhead(packet);
  }

  /** Responses are lost; gives whether requests only ran ahead of these. */
  responsesLost(): boolean {
    return this.#turns.responsesLost(this.#lastAnswered);
  }

  /** Something was missed: nothing is left over from before. */
  doubt(): void {
    this.#leftOver = -Infinity;
  }

  /** The conversation ended: gives out what is held back. */
  close(): void {
    this.#held?.give(this.#turns.isLikely);
  }

  /** Holds a pair back until the client has shown that it waits for each answer. */
  hold(pending: Pending, pdu: Pdu): void {
    this.#held ??= new HeldPairs(this.#given);
    this.#held.add(pending, pdu, this.#turns.isTrusted);
  }

  /**
   * Whether a response may be paired with the first of those that wait. A client that sends one
   * request at a time has received all answers but the last; with any other, nothing tells
   * which request a response answers.
   */
  couldAnswer(queue: Pending[], pdu: Pdu): boolean {
    this.#giveUp(queue, queue.length - (this.#turns.waits ? 1 : 0));
    const pending = queue[0];
    if (pending === undefined || pending.pdu === null && pdu.status === 0) {
      // One answer may be left over from before; two, or one too early, show a pipeline.
      if (pending !== undefined || this.#isLeftToo(pdu)) this.#turns.isAhead();
      return false;
    }
    const asked = pending.pdu?.stamp ?? pending.begun;
    if (!isAllowed(pending, pdu)) {
      // New to the client, but said before the server had the request: another one waited.
      if (mayAnswer(asked, 0, pdu.stamp)) this.#turns.seemsAhead(pdu.stamp.packet);
      return false;
    }
    if (!isNext(asked, pdu.stamp)) return false;
    if (readsAs(pending.command, pdu, this.#host.releases)) return true;
    // Nothing else could answer a client that waits: that it does has to be shown anew.
    this.#turns.startAnew();
    this.#held?.give(false);
    return false;
  }

  /** Whether two responses were said, the last one this, and the server heard nothing between. */
  #isLeftToo({ stamp: { begun, ...stamp } }: Pdu): boolean {
    const last = this.#lastLeft;
    this.#lastLeft = begun ?? stamp;
    if (last !== null && hasHeard(last, this.#lastLeft, HEADER)) this.#leftOver = 0;
    return this.#leftOver++ > 0;
  }

  /** Gives the oldest requests out: their responses may have been missed. */
  #giveUp(queue: Pending[], count: number): void {
    for (const pending of queue.splice(0, Math.max(0, count))) {
      this.#given.unanswered(pending, TEXTS.missed);
    }
  }
}
