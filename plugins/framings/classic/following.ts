import { sequenceDistance, type Stamp } from "../../../core/flow/mod.ts";
import type { FramingHost } from "../../../core/framing/framing.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import { CLASSIC_TEXTS as TEXTS } from "../texts.ts";
import { Alignment, type Resolved } from "./alignment.ts";
import type { Given } from "./given.ts";
import { endOf, isAllowed, type Pending } from "./pending.ts";
import {
  mayComeEarly,
  STAGED_READS_SINCE,
  STATUS_UNAUTHENTICATED,
  UNSOLICITED,
} from "./statuses.ts";

/**
 * Follows both flows by TCP's numbers, so that after a loss an {@link Alignment} can tell what
 * the responses of a pipeline may answer, for as long as nothing hides that.
 */
export class Following {
  readonly #host: FramingHost;
  readonly #given: Given;
  #alignment: Alignment<Pending> | null = null;
  /** Where the next PDU of each flow begins; -1 where TCP's numbers do not tell. */
  #requestsEnd = -1;
  #responsesEnd = -1;
  /** Where the bytes of the client end. */
  #clientEnd = -1;

  constructor(host: FramingHost, given: Given) {
    this.#host = host;
    this.#given = given;
  }

  /** Bytes of the client are about to be read; `isFirst` where no response can precede them. */
  heard(stamp: Stamp, length: number, isFirst: boolean): void {
    this.#clientEnd = endOf(stamp, length);
    if (isFirst && this.#responsesEnd < 0 && stamp.carried === undefined) {
      this.#responsesEnd = stamp.acknowledged ?? -1;
    }
  }

  /** Bytes were lost, up to which it was known what waits for an answer. */
  start(waiting: readonly Pending[]): void {
    if (Math.min(this.#requestsEnd, this.#responsesEnd) < 0) return;
    this.#alignment = new Alignment(waiting, isAllowed, this.#host.releases);
  }

  /** Bytes of the client are lost. */
  requestsLost(): void {
    this.#alignment?.requestsLost();
  }

  /** A request begins. */
  request(pending: Pending): void {
    const { begun, length } = pending;
    this.#align(
      this.#requestsEnd,
      begun,
      (lost) => this.#alignment!.request(pending, lost),
    );
    this.#requestsEnd = endOf(begun, length);
  }

  /**
   * A response came. Gives whether it waits here until its request is known; of a client that
   * waits for each answer it is only followed, and told otherwise.
   */
  response(pdu: Pdu, waits: boolean): boolean {
    const isTaken = this.#takes(pdu, waits);
    this.#responsesEnd = endOf(pdu.stamp, pdu.length);
    return isTaken;
  }

  #takes(pdu: Pdu, waits: boolean): boolean {
    this.#align(
      this.#responsesEnd,
      pdu.stamp,
      (lost) => lost === 0 || this.#alignment!.responsesLost(lost),
    );
    const alignment = this.#alignment;
    if (alignment === null) return false;
    const isAhead = !alignment.endsMissed && this.#isAhead(pdu);
    if (isAhead || this.#mayBeEarly(alignment, pdu.status!)) {
      this.stop();
      return false;
    }
    const isWay = alignment.response(pdu);
    if (waits) alignment.forget();
    if (!isWay) this.stop();
    return !waits;
  }

  /** What is known by now; null while there are several ways. */
  resolve(): Resolved<Pending> | null {
    return this.#alignment?.resolve() ?? null;
  }

  /** All is known: nothing needs to be followed. */
  end(): void {
    this.#alignment = null;
  }

  /** Nothing can be followed any more. */
  stop(): void {
    this.giveHeld();
    this.#alignment = null;
  }

  /** Gives the responses out that are kept: nothing will tell what they answer. */
  giveHeld(): void {
    for (const pdu of this.#alignment?.held ?? []) this.#given.orphan(pdu, TEXTS.untold);
    this.#alignment?.forget();
  }

  /** Tells the alignment of bytes that are missing before a PDU, unless it cannot follow. */
  #align(end: number, { sequence, carried }: Stamp, lost: (bytes: number) => boolean) {
    if (this.#alignment === null) return;
    const missing = sequence === undefined || carried !== undefined
      ? -1
      : sequenceDistance(end, sequence);
    if (missing < 0 || !lost(missing)) this.stop();
  }

  /** Whether a response may answer a request that is not here yet. */
  #isAhead({ stamp }: Pdu): boolean {
    const { acknowledged } = stamp.begun ?? stamp;
    return acknowledged !== undefined && this.#clientEnd >= 0 &&
      sequenceDistance(this.#clientEnd, acknowledged) > 0;
  }

  /** Whether a response may be unasked, or refuse a request of which it answers parts again. */
  #mayBeEarly(alignment: Alignment<Pending>, status: number): boolean {
    if (UNSOLICITED.has(status) || status === STATUS_UNAUTHENTICATED) return true;
    return mayComeEarly(status) && this.#host.releases.newest >= STAGED_READS_SINCE &&
      alignment.expectsStaged;
  }
}
