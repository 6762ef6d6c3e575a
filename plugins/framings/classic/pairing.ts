import { sequenceDistance, type Side, type Stamp } from "../../../core/flow/mod.ts";
import { u32le } from "../../../core/bytes/integers.ts";
import { issue } from "../../../core/issue.ts";
import { type Command, firstOf } from "../../../core/schema/mod.ts";
import { HEADER } from "./shape.ts";
import { Alignment, type Resolved } from "./alignment.ts";
import type { FramingHost } from "../../../core/framing/framing.ts";
import { isNext, mayAnswer } from "../../../core/framing/order.ts";
import { Pdu } from "../../../core/framing/pdu.ts";
import {
  endOf,
  frameProblem,
  isAllowed,
  type Pending,
  readsAs,
  secondsOf,
} from "./pending.ts";
import { ServerView, stagedLength } from "./server_view.ts";
import { CLASSIC_TEXTS as TEXTS, filled } from "../texts.ts";

/** The status of a command before a login. */
export const STATUS_UNAUTHENTICATED = 40;
/** Statuses a server sends without being asked: going away, read error, bad frame. */
export const UNSOLICITED = new Map([
  [8, "the server is going away"],
  [31, "the server could not read from the connection"],
  [3, "the server read bytes that are no request"],
]);
/** After this silence every request before it is taken for answered. */
export const QUIET_SECONDS = 1;
/** So many pairs, one at a time, show a client that waits for each response. */
const LOCKSTEP_PAIRS = 2;
/** Servers since this release read a staged request by its parts. */
export const STAGED_READS_SINCE = firstOf("0.7");

/**
 * Statuses from here on speak of streams, topics and the like, so a server that gives one has
 * read the request; but those of 4000 and more speak of its messages.
 */
const LATE_STATUS = 1000;
const MESSAGE_THOUSAND = 4;

/** A staged request that was refused, maybe before all of it was read. */
interface Refusal {
  readonly pending: Pending;
  readonly command: Command;
  readonly beforeLogin: boolean;
}

/**
 * Pairs the requests and responses of one conversation in order. A server answers each request
 * once and in turn; what breaks that rule is followed: answers to bytes the client did not mean
 * as a request, answers before a body is there, and requests or answers among lost bytes.
 */
export class ClassicPairing {
  readonly #host: FramingHost;
  /** Requests without a response, oldest first. */
  #queue: Pending[] = [];
  /** The request whose body is still arriving. */
  #arriving: Pending | null = null;
  #nextOffset = 0;
  /** No request was ever sent before the last one was answered. */
  #lockstep = true;
  /** The queue holds every request that waits: nothing of the conversation was missed. */
  #certain: boolean;
  /** When the last bytes of either flow came, in seconds since the epoch. */
  #lastSeconds = NaN;
  /** The packet with the header of the last request. */
  #lastBegun = 0;
  /** The packet at which a request was first sent before the last was answered. */
  #aheadSince = 0;
  /** Responses without a request since bytes were last lost. */
  #leftOver = 0;
  /** The packet with the last bytes of the server's flow. */
  #lastAnswered = 0;
  /** Why a request that is still open has no response. */
  #silence = "no response was captured";
  /** Responses given to a request so far. */
  #answered = 0;
  /** Requests given up because too many were waiting; their responses come first. */
  #droppedAhead = 0;
  /** What the server reads where it does not read what the client meant. */
  #view: ServerView | null = null;
  #refused: Pending | null = null;
  /** Something was missed at any time. */
  #hasMissed = false;
  /** What it reads cannot be followed, as bytes of a refused request are missing. */
  #unfollowed = false;
  /** A refusal that is still to be followed. */
  #refusal: Refusal | null = null;
  /** What responses of a pipeline may answer since bytes were lost, while that can be told. */
  #alignment: Alignment<Pending> | null = null;
  /** Where the next PDU of each flow begins, by TCP's numbers; -1 where they do not tell. */
  #requestsEnd = -1;
  #responsesEnd = -1;
  /** The last bytes of each side, as far as TCP's numbers tell. */
  readonly #last: Record<Side, { end: number; acknowledged: number }> = {
    client: { end: -1, acknowledged: -1 },
    server: { end: -1, acknowledged: -1 },
  };
  /** A pair of a client taken to wait for each answer, until its next turn shows that it does. */
  #likely: { pending: Pending; pdu: Pdu } | null = null;
  /** The side whose bytes came last. */
  #speaker: Side = "client";

  constructor(host: FramingHost) {
    this.#host = host;
    this.#certain = host.fromStart;
  }

  /** The last request's command, whose response the server's next bytes most likely are. */
  get awaited(): Command | null {
    return this.#queue[this.#queue.length - 1]?.command ?? null;
  }

  /** Bytes of a flow are about to be read. */
  before(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    const last = this.#last[side];
    last.end = endOf(stamp, end - start);
    last.acknowledged = last.end < 0 ? -1 : stamp.acknowledged ?? -1;
    if (side === "server") this.#lastAnswered = stamp.packet;
    else {
      const isFirst = this.#responsesEnd < 0 && this.#host.fromStart && !this.#hasMissed;
      if (isFirst && stamp.carried === undefined) {
        this.#responsesEnd = stamp.acknowledged ?? -1;
      }
      this.#view?.feed(bytes.subarray(start, end));
    }
  }

  /** Requests that wait for a response. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** The client is known to wait for each response. */
  get isLockstep(): boolean {
    return this.#lockstep && this.#answered >= LOCKSTEP_PAIRS;
  }

  /** Bytes of a flow have been read. */
  after(side: Side, stamp: Stamp): void {
    this.#speaker = side;
    this.#lastSeconds = secondsOf(stamp);
  }

  /** Bytes of a flow are lost; where they are all of one frame, none is missed. */
  gap(side: Side, stamp: Stamp | null, isWithinFrame: boolean): void {
    if (side === "client" && this.#view !== null) {
      this.#unfollowed = true;
      this.#doubt();
    }
    if (isWithinFrame) {
      if (stamp !== null) this.#lastSeconds = secondsOf(stamp);
      return;
    }
    this.missed(side);
    // Requests that seemed to run ahead of the responses only ran ahead of the lost ones.
    if (side === "server" && this.#aheadSince > this.#lastAnswered) {
      this.#tellHeld();
      this.#lockstep = true;
    }
  }

  /** Something was said that was not read, at some moment since the last that was. */
  missed(side: Side): void {
    this.#lastSeconds = NaN;
    const isTold = this.#certain && this.#view === null && this.#droppedAhead === 0 &&
      Math.min(this.#requestsEnd, this.#responsesEnd) >= 0;
    if (isTold) {
      const { releases } = this.#host;
      this.#alignment = new Alignment(this.#queue, isAllowed, releases);
    }
    if (side === "client") this.#alignment?.requestsLost();
    this.#doubt();
  }

  /**
   * Bytes of the client, up to those of a packet, were passed over. Where the server said
   * nothing since, they are of another request than the one that follows them.
   */
  passed({ packet }: Stamp): void {
    if (packet > this.#lastAnswered) this.#runsAhead(packet);
  }

  /** Something was missed: the next response may not be that of the oldest request. */
  #doubt(): void {
    this.#certain = false;
    this.#hasMissed = true;
    this.#leftOver = -Infinity;
    this.#view = null;
  }

  /** The server will not answer any more. */
  serverFinished(): void {
    this.#silence = "the server closed without a response";
  }

  /** The conversation ended: gives out what still waits. */
  close(): void {
    if (this.#host.fromStart && this.#lastAnswered === 0) this.#sayIfUnheard();
    this.#unaligned();
    this.#settleLikely(true);
    for (const pending of this.#queue) {
      if (this.#view !== null) this.#swallowed(pending);
      else this.#unanswered(pending);
    }
    this.#queue = [];
  }

  /** The client's releases: the framing ended with 0.8. */
  get #range(): string {
    const { text } = this.#host.releases;
    return text === "0.8+" ? "0.8" : text.replace("+", "..0.8");
  }

  /** A server of the VSR generation waits for 256 bytes and then closes, without a word. */
  #sayIfUnheard(): void {
    const [first] = this.#queue;
    if (first?.command == null || first.pdu === null || !first.pdu.whole) return;
    if ((first.pdu.decoded?.problems ?? 0) > 0) return;
    const message =
      `the client speaks classic framing (Iggy ${this.#range}) and the server never ` +
      "answers: servers since 0.9 understand only VSR framing; update the client, or use " +
      "a server up to 0.8";
    this.#host.report(issue("note", "protocol", message, first.pdu.stamp.packet));
  }

  /** The header of a request is there. */
  begin(bytes: Uint8Array, offset: number, length: number, stamp: Stamp): void {
    if (!this.#certain && this.#lockstep) this.#watchTurn(stamp);
    const isQuiet = this.#speaker === "server" &&
      secondsOf(stamp) - this.#lastSeconds > QUIET_SECONDS;
    if (!this.#certain && !this.#unfollowed && isQuiet) {
      this.#tell(this.#alignment?.resolveAnswered() ?? null);
      this.#unaligned();
      this.#giveUp(this.#queue.length);
      this.#certain = true;
    }
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
    this.#arriving = pending;
    this.#align(
      this.#requestsEnd,
      stamp,
      (lost) => this.#alignment!.request(pending, lost),
    );
    this.#requestsEnd = endOf(stamp, length);
    // Pushing to an empty list makes room for 16 more, in each of many idle conversations.
    if (this.#queue.length === 0) this.#queue = [pending];
    else this.#queue.push(pending);
    const together = this.#lastBegun === stamp.packet;
    if (this.#queue.length > 1 && (together || this.#certain && this.#lockstep)) {
      this.#runsAhead(together ? 0 : stamp.packet);
    }
    this.#lastBegun = stamp.packet;
    if (this.#queue.length > this.#host.maxOutstanding) {
      this.#unaligned();
      const dropped = this.#queue.shift()!;
      this.#droppedAhead++;
      this.#unanswered(
        dropped,
        "too many requests were waiting; its response is not tracked",
      );
    }
  }

  /** A request is complete, or cut. */
  request(bytes: Uint8Array, length: number, stamp: Stamp): void {
    const pending = this.#arriving;
    if (pending === null) return;
    this.#arriving = null;
    const pdu = new Pdu(stamp, bytes, length, HEADER, null);
    pending.pdu = pdu;
    if (pending.command !== null) {
      pdu.interpret(pending.command.request, this.#host.releases);
    }
    const problem = frameProblem(bytes, pending);
    if (problem !== null) {
      pending.issues.push(issue("warn", "malformed", problem, stamp.packet, 0));
    }
    if (pending.response !== null) this.#emit(pending, pending.response);
  }

  /**
   * A response is complete, or cut. Gives whether it refuses a request that servers read in
   * stages: then `followRefusal` is to be asked before anything further is read.
   */
  response(bytes: Uint8Array, length: number, stamp: Stamp): boolean {
    this.#refusal = null;
    this.#respond(bytes, length, stamp);
    return this.#refusal !== null;
  }

  #respond(bytes: Uint8Array, length: number, stamp: Stamp): void {
    const pdu = new Pdu(stamp, bytes, length, HEADER, u32le(bytes, 0));
    const isAligned = this.#alignment !== null && this.#isAligned(pdu);
    this.#responsesEnd = endOf(stamp, length);
    if (!isAligned) this.#pair(pdu);
    else if (this.#lockstep) this.#pairInTurn(pdu);
  }

  /** Gives a response out with its request, which it gives, or alone. */
  #pair(pdu: Pdu): Pending | null {
    if (this.#likely !== null) this.#settleLikely(this.#isHeard(this.#likely.pdu, pdu));
    if (this.#droppedAhead > 0) {
      this.#droppedAhead--;
      return this.#orphan(pdu, TEXTS.given_up);
    }
    if (this.#view !== null && this.#misread(pdu)) return null;
    const [oldest] = this.#queue;
    if (this.#certain && oldest !== undefined && !isAllowed(oldest, pdu)) this.#doubt();
    const isOdd = this.#isOdd(pdu);
    if (isOdd) this.#doubt();
    if (isOdd || !this.#certain && !this.#couldAnswer(pdu)) {
      return this.#orphan(pdu, TEXTS.untold);
    }
    const pending = this.#queue.shift();
    if (pending === undefined) {
      // Nothing waited for it: its request was missed, or is captured behind it.
      if (!UNSOLICITED.has(pdu.status!)) this.#doubt();
      return this.#orphan(pdu, null);
    }
    const mayBeRefusal = pdu.status !== 0 && pending.command?.staged != null;
    if (this.#certain || mayBeRefusal) this.#answer(pending, pdu);
    else this.#likely = { pending, pdu };
    return pending;
  }

  /** Tells the alignment of bytes that are missing before a PDU, unless it cannot follow. */
  #align(end: number, { sequence, carried }: Stamp, lost: (bytes: number) => boolean) {
    if (this.#alignment === null) return;
    const missing = sequence === undefined || carried !== undefined
      ? -1
      : sequenceDistance(end, sequence);
    if (missing < 0 || !lost(missing)) this.#unaligned();
  }

  /** Whether the alignment takes a response, which waits there until its request is known. */
  #isAligned(pdu: Pdu): boolean {
    this.#align(
      this.#responsesEnd,
      pdu.stamp,
      (lost) => lost === 0 || this.#alignment!.responsesLost(lost),
    );
    const alignment = this.#alignment;
    if (alignment === null) return false;
    if (this.#mayBeEarly(alignment, pdu.status!)) {
      this.#unaligned();
      return false;
    }
    const isWay = alignment.response(pdu);
    if (this.#lockstep) alignment.forget();
    else if (isWay) this.#tell(alignment.resolve());
    if (!isWay) this.#unaligned();
    return isWay || !this.#lockstep;
  }

  /** Whether a response may be unasked, or refuse a request of which it answers parts again. */
  #mayBeEarly(alignment: Alignment<Pending>, status: number): boolean {
    if (status === 0) return false;
    if (UNSOLICITED.has(status) || status === STATUS_UNAUTHENTICATED) return true;
    if (status >= LATE_STATUS && Math.floor(status / 1000) !== MESSAGE_THOUSAND) {
      return false;
    }
    return this.#host.releases.newest >= STAGED_READS_SINCE && alignment.expectsStaged;
  }

  /** Pairs a response of a client that waits for each; the alignment only follows. */
  #pairInTurn(pdu: Pdu): void {
    const pending = this.#pair(pdu);
    const alignment = this.#alignment;
    if (alignment === null) return;
    if (pending !== null && !alignment.answered(pending)) this.#unaligned();
    else this.#tell(alignment.resolve());
  }

  /** Gives out what an alignment found. */
  #tell(resolved: Resolved<Pending> | null): void {
    if (resolved === null) return;
    const { told, passed, waiting, certain } = resolved;
    const open = new Set(this.#queue);
    for (const { response, request } of told) {
      if (request !== null && open.has(request)) this.#answer(request, response);
      else this.#orphan(response, TEXTS.untold);
    }
    for (const request of passed) {
      if (open.has(request)) this.#unanswered(request, TEXTS.missed);
    }
    this.#queue = waiting.filter((request) => open.has(request));
    if (told.length > 0) this.#refusal = null;
    // The response of a request that was given up is still to come.
    if (!certain || this.#queue.length < waiting.length) return;
    this.#alignment = null;
    this.#certain = true;
  }

  /** Gives the responses out that an alignment keeps: nothing will tell what they answer. */
  #tellHeld(): void {
    for (const pdu of this.#alignment?.held ?? []) this.#orphan(pdu, TEXTS.untold);
    this.#alignment?.forget();
  }

  /** The alignment cannot be followed any more. */
  #unaligned(): void {
    this.#tellHeld();
    this.#alignment = null;
  }

  /** What a server says without being asked is no answer to a request that it can read. */
  #isOdd({ status }: Pdu): boolean {
    return this.#hasMissed && UNSOLICITED.has(status!) && this.#queue[0]?.command != null;
  }

  /**
   * Whether a response may be paired although something was missed. A client that sends one
   * request at a time has received all answers but the last; with any other, nothing tells
   * which request a response answers until the conversation was quiet for a while.
   */
  #couldAnswer(pdu: Pdu): boolean {
    this.#giveUp(this.#queue.length - (this.#lockstep ? 1 : 0));
    const pending = this.#queue[0];
    if (pending === undefined || pending.pdu === null && pdu.status === 0) {
      // One answer may be left over from before; two, or one too early, show a pipeline.
      if (pending !== undefined || this.#leftOver++ > 0) this.#runsAhead(0);
      return false;
    }
    if (!isAllowed(pending, pdu)) {
      // New to the client, but said before the server had the request: another one waited.
      const asked = pending.pdu?.stamp ?? pending.begun;
      if (mayAnswer(asked, 0, pdu.stamp)) this.#runsAhead(pdu.stamp.packet);
      return false;
    }
    if (!isNext(pending.pdu?.stamp ?? pending.begun, pdu.stamp)) return false;
    return readsAs(pending.command, pdu, this.#host.releases);
  }

  /** A request shows whether the client had the answer to the one before. */
  #watchTurn({ sequence, acknowledged }: Stamp): void {
    if (this.#likely !== null) {
      const { pdu, pending } = this.#likely;
      const end = endOf(pdu.stamp, pdu.length);
      const heard = end < 0 || acknowledged === undefined
        ? 0
        : sequenceDistance(end, acknowledged);
      // Who heard more than the one answer before the next request had asked for more.
      const isNextRequest = sequence === endOf(pending.begun, pending.length);
      this.#settleLikely(heard === 0 || heard > 0 && !isNextRequest);
    }
    const { end, acknowledged: had } = this.#last.server;
    if (end < 0 || had < 0 || acknowledged === undefined) return;
    if (sequence !== this.#requestsEnd || sequenceDistance(acknowledged, end) < 0) return;
    // All that it had was said before the server had the request before this one.
    if (sequenceDistance(this.#requestsEnd, had) < 0) this.#runsAhead(0);
  }

  /**
   * Whether the client may have heard a response before the server went on: else the server had
   * more than one request. Where the request between is lost, it may.
   */
  #isHeard({ stamp, length }: Pdu, next: Pdu): boolean {
    const { end, acknowledged } = this.#last.client;
    const said = endOf(stamp, length);
    const had = (next.stamp.begun ?? next.stamp).acknowledged;
    if (said < 0 || end < 0 || acknowledged < 0 || had === undefined) return true;
    return sequenceDistance(said, acknowledged) >= 0 || sequenceDistance(had, end) < 0;
  }

  /** Gives the likely pair out, or both alone where the client turned out not to wait. */
  #settleLikely(isHeard: boolean): void {
    if (this.#likely === null) return;
    const { pending, pdu } = this.#likely;
    this.#likely = null;
    if (isHeard) return this.#answer(pending, pdu);
    this.#runsAhead(0);
    this.#unanswered(pending, TEXTS.missed);
    this.#orphan(pdu, TEXTS.untold);
  }

  /** Requests are sent before the last one is answered, since this packet. */
  #runsAhead(packet: number): void {
    this.#lockstep = false;
    this.#aheadSince = packet;
  }

  /** Gives the oldest requests out: their responses may have been missed. */
  #giveUp(count: number): void {
    for (const pending of this.#queue.splice(0, Math.max(0, count))) {
      this.#unanswered(pending, TEXTS.missed);
    }
  }

  #answer(pending: Pending, pdu: Pdu): void {
    const { command } = pending;
    this.#answered++;
    if (pdu.status === 0 && command !== null) {
      if (!pdu.isEmpty) pdu.interpret(command.response, this.#host.releases);
      else if (command.response.minSize > 0 && !command.emptyIfMissing) {
        pdu.report(
          issue("warn", "malformed", TEXTS.no_payload, pdu.stamp.packet, HEADER),
        );
      }
    }
    if (pending.pdu === null) pending.response = pdu;
    else this.#emit(pending, pdu);
    const { releases } = this.#host;
    if (pdu.status === 0 || command?.staged == null) return;
    if (releases.newest < STAGED_READS_SINCE) return;
    this.#refusal = {
      pending,
      command,
      beforeLogin: pdu.status === STATUS_UNAUTHENTICATED,
    };
  }

  /** Whether the response answers something that the client did not mean as a request. */
  #misread(pdu: Pdu): boolean {
    const frame = this.#view!.frames.shift();
    if (frame === undefined) return false;
    while (this.#queue[0] !== undefined && this.#queue[0].offset < frame.start) {
      this.#swallowed(this.#queue.shift()!);
    }
    if (this.#queue[0]?.offset === frame.start) {
      if (this.#queue[0].offset + this.#queue[0].length === frame.end) this.#view = null;
      return false;
    }
    const refused = this.#refused!;
    this.#host.exchange({
      command: refused.command,
      name: null,
      code: refused.code,
      request: null,
      response: pdu,
      issues: [issue(
        "note",
        "protocol",
        filled(
          TEXTS.further_answer,
          refused.pdu === null ? "" : filled(TEXTS.of_packet, refused.pdu.stamp.packet),
          frame.start - refused.offset,
        ),
        pdu.stamp.packet,
      )],
    });
    while (this.#queue[0] !== undefined && this.#queue[0].offset < frame.end) {
      this.#swallowed(this.#queue.shift()!);
    }
    return true;
  }

  #swallowed(pending: Pending): void {
    this.#unanswered(
      pending,
      "the server took its bytes for part of something else, after it refused a request early",
    );
  }

  /**
   * Where the last refusal leaves bytes unread, follows what the server makes of them.
   * `arriving` are the bytes of the client's frame that is not complete; gives the length at
   * which that frame ends for the server, or null where it ends as it says.
   */
  followRefusal(arriving: Uint8Array): number | null {
    if (this.#refusal === null) return null;
    const { pending, command, beforeLogin } = this.#refusal;
    const { releases, maxPdu } = this.#host;
    const { offset } = pending;
    const bytes = this.#bytesFrom(pending, arriving);
    const taken = stagedLength(command, bytes, beforeLogin, releases.newest);
    if (taken === pending.length) return null;
    if (pending.pdu?.whole === false) {
      this.#unfollowed = true;
      this.#doubt();
    }
    if (taken === null || pending.pdu?.whole === false) return null;
    if (pending.length > maxPdu && pending.pdu === null) {
      this.#nextOffset = offset + taken;
      return taken;
    }
    this.#refused = pending;
    this.#view = new ServerView(offset + taken, command, beforeLogin, releases.newest);
    this.#view.feed(bytes.subarray(Math.min(taken, bytes.length)));
    return null;
  }

  /** The client's bytes from a request on, as far as they are here. */
  #bytesFrom(pending: Pending, arriving: Uint8Array): Uint8Array {
    const parts = [pending, ...this.#queue].flatMap(({ pdu }) =>
      pdu === null ? [] : [pdu.bytes]
    );
    parts.push(arriving);
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  /** A response whose request is not known. */
  #orphan(pdu: Pdu, reason: string | null): null {
    const unsolicited = UNSOLICITED.get(pdu.status!);
    const message = reason ??
      (unsolicited === undefined
        ? TEXTS.not_captured
        : filled(TEXTS.unsolicited, unsolicited));
    this.#host.exchange({
      command: null,
      name: null,
      code: null,
      request: null,
      response: pdu,
      issues: [issue("note", "sequence", message, pdu.stamp.packet)],
    });
    return null;
  }

  #unanswered(pending: Pending, reason = this.#silence): void {
    if (pending.pdu === null && this.#arriving === pending) this.#arriving = null;
    const packet = pending.pdu?.stamp.packet ?? null;
    pending.issues.push(issue("note", "sequence", reason, packet));
    this.#emit(pending, null);
  }

  #emit({ command, code, pdu, issues }: Pending, response: Pdu | null): void {
    this.#host.exchange({ command, name: null, code, request: pdu, response, issues });
    const { buffers } = this.#host;
    // What a server makes of the rest of a refused request is looked at once more.
    if (!buffers || (response?.status ?? 0) !== 0) return;
    if (pdu !== null) buffers.give(pdu.bytes);
    if (response !== null) buffers.give(response.bytes);
  }
}
