import type { Side, Stamp } from "../../../core/flow/mod.ts";
import { u32le } from "../../../core/bytes/integers.ts";
import { issue } from "../../../core/issue.ts";
import type { Command } from "../../../core/schema/mod.ts";
import type { FramingHost } from "../../../core/framing/framing.ts";
import { Pdu } from "../../../core/framing/pdu.ts";
import { CLASSIC_TEXTS as TEXTS } from "../texts.ts";
import type { Resolved } from "./alignment.ts";
import { Following } from "./following.ts";
import { Given } from "./given.ts";
import { Lockstep } from "./lockstep.ts";
import { frameProblem, isAllowed, type Pending } from "./pending.ts";
import { Refusals } from "./refusals.ts";
import { HEADER } from "./shape.ts";
import { mayComeEarly, UNSOLICITED } from "./statuses.ts";

/**
 * Pairs the requests and responses of one conversation in order. A server answers each request
 * once and in turn; what breaks that rule is followed: answers to bytes the client did not mean
 * as a request, answers before a body is there, and requests or answers among lost bytes.
 */
export class ClassicPairing {
  readonly #host: FramingHost;
  readonly #given: Given;
  readonly #lockstep: Lockstep;
  /** Null until a request was refused: most conversations have none. */
  #refusals: Refusals | null = null;
  readonly #following: Following;
  /** Requests without a response, oldest first. */
  #queue: Pending[] = [];
  #nextOffset = 0;
  /** The queue holds every request that waits: nothing of the conversation was missed. */
  #certain: boolean;
  /** Something was missed at any time. */
  #hasMissed = false;
  /** Requests given up because too many were waiting; their responses come first. */
  #droppedAhead = 0;

  constructor(host: FramingHost) {
    this.#host = host;
    this.#certain = host.fromStart;
    this.#given = new Given(host);
    this.#lockstep = new Lockstep(host, this.#given);
    this.#following = new Following(host, this.#given);
  }

  /** The last request's command, whose response the server's next bytes most likely are. */
  get awaited(): Command | null {
    return this.#queue[this.#queue.length - 1]?.command ?? null;
  }

  /** Requests that wait for a response. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** The client is known to wait for each response. */
  get isLockstep(): boolean {
    return this.#lockstep.isKnown;
  }

  /** Bytes of a flow are about to be read. */
  before(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    this.#lockstep.before(side, stamp);
    if (side === "server") return;
    this.#following.heard(stamp, this.#host.fromStart && !this.#hasMissed);
    if (this.#isMisread) this.#refusals!.feed(bytes.subarray(start, end));
  }

  /** Bytes of a flow are lost; where they are all of one frame, none is missed. */
  gap(side: Side, isWithinFrame: boolean): void {
    if (side === "client" && this.#isMisread) this.#doubt();
    if (isWithinFrame) return;
    this.missed(side);
    if (side === "server" && this.#lockstep.responsesLost()) this.#following.giveHeld();
  }

  /** Something was said that was not read, at some moment since the last that was. */
  missed(side: Side): void {
    const isTold = this.#certain && !this.#isMisread && this.#droppedAhead === 0;
    if (isTold) this.#following.start(this.#queue);
    if (side === "client") this.#following.requestsLost();
    this.#doubt();
  }

  /** Bytes of the client, the last in one packet, were passed over before the next. */
  passed(last: Stamp, next: Stamp): void {
    this.#lockstep.passedOver(last, next);
  }

  /** Something was missed: the next response may not be that of the oldest request. */
  #doubt(): void {
    this.#certain = false;
    this.#hasMissed = true;
    this.#lockstep.doubt();
    this.#refusals?.forget();
  }

  /** The server will not answer any more. */
  serverFinished(): void {
    this.#given.silence = "the server closed without a response";
  }

  /** The conversation ended: gives out what still waits. */
  close(): void {
    if (this.#host.fromStart && !this.#lockstep.isAnswered) {
      this.#given.unheard(this.#queue[0]);
    }
    this.#following.stop();
    this.#lockstep.close();
    for (const pending of this.#queue) {
      if (this.#isMisread) this.#given.swallowed(pending);
      else this.#given.unanswered(pending);
    }
    this.#queue = [];
  }

  /** The server reads something else than the client meant. */
  get #isMisread(): boolean {
    return this.#refusals !== null && this.#refusals.isFollowed;
  }

  /** The header of a request is there. */
  begin(bytes: Uint8Array, offset: number, length: number, stamp: Stamp): void {
    this.#lockstep.says("client", stamp, length, 0);
    const code = u32le(bytes, offset + 4);
    const pending: Pending = {
      code,
      command: this.#host.commands.byCode(code) ?? null,
      offset: this.#nextOffset,
      length,
      begun: stamp,
      issues: [],
      pdu: null,
      response: null,
    };
    this.#nextOffset += length;
    this.#given.arriving = pending;
    // Pushing to an empty list makes room for 16 more, in each of many idle conversations.
    if (this.#queue.length === 0) this.#queue = [pending];
    else this.#queue.push(pending);
    if (this.#following.request(pending)) this.#tellResolved();
    this.#lockstep.asksOn(stamp, this.#queue.length <= 1, this.#certain);
    if (this.#queue.length > this.#host.maxOutstanding) this.#dropOldest();
  }

  #dropOldest(): void {
    this.#following.stop();
    this.#droppedAhead++;
    this.#given.unanswered(
      this.#queue.shift()!,
      "too many requests were waiting; its response is not tracked",
    );
  }

  /** A request is complete, or cut. */
  request(bytes: Uint8Array, length: number, stamp: Stamp): void {
    const pending = this.#given.arriving;
    if (pending === null) return;
    this.#given.arriving = null;
    const pdu = new Pdu(stamp, bytes, length, HEADER, null);
    pending.pdu = pdu;
    if (pending.command !== null) {
      pdu.interpret(pending.command.request, this.#host.releases);
    }
    const problem = frameProblem(bytes, pending);
    if (problem !== null) {
      pending.issues.push(issue("warn", "malformed", problem, stamp.packet, 0));
    }
    this.#given.complete(pending);
  }

  /**
   * A response is complete, or cut. Gives whether it refuses a request that servers read in
   * stages: then `followRefusal` is to be asked before anything further is read.
   */
  response(bytes: Uint8Array, length: number, stamp: Stamp): boolean {
    this.#refusals?.settle();
    const pdu = new Pdu(stamp, bytes, length, HEADER, u32le(bytes, 0));
    this.#lockstep.says("server", stamp, length, pdu.status!);
    const isTaken = this.#following.response(pdu, this.#lockstep.waits);
    if (!isTaken) this.#pair(pdu);
    this.#tellResolved();
    return this.#refusals !== null && this.#refusals.isOpen;
  }

  /** Gives a response out with its request, or alone. */
  #pair(pdu: Pdu): void {
    if (this.#droppedAhead > 0) {
      this.#droppedAhead--;
      this.#given.orphan(pdu, TEXTS.given_up);
      return;
    }
    if (this.#isMisread && this.#refusals!.misread(pdu, this.#queue)) return;
    const oldest = this.#queue[0];
    if (this.#certain && oldest !== undefined && !isAllowed(oldest, pdu)) this.#doubt();
    const isOdd = this.#isOdd(pdu);
    if (isOdd) this.#doubt();
    if (isOdd || !this.#certain && !this.#lockstep.couldAnswer(this.#queue, pdu)) {
      this.#given.orphan(pdu, TEXTS.untold);
      return;
    }
    const pending = this.#queue.shift();
    if (pending === undefined) {
      // Nothing waited for it: its request was missed, or is captured behind it.
      if (!UNSOLICITED.has(pdu.status!)) this.#doubt();
      this.#given.orphan(pdu, null);
    } else if (this.#certain) {
      this.#lockstep.passed();
      this.#answer(pending, pdu);
    } else this.#hold(pending, pdu);
  }

  #answer(pending: Pending, pdu: Pdu): void {
    this.#given.pair(pending, pdu);
    if (pdu.status === 0) return;
    this.#refusals ??= new Refusals(this.#host, this.#given);
    this.#refusals.answered(pending, pdu);
  }

  /** Holds a pair back until the client has shown that it waits for each answer. */
  #hold(pending: Pending, pdu: Pdu): void {
    const mayBeRefusal = pending.command?.staged != null && mayComeEarly(pdu.status!);
    // What the server reads next depends on it: that cannot wait.
    if (mayBeRefusal) this.#answer(pending, pdu);
    else this.#lockstep.hold(pending, pdu);
  }

  /** Gives out what an alignment found by now, where one follows. */
  #tellResolved(): void {
    const resolved = this.#following.resolve();
    if (resolved !== null) this.#tell(resolved);
  }

  #tell({ told, passed, waiting, certain }: Resolved<Pending>): void {
    const open = new Set(this.#queue);
    for (const { response, request } of told) {
      if (request !== null && open.has(request)) this.#given.pair(request, response);
      else this.#given.orphan(response, TEXTS.untold);
    }
    for (const request of passed) {
      if (open.has(request)) this.#given.unanswered(request, TEXTS.missed);
    }
    this.#queue = waiting.filter((request) => open.has(request));
    // The response of a request that was given up is still to come.
    if (!certain || this.#queue.length < waiting.length) return;
    this.#following.end();
    this.#certain = true;
  }

  /** What a server says without being asked is no answer to a request that it can read. */
  #isOdd({ status }: Pdu): boolean {
    return this.#hasMissed && UNSOLICITED.has(status!) && this.#queue[0]?.command != null;
  }

  /**
   * Where the last refusal leaves bytes unread, follows what the server makes of them.
   * `arriving` are the bytes of the client's frame that is not complete; gives the length at
   * which that frame ends for the server, or null where it ends as it says.
   */
  followRefusal(arriving: Uint8Array): number | null {
    const taken = this.#refusals?.follow(arriving, this.#queue) ?? null;
    if (this.#refusals === null || taken === null) return null;
    if (taken < 0) {
      this.#doubt();
      return null;
    }
    this.#nextOffset = this.#refusals.offset + taken;
    return taken;
  }
}
