import { sequenceDistance, type Stamp } from "../../../core/flow/mod.ts";
import type { FramingHost } from "../../../core/framing/framing.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import { CLASSIC_TEXTS as TEXTS } from "../texts.ts";
import { Alignment, MAX_HELD, type Resolved } from "./alignment.ts";
import type { Given } from "./given.ts";
import { endOf, isAllowed, type Pending } from "./pending.ts";
import { HEADER } from "./shape.ts";
import {
  mayComeEarly,
  STAGED_READS_SINCE,
  STATUS_UNAUTHENTICATED,
  UNSOLICITED,
} from "./statuses.ts";

/** Responses that wait for a request which did not begin yet, at most. */
const MAX_EARLY = 64;

/**
 * Follows both flows by TCP's numbers, so that after a loss an {@link Alignment} can tell what
 * the responses of a pipeline may answer, for as long as nothing hides that.
 */
export class Following {
  readonly #host: FramingHost;
  readonly #given: Given;
  #alignment: Alignment<Pending> | null = null;
  /** Responses that may answer a request which did not begin yet; they wait for it. */
  #early: Pdu[] = [];
  /** Where the next PDU of each flow begins; null where TCP's numbers do not tell. */
  #requestsEnd: number | null = null;
  #responsesEnd: number | null = null;

  constructor(host: FramingHost, given: Given) {
    this.#host = host;
    this.#given = given;
  }

  /** Bytes of the client are about to be read; `isFirst` where no response can precede them. */
  heard(stamp: Stamp, isFirst: boolean): void {
    if (isFirst && this.#responsesEnd === null && stamp.carried === undefined) {
      const { acknowledged } = stamp;
      this.#responsesEnd = acknowledged === undefined ? null : acknowledged | 0;
    }
  }

  /** Bytes were lost, up to which it was known what waits for an answer. */
  start(waiting: readonly Pending[]): void {
    if (this.#requestsEnd === null || this.#responsesEnd === null) return;
    this.#alignment = new Alignment(waiting, isAllowed, this.#host.releases);
  }

  /** Bytes of the client are lost. */
  requestsLost(): void {
    this.#alignment?.requestsLost();
    this.#takeEarly();
  }

  /** A request begins. Gives whether responses had waited for it. */
  request(pending: Pending): boolean {
    const { begun, length } = pending;
    const alignment = this.#alignment;
    if (alignment !== null) {
      const lost = bytesBetween(this.#requestsEnd, begun);
      if (lost < 0 || !alignment.request(pending, lost)) this.stop();
    }
    this.#requestsEnd = endOf(begun, length);
    return this.#takeEarly();
  }

  /**
   * A response came. Gives whether it waits here until its request is known; of a client that
   * waits for each answer it is only followed, and told otherwise.
   */
  response(pdu: Pdu, waits: boolean): boolean {
    if (this.#early.length > 0 || this.#isAhead(pdu)) {
      this.#early.push(pdu);
      if (!waits && this.#hasRoom()) return true;
      this.#early.pop();
      this.stop();
    }
    const isTaken = this.#takes(pdu, waits);
    this.#responsesEnd = endOf(pdu.stamp, pdu.length);
    return isTaken;
  }

  /** Takes the responses that waited for a request, as far as theirs may be here. */
  #takeEarly(): boolean {
    const waited = this.#early.length;
    while (this.#early.length > 0) {
      const pdu = this.#early[0]!;
      if (this.#isAhead(pdu)) break;
      this.#early.shift();
      if (!this.#takes(pdu, false)) this.#given.orphan(pdu, TEXTS.untold);
      this.#responsesEnd = endOf(pdu.stamp, pdu.length);
    }
    return this.#early.length < waited;
  }

  #hasRoom(): boolean {
    const bytes = this.#early.reduce((sum, { length }) => sum + length, 0);
    return this.#early.length <= MAX_EARLY && bytes <= MAX_HELD;
  }

  #takes(pdu: Pdu, waits: boolean): boolean {
    const alignment = this.#alignment;
    if (alignment === null) return false;
    const lost = bytesBetween(this.#responsesEnd, pdu.stamp);
    const isFollowed = lost === 0 || lost > 0 && alignment.responsesLost(lost);
    if (!isFollowed || this.#mayBeEarly(alignment, pdu.status!)) {
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
    const resolved = this.#alignment?.resolve() ?? null;
    return this.#early.length > 0 && resolved !== null
      ? { ...resolved, certain: false }
      : resolved;
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
    const held = this.#alignment?.held ?? [];
    for (const pdu of [...held, ...this.#early.splice(0)]) {
      this.#given.orphan(pdu, TEXTS.untold);
    }
    this.#alignment?.forget();
  }

  /**
   * Whether a response may answer a request that did not begin yet: its sender had the header
   * of one. Bytes of it may be here, for after a loss a response is told once something ends it.
   */
  #isAhead({ stamp }: Pdu): boolean {
    if (this.#alignment === null || this.#alignment.endsMissed) return false;
    const { acknowledged } = stamp.begun ?? stamp;
    return acknowledged !== undefined && this.#requestsEnd !== null &&
      sequenceDistance(this.#requestsEnd, acknowledged) >= HEADER;
  }

  /** Whether a response may be unasked, or refuse a request of which it answers parts again. */
  #mayBeEarly(alignment: Alignment<Pending>, status: number): boolean {
    if (UNSOLICITED.has(status) || status === STATUS_UNAUTHENTICATED) return true;
    return mayComeEarly(status) && this.#host.releases.newest >= STAGED_READS_SINCE &&
      alignment.expectsStaged;
  }
}

/** Bytes between the end of a PDU and the next of its flow; negative where nothing tells. */
function bytesBetween(end: number | null, { sequence, carried }: Stamp): number {
  if (end === null || sequence === undefined || carried !== undefined) return -1;
  return sequenceDistance(end, sequence);
}
