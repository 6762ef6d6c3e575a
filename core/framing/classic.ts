import { u32le } from "../bytes/integers.ts";
import { type Issue, issue } from "../issue.ts";
import { type Command, type CommandTable, firstOf } from "../schema/mod.ts";
import type { Side } from "../tcp/conversation.ts";
import { FrameReader } from "./frame_reader.ts";
import type { Framer, Framing, FramingHost, Opening, Verdict } from "./framing.ts";
import { Pdu, type Stamp } from "./pdu.ts";
import { MAX_CONTROL_PAYLOAD, ServerView, stagedLength } from "./server_view.ts";
import { isTls } from "./tls.ts";
import { detectVsr } from "./vsr_shape.ts";

const HEADER = 8;
/** The length of a request counts its code, not itself. */
const LENGTH = 4;
/** Largest status ever given out; larger numbers speak against a response. */
const MAX_STATUS = 20_000;
const STATUS_UNAUTHENTICATED = 40;
/** Statuses a server sends without being asked: going away, read error, bad frame. */
const UNSOLICITED = new Map([
  [8, "the server is going away"],
  [31, "the server could not read from the connection"],
  [3, "the server read something that is no request"],
]);
/** After this silence every request before it is taken for answered. */
const QUIET_SECONDS = 1;
const STAGED_READS_SINCE = firstOf("0.7");

/**
 * The framing of servers 0.5 to 0.8: requests `length u32, code u32, payload`, responses
 * `status u32, length u32, payload`, little-endian, answered in order.
 *
 * Source: apache/iggy core/server/src/tcp/connection_handler.rs and
 * core/binary_protocol/src/framing.rs at server-0.8.0.
 */
export const classic: Framing = Object.freeze({
  name: "classic",
  since: "0.5",
  upTo: "0.8",
  ports: [8090],
  detect,
  open: (host: FramingHost) => new ClassicFramer(host),
});

/** Bytes that show VSR framing are never taken for classic, though their zeros look like it. */
function detect(opening: Opening, commands: CommandTable): Verdict {
  // A client may begin TLS with a server that answers it in classic errors.
  const tls = isTls(opening.server) || isTls(opening.client) && opening.server.length < 5;
  if (tls) return isTls(opening.server) || opening.ended ? "no" : "more";
  const vsr = detectVsr(opening);
  if (vsr === "yes" || vsr === "swapped") return "no";
  const certain = requestVerdict(opening.client, commands, opening.expected) === "yes";
  const verdict = detectAlone(opening, commands);
  return verdict === "yes" && !certain && vsr === "more" ? "more" : verdict;
}

function detectAlone(opening: Opening, commands: CommandTable): Verdict {
  const { client, server, fromStart, expected, ended } = opening;
  const request = requestVerdict(client, commands, expected);
  const response = responseVerdict(server);
  if (fromStart) {
    if (request === "yes") return "yes";
    if (!expected) return request === "no" ? "no" : ended ? "no" : "more";
    if (response !== "more") return response;
    if (client.length >= HEADER && request === "no" && ended) return "no";
    return ended ? (client.length > 0 ? "no" : "yes") : "more";
  }
  if (request === "yes") return "yes";
  if (requestVerdict(server, commands, expected) === "yes") return "swapped";
  if (!expected) return ended || client.length + server.length > 4096 ? "no" : "more";
  return client.length + server.length >= HEADER ? "yes" : ended ? "no" : "more";
}

function requestVerdict(
  bytes: Uint8Array,
  commands: CommandTable,
  expected: boolean,
): "yes" | "no" | "more" {
  if (bytes.length < HEADER) return "more";
  const payload = u32le(bytes, 0) - LENGTH;
  const command = commands.byCode(u32le(bytes, 4));
  if (command === undefined) {
    return expected && payload >= 0 && payload <= 64 && payload + HEADER === bytes.length
      ? "yes"
      : "no";
  }
  return payload >= (expected ? -LENGTH : command.request.minSize) &&
      payload <= 4 * MAX_CONTROL_PAYLOAD
    ? "yes"
    : "no";
}

function responseVerdict(bytes: Uint8Array): "yes" | "no" | "more" {
  if (bytes.length < HEADER) return "more";
  const status = u32le(bytes, 0);
  const length = u32le(bytes, 4);
  if (status !== 0) return status <= MAX_STATUS && length === 0 ? "yes" : "no";
  return "yes";
}

/** A request from its header on, until it is paired. */
interface Pending {
  readonly code: number;
  readonly command: Command | null;
  /** Where it begins in the client's flow, counted since the last loss of sync. */
  readonly offset: number;
  readonly length: number;
  readonly issues: Issue[];
  pdu: Pdu | null;
  response: Pdu | null;
}

class ClassicFramer implements Framer {
  readonly #host: FramingHost;
  readonly #requests: FrameReader;
  readonly #responses: FrameReader;
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
  /** Requests given up because too many were waiting; their responses come first. */
  #droppedAhead = 0;
  /** What the server reads where it does not read what the client meant. */
  #view: ServerView | null = null;
  #refused: Pending | null = null;

  constructor(host: FramingHost) {
    this.#host = host;
    this.#certain = host.fromStart;
    const most = host.maxPdu + HEADER;
    const skipped = (what: string) => (_: Uint8Array, length: number, stamp: Stamp) =>
      host.report(
        issue(
          "warn",
          "sequence",
          `${length} bytes of the ${what} belong to no PDU`,
          stamp.packet,
        ),
      );
    this.#requests = new FrameReader({
      header: HEADER,
      most,
      measure: (bytes, offset) => this.#measureRequest(bytes, offset),
      begin: (bytes, offset, length, stamp) => this.#begin(bytes, offset, length, stamp),
      frame: (bytes, length, stamp) => this.#request(bytes, length, stamp),
      resync: (bytes, offset, end, starts) =>
        this.#resyncRequest(bytes, offset, end, starts),
      skipped: skipped("client's flow"),
    }, host.fromStart);
    this.#responses = new FrameReader({
      header: HEADER,
      most,
      measure: (bytes, offset) => measureResponse(bytes, offset, most),
      frame: (bytes, length, stamp) => this.#response(bytes, length, stamp),
      resync: (bytes, offset, end, starts) =>
        this.#resyncResponse(bytes, offset, end, starts),
      skipped: skipped("server's flow"),
    }, host.fromStart);
  }

  data(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    if (side === "server") {
      this.#lastAnswered = stamp.packet;
      this.#responses.push(bytes, start, end, stamp);
    } else {
      this.#view?.feed(bytes.subarray(start, end));
      this.#requests.push(bytes, start, end, stamp);
    }
    this.#lastSeconds = secondsOf(stamp);
  }

  gap(side: Side, length: number, stamp: Stamp | null): void {
    this.#certain = false;
    this.#leftOver = -Infinity;
    this.#view = null;
    if (stamp !== null) this.#lastSeconds = secondsOf(stamp);
    // Requests that seemed to run ahead of the responses only ran ahead of the lost ones.
    if (side === "server" && this.#aheadSince > this.#lastAnswered) this.#lockstep = true;
    (side === "client" ? this.#requests : this.#responses).gap(length);
  }

  finish(side: Side): void {
    (side === "client" ? this.#requests : this.#responses).cut();
    if (side === "server") this.#silence = "the server closed without a response";
  }

  close(): void {
    this.#requests.cut();
    this.#responses.cut();
    if (this.#host.fromStart && this.#lastAnswered === 0) this.#sayIfUnheard();
    for (const pending of this.#queue) {
      if (this.#view !== null) this.#swallowed(pending);
      else this.#unanswered(pending);
    }
    this.#queue = [];
  }

  /** A server of the VSR generation waits for 256 bytes and then closes, without a word. */
  #sayIfUnheard(): void {
    const [first] = this.#queue;
    if (first?.command == null || first.pdu === null || !first.pdu.whole) return;
    if ((first.pdu.decoded?.problems ?? 0) > 0) return;
    this.#host.report(issue(
      "note",
      "protocol",
      "the client speaks classic framing and the server never answers: servers since 0.9 " +
        "understand only VSR framing",
      first.pdu.stamp.packet,
    ));
  }

  /** A header that no server reads a body for is a frame of its own. */
  #measureRequest(bytes: Uint8Array, offset: number): number {
    const length = u32le(bytes, offset);
    if (length < LENGTH) return HEADER;
    if (length - LENGTH <= MAX_CONTROL_PAYLOAD) return LENGTH + length;
    const command = this.#host.commands.byCode(u32le(bytes, offset + 4));
    return command?.staged == null ? HEADER : LENGTH + length;
  }

  #begin(bytes: Uint8Array, offset: number, length: number, stamp: Stamp): void {
    if (!this.#certain && secondsOf(stamp) - this.#lastSeconds > QUIET_SECONDS) {
      this.#giveUp(this.#queue.length);
      this.#certain = true;
    }
    const code = u32le(bytes, offset + 4);
    const pending: Pending = {
      code,
      command: this.#host.commands.byCode(code) ?? null,
      offset: this.#nextOffset,
      length,
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

  #request(bytes: Uint8Array, length: number, stamp: Stamp): void {
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

  #response(bytes: Uint8Array, length: number, stamp: Stamp): void {
    const pdu = new Pdu(stamp, bytes, length, HEADER, u32le(bytes, 0));
    if (this.#droppedAhead > 0) {
      this.#droppedAhead--;
      this.#orphan(pdu, "answers a request that was given up");
      return;
    }
    if (this.#view !== null && this.#misread(pdu)) return;
    if (!this.#certain && !this.#couldAnswer(pdu)) {
      this.#orphan(pdu, "nothing tells its request, after a part that was not captured");
      return;
    }
    const pending = this.#queue.shift();
    if (pending === undefined) this.#orphan(pdu, null);
    else this.#answer(pending, pdu);
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
    if (pdu.status === 0 && command !== null) {
      if (!pdu.isEmpty) pdu.interpret(command.response, this.#host.releases);
      else if (command.response.minSize > 0 && !command.emptyIfMissing) {
        pdu.report(issue("warn", "malformed", "no payload", pdu.stamp.packet, HEADER));
      }
    }
    if (pending.pdu === null) pending.response = pdu;
    else this.#emit(pending, pdu);
    if (pdu.status !== 0) this.#followRefusal(pending, pdu.status!);
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

  /** Where a refusal leaves bytes unread, follows what the server makes of them. */
  #followRefusal(pending: Pending, status: number): void {
    const { command, offset } = pending;
    const { releases, maxPdu } = this.#host;
    if (command?.staged == null || releases.newest < STAGED_READS_SINCE) return;
    const bytes = this.#bytesFrom(pending);
    const beforeLogin = status === STATUS_UNAUTHENTICATED;
    const taken = stagedLength(command, bytes, beforeLogin, releases.newest);
    if (taken === null || taken === pending.length) return;
    if (pending.length > maxPdu && pending.pdu === null) {
      this.#nextOffset = offset + taken;
      this.#requests.shorten(taken);
      return;
    }
    this.#refused = pending;
    this.#view = new ServerView(offset + taken, command, beforeLogin, releases.newest);
    this.#view.feed(bytes.subarray(Math.min(taken, bytes.length)));
  }

  /** The client's bytes from a request on, as far as they are here. */
  #bytesFrom(pending: Pending): Uint8Array {
    const parts = [pending, ...this.#queue].flatMap(({ pdu }) =>
      pdu === null ? [] : [pdu.bytes]
    );
    parts.push(this.#requests.pending);
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
        ? "its request was not captured"
        : `unsolicited, or its request was not captured: ${unsolicited}`);
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
  }

  #resyncRequest(
    bytes: Uint8Array,
    offset: number,
    end: number,
    starts: readonly number[],
  ): number {
    for (const at of candidates(offset, end, starts)) {
      const known = starts.includes(at);
      const command = this.#host.commands.byCode(u32le(bytes, at + 4));
      const length = u32le(bytes, at);
      if (command === undefined || length < LENGTH) continue;
      const payload = length - LENGTH;
      if (payload < command.request.minSize || payload > this.#host.maxPdu) continue;
      if (command.request.fields!.length === 0 && payload > 0) continue;
      const next = at + LENGTH + length;
      const begun = next > end;
      if (begun && !known) continue;
      const { releases, commands } = this.#host;
      const last = Math.min(next, end);
      if (!releases.fits(command.request, bytes, at + HEADER, last, begun)) continue;
      if (known || next === end || startsRequest(bytes, next, end, commands)) return at;
    }
    return -1;
  }

  #resyncResponse(
    bytes: Uint8Array,
    offset: number,
    end: number,
    starts: readonly number[],
  ): number {
    const awaited = this.#queue[this.#queue.length - 1]?.command ?? null;
    for (const at of candidates(offset, end, starts)) {
      if (!starts.includes(at)) continue;
      if (responseVerdict(bytes.subarray(at, at + HEADER)) !== "yes") continue;
      const length = u32le(bytes, at + 4);
      if (length > this.#host.maxPdu) continue;
      const next = at + HEADER + length;
      const begun = next > end;
      if (length === 0 && !couldBeEmpty(awaited, bytes, at)) continue;
      if (length === 0 && next < end && !startsResponse(bytes, next, end)) continue;
      const last = Math.min(next, end);
      if (
        length > 0 && awaited !== null &&
        !this.#host.releases.fits(awaited.response, bytes, at + HEADER, last, begun)
      ) continue;
      return at;
    }
    return -1;
  }
}

function secondsOf({ seconds, nanos }: Stamp): number {
  return seconds + nanos / 1e9;
}

/** Zeros are too common to be taken for the empty answer of a command that gives one rarely. */
function couldBeEmpty(command: Command | null, bytes: Uint8Array, at: number): boolean {
  return u32le(bytes, at) !== 0 || command === null || command.emptyIfMissing ||
    command.response.minSize === 0;
}

/** Offsets worth trying, where segments began first. */
function* candidates(offset: number, end: number, starts: readonly number[]) {
  for (const at of starts) if (at >= offset && at + HEADER <= end) yield at;
  for (let at = offset; at + HEADER <= end; at++) yield at;
}

function startsRequest(
  bytes: Uint8Array,
  at: number,
  end: number,
  commands: CommandTable,
): boolean {
  return end - at >= HEADER && u32le(bytes, at) >= LENGTH &&
    commands.byCode(u32le(bytes, at + 4)) !== undefined;
}

function startsResponse(bytes: Uint8Array, at: number, end: number): boolean {
  return responseVerdict(bytes.subarray(at, Math.min(end, at + HEADER))) === "yes";
}

function measureResponse(bytes: Uint8Array, offset: number, most: number): number {
  const status = u32le(bytes, offset);
  const length = u32le(bytes, offset + 4);
  if (status !== 0) return length === 0 ? HEADER : 0;
  return HEADER + length <= most ? HEADER + length : 0;
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
