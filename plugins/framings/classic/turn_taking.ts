import { sequenceDistance, type Side, type Stamp } from "../../../core/flow/mod.ts";
import { endOf } from "./pending.ts";
import { HEADER } from "./shape.ts";
import { mayComeEarly, UNSOLICITED } from "./statuses.ts";

/** Turns in which nothing speaks against it before a client is trusted to wait for answers. */
const TRUSTED_TURNS = 16;

/**
 * The last PDU of a side, in TCP's numbers, as 32 bits with a sign: so they take no memory of
 * their own. Null where they do not tell.
 */
class Said {
  begin: number | null = null;
  end: number | null = null;
  /** What its sender had of the other flow when it began it. */
  had: number | null = null;
}

/**
 * Tells whether a client waits for each answer before it asks on, by what each end had heard
 * when it spoke. Who waits hears exactly one response between two requests, and each response
 * follows exactly one request; whatever contradicts this proves a pipeline, for good.
 */
export class TurnTaking {
  #waits = true;
  #isPipeline = false;
  #turns = 0;
  /** A response was once not what the request in turn asked for. */
  #isDoubted = false;
  /** The packet at which a request was first sent before the last was answered. */
  #aheadSince = 0;
  readonly #client = new Said();
  readonly #server = new Said();

  /** Nothing shows that the client asks before it is answered. */
  get waits(): boolean {
    return this.#waits;
  }

  /** It was proven that the client asks before it is answered. */
  get isPipeline(): boolean {
    return this.#isPipeline;
  }

  /** The client waited so often that it is trusted to do so. */
  get isTrusted(): boolean {
    return this.#waits && this.#turns >= TRUSTED_TURNS;
  }

  /** It is taken to wait where no more turns will come: nothing ever spoke against it. */
  get isLikely(): boolean {
    return this.#waits && !this.#isDoubted || this.isTrusted;
  }

  /** Pairs made while the client waited for each. */
  get turns(): number {
    return this.#turns;
  }

  /** A request was answered before the client asked on. */
  passed(): void {
    if (this.#waits) this.#turns++;
  }

  /** A response is not what the request in turn asked for: maybe another one had waited. */
  startAnew(): void {
    this.#turns = 0;
    this.#isDoubted = true;
  }

  /** A request seems to be sent before the last was answered; lost bytes may explain it. */
  seemsAhead(packet: number): void {
    this.#waits = false;
    this.#aheadSince = packet;
  }

  /** A request was sent before the last was answered. */
  isAhead(): void {
    this.#waits = false;
    this.#isPipeline = true;
  }

  /**
   * Bytes of the server are lost, the last that are here being of this packet. Gives whether
   * requests that seemed to run ahead of the responses only ran ahead of the lost ones.
   */
  responsesLost(lastAnswered: number): boolean {
    if (this.#isPipeline || this.#aheadSince <= lastAnswered) return false;
    return this.#waits = true;
  }

  /** A PDU of a side begins; status 0 for requests. */
  says(side: Side, stamp: Stamp, length: number, status: number): void {
    if (this.#isPipeline) return;
    const { sequence, carried } = stamp;
    const { acknowledged } = stamp.begun ?? stamp;
    if (sequence === undefined || acknowledged === undefined) return;
    const own = side === "client" ? this.#client : this.#server;
    const other = side === "client" ? this.#server : this.#client;
    const isPlaced = carried === undefined;
    // Unasked, or in answer to a part of a request.
    const isOdd = UNSOLICITED.has(status) || mayComeEarly(status);
    const speaksAgainst = isPlaced
      ? contradicts(own, other, sequence | 0, acknowledged | 0)
      : own.had !== null && sequenceDistance(own.had, acknowledged) < HEADER;
    if (speaksAgainst && !isOdd) this.isAhead();
    own.begin = isPlaced ? sequence | 0 : null;
    own.end = endOf(stamp, length);
    own.had = acknowledged | 0;
  }
}

/** Whether a PDU that begins there, its sender having so much of the other flow, is no turn. */
function contradicts(own: Said, other: Said, begin: number, had: number): boolean {
  const ownHad = own.had ?? -1;
  const lost = own.end === null ? -1 : sequenceDistance(own.end, begin);
  // Each PDU of its own, at least one more among lost bytes, followed one of the other.
  const least = lost < HEADER ? HEADER : 2 * HEADER;
  if (lost >= 0 && sequenceDistance(ownHad, had) < least) return true;
  const { begin: otherBegin, end: otherEnd, had: otherHad } = other;
  if (otherBegin === null || otherEnd === null || otherHad === null) return false;
  // It heard more than one.
  const heard = isBetween(ownHad, otherBegin, had) || isBetween(ownHad, otherEnd, had);
  if (lost === 0 && heard) return true;
  const isUnheard = sequenceDistance(had, otherEnd) >= 0;
  // What it heard last was said before its own last was heard.
  if (lost === 0 && isUnheard && sequenceDistance(otherHad, begin) > 0) return true;
  // It had not heard the other's last, which is no answer to this either.
  return had !== otherEnd && isUnheard && sequenceDistance(begin, otherHad) <= 0;
}

/** Whether a place of a flow lies behind one and before another. */
function isBetween(from: number, place: number, to: number): boolean {
  return sequenceDistance(from, place) > 0 && sequenceDistance(place, to) > 0;
}
