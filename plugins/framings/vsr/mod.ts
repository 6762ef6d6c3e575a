/**
 * @module
 * VSR framing, of servers since 0.9: headers, names, pairing, links between replicas, and the
 * Lua twin of these.
 */
import type { Side, Stamp } from "../../../core/flow/mod.ts";
import { u32le } from "../../../core/bytes/integers.ts";
import { type Issue, issue } from "../../../core/issue.ts";
import { type CommandTable, commandTable, EARLIEST } from "../../../core/schema/mod.ts";
import { FrameReader } from "../../../core/framing/frame_reader.ts";
import type { Framer, Framing, FramingHost } from "../../../core/framing/framing.ts";
import type { Pdu } from "../../../core/framing/pdu.ts";
import { CLIENT_FRAMES } from "./client_frames.ts";
import { type FrameKind, type FrameTable, frameTable } from "./frames.ts";
import { VSR_HEADER } from "./header_parts.ts";
import { vsrLua } from "./lua.ts";
import { classicServer, mismatch } from "./mismatch.ts";
import { EVICTION, INCOMPATIBLE_PROTOCOL, REGISTER, REPLY, REQUEST } from "./names.ts";
import { NEWER_FRAMES } from "./newer_frames.ts";
import { type PendingRequest, VsrPairing } from "./pairing.ts";
import { REPLICA_FRAMES } from "./replica_frames.ts";
import { ReplicaLink } from "./replica.ts";
import {
  acceptedVersions,
  evictionPdu,
  evictionReason,
  framePdu,
  replyPdu,
} from "./reply.ts";
import {
  clientOf,
  isDropped,
  readRequest,
  replyKey,
  type RequestReading,
  statedProtocol,
  statesVersion,
} from "./request.ts";
import {
  COMMAND_AT,
  detectVsr,
  findHeader,
  isFrameMessage,
  isHeader,
  legalSize,
  MAX_FRAME,
  SIZE_AT,
  statedSize,
} from "./shape.ts";
import { filled, VSR_TEXTS } from "../texts.ts";
import { serverReleases } from "./versions.ts";
import { type EndedFrame, endedFrame, wrongEnd } from "./wrong_end.ts";

const CLUSTER_AT = 32;
/** Where an eviction names its client. */
const EVICTED_AT = 128;
/** Largest status that a classic server gives. */
const MAX_CLASSIC_STATUS = 20_000;

/** The frames that are known, on links of clients and between replicas. */
export const VSR_FRAMES: readonly FrameKind[] = Object.freeze([
  ...CLIENT_FRAMES,
  ...REPLICA_FRAMES,
  ...NEWER_FRAMES,
]);

/**
 * The framing of servers since 0.9.0-edge.2, between clients and servers and between replicas:
 * headers of 256 bytes that state the length of the frame.
 *
 * Source: apache/iggy core/binary_protocol/src/consensus/ at server-0.9.0-edge.5.
 */
export const vsr: Framing = vsrFraming(commandTable([]), VSR_FRAMES);

function vsrFraming(commands: CommandTable, kinds: readonly FrameKind[]): Framing {
  let made: VsrParts | null = null;
  // Made when asked for: a registry's framing is bound to its commands, and is another one.
  const parts = () => made ??= vsrParts(commands, kinds);
  return Object.freeze<Framing>({
    name: "vsr",
    since: "0.9-edge.2",
    ports: [8090],
    get lua() {
      return parts().lua;
    },
    get headers() {
      return parts().headers;
    },
    get bodies() {
      return parts().bodies;
    },
    get parts() {
      return parts().frames.all;
    },
    bind: (commands, added) =>
      vsrFraming(commands, [...VSR_FRAMES, ...added as readonly FrameKind[]]),
    message: { certain: isFrameMessage, plausible: isFrameMessage, stated: statedSize },
    detect: (opening) => detectVsr(opening),
    open: (host: FramingHost) => new VsrFramer(host, parts().frames),
  });
}

/** What a framing has of its kinds of frames. */
interface VsrParts extends Pick<Framing, "lua" | "headers" | "bodies"> {
  readonly frames: FrameTable;
}

function vsrParts(commands: CommandTable, kinds: readonly FrameKind[]): VsrParts {
  const frames = frameTable(kinds, commands);
  const bodies = frames.all.filter(({ spec }) => spec.body !== undefined)
    .map(({ name, body }) => [`vsr.${name}`, body] as const);
  return {
    frames,
    lua: vsrLua(frames, commands),
    headers: [...frames.all.map(({ header }) => header), frames.unknown],
    bodies: Object.fromEntries(bodies),
  };
}

class VsrFramer implements Framer {
  readonly #host: FramingHost;
  readonly #frames: FrameTable;
  readonly #reading: RequestReading;
  readonly #readers: Readonly<Record<Side, FrameReader>>;
  readonly #pairing: VsrPairing;
  readonly #replicas: ReplicaLink;
  #link: "client" | "replica" | null = null;
  /** A server that answers in the classic framing was pointed out. */
  #classicTold = false;
  #serverSpoke = false;
  #silence = "no response was captured";
  /** The protocol version of the client's login. */
  #stated: number | null = null;
  /** The packet whose bytes are being read. */
  #packet: number | null = null;
  /** The last frame of each side, to see whether it ended where it said. */
  readonly #last: Record<Side, EndedFrame | null> = { client: null, server: null };

  constructor(host: FramingHost, frames: FrameTable) {
    this.#host = host;
    this.#frames = frames;
    const { commands, releases } = host;
    const every = releases.within(EARLIEST, releases.newest);
    this.#reading = { commands, frames, releases, every };
    this.#replicas = new ReplicaLink(host, frames);
    this.#pairing = new VsrPairing({
      fromStart: host.fromStart,
      maxOutstanding: host.maxOutstanding,
      releases: host.releases,
      unanswered: (request, reason) => this.#unanswered(request, reason),
    });
    this.#readers = { client: this.#reader("client"), server: this.#reader("server") };
  }

  data(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    this.#packet = stamp.packet;
    this.#pairing.alive(side, stamp);
    if (side === "server" && !this.#serverSpoke) {
      // Such a server may say less than the header of a VSR frame.
      if (this.#host.fromStart && end - start >= 8) this.#isClassicAnswer(bytes, start);
      this.#serverSpoke = true;
    }
    this.#readers[side].push(bytes, start, end, stamp);
  }

  gap(side: Side, length: number): void {
    this.#last[side] = null;
    if (!this.#readers[side].gap(length)) this.#pairing.gap();
  }

  finish(side: Side): void {
    this.#readers[side].cut();
    if (side === "server") this.#silence = "the server closed without a response";
  }

  close(): void {
    this.#readers.client.cut();
    this.#readers.server.cut();
    this.#pairing.close(this.#silence);
  }

  #reader(side: Side): FrameReader {
    return new FrameReader({
      header: VSR_HEADER,
      most: Math.min(this.#host.maxPdu, MAX_FRAME),
      measure: (bytes, offset) => this.#measure(side, bytes, offset),
      frame: (bytes, length, stamp) => this.#frame(side, bytes, length, stamp),
      resync: (bytes, offset, end, starts) =>
        resync(bytes, offset, end, starts, (command) => this.#isSent(side, command)),
      skipped: (bytes, length, stamp) => {
        const before = this.#wrongEnd(side, bytes, 0);
        if (before !== null) this.#host.report(before);
        const message = `${length} bytes of the ${side}'s flow belong to no PDU`;
        this.#host.report(issue("warn", "sequence", message, stamp.packet));
      },
      passed: (last, next) => {
        if (side === "client") this.#pairing.passed(last, next);
      },
    }, this.#host.fromStart);
  }

  /** Whether a side may send such a frame: only then is it found behind lost bytes. */
  #isSent(side: Side, command: number): boolean {
    if (this.#link !== "client") return this.#frames.byNumber(command) !== undefined;
    return side === "client"
      ? command === REQUEST
      : command === REPLY || command === EVICTION;
  }

  #measure(side: Side, bytes: Uint8Array, offset: number): number {
    const size = u32le(bytes, offset + SIZE_AT);
    const command = bytes[offset + COMMAND_AT]!;
    const known = this.#frames.byNumber(command) !== undefined;
    if (known && legalSize(size) || isHeader(bytes, offset, bytes.length)) return size;
    if (side === "server" && this.#isClassicAnswer(bytes, offset)) return 0;
    const message = legalSize(size)
      ? `command byte ${command} is not known, and its header has the shape of none`
      : `size ${size} is not in ${VSR_HEADER}..${MAX_FRAME}`;
    const text = `${message}: no frame starts here`;
    this.#host.report(
      this.#wrongEnd(side, bytes, offset) ??
        issue("error", "malformed", text, this.#packet, SIZE_AT),
    );
    return 0;
  }

  /** What is wrong with the frame before, where none starts behind it. */
  #wrongEnd(side: Side, bytes: Uint8Array, offset: number): Issue | null {
    const found = wrongEnd(this.#last[side], bytes, offset);
    this.#last[side] = null;
    return found;
  }

  /** Servers up to 0.8 answer each 8 bytes of a VSR frame with an error of their own. */
  #isClassicAnswer(bytes: Uint8Array, offset: number): boolean {
    const status = u32le(bytes, offset);
    if (status === 0 || status > MAX_CLASSIC_STATUS || u32le(bytes, offset + 4) !== 0) {
      return false;
    }
    if (!this.#classicTold) {
      const message = classicServer(this.#stated);
      this.#host.report(issue("error", "protocol", message, this.#packet));
    }
    return this.#classicTold = true;
  }

  #frame(side: Side, bytes: Uint8Array, length: number, stamp: Stamp): void {
    const command = bytes[COMMAND_AT]!;
    this.#last[side] = endedFrame(bytes, length, stamp);
    const isRequest = side === "client" && command === REQUEST;
    const isAnswer = side === "server" && (command === REPLY || command === EVICTION);
    if (isRequest || isAnswer) {
      if (this.#link !== "client") this.#isClientLink();
      if (isRequest) this.#request(bytes, length, stamp);
      else if (command === REPLY) this.#reply(bytes, length, stamp);
      else this.#eviction(bytes, length, stamp);
    } else if (
      this.#link === "replica" || this.#link === null && isBetweenReplicas(bytes)
    ) {
      this.#link = "replica";
      this.#replicas.frame(side, bytes, length, stamp);
    } else this.#stray(side, bytes, length, stamp);
  }

  #isClientLink(): void {
    this.#link = "client";
    this.#host.link({ kind: "client", replicas: { client: null, server: null } });
  }

  #request(bytes: Uint8Array, length: number, stamp: Stamp): void {
    const request = readRequest(stamp, bytes, length, this.#reading);
    const { command } = request;
    if (command !== null && statesVersion(command)) {
      this.#stated = statedProtocol(request.pdu);
    }
    const never = command?.unanswered || isDropped(bytes, this.#reading);
    if (never) this.#exchange(request, null);
    else this.#pairing.add(request);
  }

  #reply(bytes: Uint8Array, length: number, stamp: Stamp): void {
    const { commands, releases } = this.#host;
    const { number, operation, replicated } = replyKey(bytes, commands);
    // The command, and with it the payload, is known for certain once the request is.
    const likely = commands.byOperation(operation);
    const draft = replyPdu(stamp, bytes, length, likely[0] ?? null, this.#reading);
    const found = this.#pairing.answer(operation, number, draft);
    const paired = typeof found === "string" ? null : found;
    const command = paired?.command ?? (likely.length === 1 ? likely[0]! : null);
    const pdu = paired?.command == null || paired.command === likely[0]
      ? draft
      : replyPdu(stamp, bytes, length, paired.command, this.#reading);
    const layout = (command ?? likely[0])?.response;
    if (pdu.status === 0 && layout !== undefined) pdu.interpret(layout, releases);
    if (
      pdu.status === 0 && (replicated === REGISTER || command && statesVersion(command))
    ) {
      this.#settle(pdu);
    } else if (pdu.status === 0 && paired?.command != null) {
      releases.keep(paired.command.from, paired.command.to);
    }
    pdu.readHeaderBy(releases.newest);
    if (paired !== null) this.#exchange(paired, pdu);
    else {
      const issues = [issue("note", "sequence", found as string, stamp.packet)];
      this.#alone(command, command?.code ?? null, pdu, issues);
    }
  }

  /** The answer to a login says what the server is; from here on it is certain. */
  #settle(pdu: Pdu): void {
    const fields = pdu.decoded?.fields as
      | { server_protocol_version?: number; server_version?: string }
      | undefined;
    const { server_protocol_version: protocol, server_version: version } = fields ?? {};
    if (protocol === undefined || version === undefined || !pdu.whole) return;
    const { first, last } = serverReleases(protocol, version);
    this.#host.releases.settle(first, last);
  }

  #eviction(bytes: Uint8Array, length: number, stamp: Stamp): void {
    const pdu = evictionPdu(stamp, bytes, length, this.#reading);
    const reason = evictionReason(bytes);
    const client = clientOf(bytes, EVICTED_AT).toHex();
    const request = this.#pairing.evict(reason, client, pdu);
    if (reason === INCOMPATIBLE_PROTOCOL) {
      const { command } = request ?? {};
      const stated = command && statesVersion(command)
        ? statedProtocol(request!.pdu)
        : null;
      const message = mismatch(stated, acceptedVersions(bytes));
      pdu.report(issue("warn", "protocol", message, stamp.packet, 144));
    }
    if (request !== null) this.#exchange(request, pdu);
    else {
      const { unasked } = VSR_TEXTS;
      this.#alone(null, null, pdu, [issue("note", "sequence", unasked, stamp.packet)]);
    }
  }

  /** A frame that has no place on this link. */
  #stray(side: Side, bytes: Uint8Array, length: number, stamp: Stamp): void {
    const command = bytes[COMMAND_AT]!;
    const name = this.#frames.names[command] ?? "unknown";
    const pdu = framePdu(stamp, bytes, length, this.#reading);
    pdu.sender = side;
    if (name !== "unknown") {
      const message = filled(VSR_TEXTS.stray, side, name);
      pdu.report(issue("warn", "protocol", message, stamp.packet, COMMAND_AT));
    }
    this.#host.exchange({
      command: null,
      name: `vsr.${name}`,
      code: command,
      request: pdu,
      response: null,
      issues: [],
    });
  }

  #unanswered(request: PendingRequest, reason: string): void {
    const { packet } = request.pdu.stamp;
    request.issues.push(issue("note", "sequence", reason, packet));
    this.#exchange(request, null);
  }

  #exchange({ command, code, pdu, issues }: PendingRequest, response: Pdu | null): void {
    this.#host.exchange({ command, name: null, code, request: pdu, response, issues });
  }

  #alone(
    command: PendingRequest["command"],
    code: number | null,
    response: Pdu,
    issues: Issue[],
  ): void {
    this.#host.exchange({ command, name: null, code, request: null, response, issues });
  }
}

/** Frames between replicas name their cluster; those of clients do not. */
function isBetweenReplicas(bytes: Uint8Array): boolean {
  const command = bytes[COMMAND_AT]!;
  return command > REQUEST && command !== REPLY && command !== EVICTION &&
    bytes.subarray(CLUSTER_AT, SIZE_AT).some((byte) => byte !== 0);
}

/**
 * The next header of a frame that is sent. Its frame has to end where another begins or with
 * the bytes that are there; one that is not all there has to begin with a segment.
 */
function resync(
  bytes: Uint8Array,
  offset: number,
  end: number,
  starts: readonly number[],
  isSent: (command: number) => boolean,
): number {
  for (
    let at = findHeader(bytes, offset, end);
    at >= 0;
    at = findHeader(bytes, at + 1, end)
  ) {
    if (at + VSR_HEADER > end) return -1;
    if (!isSent(bytes[at + COMMAND_AT]!)) continue;
    const next = at + u32le(bytes, at + SIZE_AT);
    const isProven = next === end || starts.includes(at) || isHeader(bytes, next, end);
    if (isProven) return at;
  }
  return -1;
}
