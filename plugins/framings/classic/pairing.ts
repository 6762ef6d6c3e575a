import type { Side, Stamp } from "../../../core/flow/mod.ts";
import { u32le } from "../../../core/bytes/integers.ts";
import { type Issue, issue } from "../../../core/issue.ts";
import { type Command, firstOf } from "../../../core/schema/mod.ts";
import { HEADER, LENGTH } from "./shape.ts";
import type { FramingHost } from "../../../core/framing/framing.ts";
import { isNext, mayAnswer } from "../../../core/framing/order.ts";
import { Pdu } from "../../../core/framing/pdu.ts";
import { ServerView, stagedLength } from "./server_view.ts";
import { TEXTS } from "./texts.ts";

/** The status of a command before a login. */
export const STATUS_UNAUTHENTICATED = 40;
/** Statuses a server sends without being asked: going away, read error, bad frame. */
export const UNSOLICITED = new Map([
  [8, "the server is going away"],
  [31, "the server could not read from the connection"],
  [3, "the server read something that is no request"],
]);
/** After this silence every request before it is taken for answered. */
export const QUIET_SECONDS = 1;
/** So many pairs, one at a time, show a client that waits for each response. */
const LOCKSTEP_PAIRS = 2;
/** Servers since this release read a staged request by its parts. */
export const STAGED_READS_SINCE = firstOf("0.7");

/** A request from its header on, until it is paired. */
interface Pending {
  readonly code: number;
  readonly command: Command | null;
  /** Where it begins in the client's flow, counted since the last loss of sync. */
  readonly offset: number;
  readonly length: number;
  /** The packet with its first bytes. */
  readonly begun: Stamp;
  readonly issues: Issue[];
  pdu: Pdu | null;
  response: Pdu | null;
}

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
    if (side === "server") this.#lastAnswered = stamp.packet;
    else this.#view?.feed(bytes.subarray(start, end));
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
  after(stamp: Stamp): void {
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
    this.missed();
    // Requests that seemed to run ahead of the responses only ran ahead of the lost ones.
    if (side === "server" && this.#aheadSince > this.#lastAnswered) this.#lockstep = true;
  }

  /** Something was said that was not read, at some moment since the last that was. */
  missed(): void {
    this.#lastSeconds = NaN;
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
    const isQuiet = secondsOf(stamp) - this.#lastSeconds > QUIET_SECONDS;
    if (!this.#certain && !this.#unfollowed && isQuiet) {
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
    this.#queue.push(pending);
    const together = this.#lastBegun === stamp.packet;
    if (this.#queue.length > 1 && (together || this.#certain && this.#lockstep)) {
      this.#runsAhead(together ? 0 : stamp.packet);
    }
    this.#lastBegun = stamp.packet;
    if (this.#queue.length > this.#host.maxOutstanding) {
      const dropped = this.#queue.shift()!;
      this.#droppedAhead++;
      this.#unanswered(
        dropped,
        "too many requests were waiting; its response is not awaited",
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
    if (this.#droppedAhead > 0) {
      this.#droppedAhead--;
      this.#orphan(pdu, TEXTS.given_up);
      return;
    }
    if (this.#view !== null && this.#misread(pdu)) return;
    const [oldest] = this.#queue;
    if (this.#certain && oldest !== undefined && !isAllowed(oldest, pdu)) this.#doubt();
    if (this.#isOdd(pdu) || !this.#certain && !this.#couldAnswer(pdu)) {
      this.#orphan(pdu, TEXTS.untold);
      return;
    }
    const pending = this.#queue.shift();
    if (pending === undefined) this.#orphan(pdu, null);
    else this.#answer(pending, pdu);
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
    const { command } = pending;
    if (command === null || pdu.status !== 0 || pdu.isEmpty) return true;
    return this.#host.releases.fits(
      command.response,
      pdu.bytes,
      pdu.start,
      pdu.end,
      !pdu.whole,
    );
  }

  /** Requests are sent before the last one is answered, since this packet. */
  #runsAhead(packet: number): void {
    this.#lockstep = false;
    this.#aheadSince = packet;
  }

  /** Gives the oldest requests out: their responses may have been missed. */
  #giveUp(count: number): void {
    for (const pending of this.#queue.splice(0, Math.max(0, count))) {
      this.#unanswered(pending, "its response may be among the bytes not captured");
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
        "a further answer to " +
          (refused.pdu === null
            ? ""
            : `the request of packet ${refused.pdu.stamp.packet}, `) +
          `whose bytes from ${
            frame.start - refused.offset
          } on the server took for a frame`,
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
  #orphan(pdu: Pdu, reason: string | null): void {
    const unsolicited = UNSOLICITED.get(pdu.status!);
    const message = reason ??
      (unsolicited === undefined
        ? TEXTS.not_captured
        : `${TEXTS.unsolicited}${unsolicited}`);
    this.#host.exchange({
      command: null,
      name: null,
      code: null,
      request: null,
      response: pdu,
      issues: [issue("note", "sequence", message, pdu.stamp.packet)],
    });
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

/** A server that refuses a request may do so before it has all of it. */
function isAllowed({ pdu, begun, length }: Pending, response: Pdu): boolean {
  return mayAnswer(
    pdu?.stamp ?? begun,
    response.status === 0 ? length : HEADER,
    response.stamp,
  );
}

function secondsOf({ seconds, nanos }: Stamp): number {
  return seconds + nanos / 1e9;
}

/** What is wrong with a request's frame, whatever its payload. */
function frameProblem(
  bytes: Uint8Array,
  { code, command, length }: Pending,
): string | null {
  const stated = u32le(bytes, 0);
  if (stated < LENGTH) return `length ${stated} is less than 4`;
  if (LENGTH + stated !== length) return `length ${stated} is more than a server reads`;
  return command === null ? `unknown command code ${code}` : null;
}
