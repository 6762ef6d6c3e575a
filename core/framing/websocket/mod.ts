/**
 * @module
 * WebSocket as a carrier: the HTTP upgrade, frames, and their messages' payload handed to
 * whichever framing of the registry recognises it.
 */
import { moved, type Side, type Stamp } from "../../flow/mod.ts";
import { type Issue, issue } from "../../issue.ts";
import type {
  Framer,
  Framing,
  FramingHost,
  Known,
  MessageShape,
  Opening,
  Verdict,
} from "../framing.ts";
import { beginsWith, MAX_HEAD, readHead, statusOf, upgrades } from "../http_head.ts";
import {
  findFrame,
  OPCODE,
  type WebSocketFrame,
  type WebSocketHeader,
  WebSocketReader,
} from "./reader.ts";

const MOST = 64 * 1024 * 1024 + 256;
/** Payload bytes held back at most while it is unknown what they carry. */
const MAX_HELD = 64 * 1024;
/** How the HTTP heads of an upgrade begin. */
const GET = "GET ", SWITCHING = "HTTP/1.1 101";

/**
 * WebSocket as a carrier: an HTTP upgrade, then frames whose binary messages carry a framing of
 * the registry, as its {@link MessageShape} says. Conversations are named by what is carried.
 * Compression of messages (permessage-deflate) is not supported.
 *
 * Source: RFC 6455.
 */
export const websocket: Framing = Object.freeze({
  name: "websocket",
  since: "0.5",
  ports: [8092],
  carrier: true,
  detect,
  open: (host: FramingHost) => new WebSocketFramer(host),
});

function detect(opening: Opening, known: Known): Verdict {
  const { client, server, fromStart, expected, ended } = opening;
  if (fromStart) {
    if (!beginsWith(client, GET)) return "no";
    const head = readHead(client);
    if (head === null) return ended || client.length > MAX_HEAD ? "no" : "more";
    if (!upgrades(head)) return "no";
    if (expected) return "yes";
    const answer = readHead(server);
    if (answer === null) return ended || server.length > MAX_HEAD ? "no" : "more";
    if (statusOf(answer) !== 101) return "no";
    const carriesInner = carries(client.subarray(head.length), "client", known) ||
      carries(server.subarray(answer.length), "server", known);
    return carriesInner ? "yes" : ended || client.length > 2048 ? "no" : "more";
  }
  return fromTheMiddle(opening, known);
}

/**
 * From the middle, or behind an HTTP head that the snap length cut, frames tell: each packet is
 * looked at, as a cut one hides where the next frame begins.
 */
function fromTheMiddle(opening: Opening, known: Known): Verdict {
  const { client, server, segments, ended } = opening;
  const shown = segments ?? [
    { side: "client", bytes: client },
    { side: "server", bytes: server },
  ] as const;
  const seen = (from: Side, as: Side) =>
    shown.some(({ side, bytes }) => side === from && carries(bytes, as, known));
  if (seen("client", "client") || seen("server", "server")) return "yes";
  if (seen("client", "server") && seen("server", "client")) return "swapped";
  const mayUpgrade = client.length >= GET.length && beginsWith(client, GET) &&
    beginsWith(server, SWITCHING);
  return mayUpgrade && !ended ? "more" : "no";
}

/** Whether a flow has a WebSocket frame in it that only a framing of the registry sends. */
function carries(bytes: Uint8Array, side: Side, known: Known): boolean {
  return findFrame(bytes, {
    most: MOST,
    plausible: messageTest(side, known, "certain"),
  }) >= 0;
}

/** Tells frames of a side that carry a PDU of a framing of the registry. */
function messageTest(
  side: Side,
  { commands, framings }: Known,
  test: Exclude<keyof MessageShape, "stated">,
) {
  return (header: WebSocketHeader, payload: Uint8Array): boolean =>
    (header.mask !== null) === (side === "client") &&
    framings.some(({ message }) =>
      message?.[test](side, payload, header.length, commands) ?? false
    );
}

/** Payload that waits until its framing is known. */
type Held = { side: Side; part: Uint8Array | number; stamp: Stamp };

/** One side's frames and messages. */
interface Half {
  readonly reader: WebSocketReader;
  /** Bytes of the HTTP head while it is incomplete; null behind it. */
  head: Uint8Array | null;
  /** Opcode of the message under way, or 0. */
  opcode: number;
  /** Sequence number of the head's first byte. */
  headAt: number | undefined;
  /** Bytes of that message so far, and its first ones as far as they are there. */
  length: number;
  first: Uint8Array | null;
}

class WebSocketFramer implements Framer {
  readonly #host: FramingHost;
  readonly #halves: Readonly<Record<Side, Half>>;
  #inner: Framer | null = null;
  #carried: Framing | null = null;
  #held: Held[] = [];
  #heldBytes = 0;
  /** Nothing more is read: the upgrade failed. */
  #over = false;
  #fromStart: boolean;

  constructor(host: FramingHost) {
    this.#host = host;
    this.#fromStart = host.fromStart;
    this.#halves = { client: this.#half("client"), server: this.#half("server") };
  }

  data(side: Side, bytes: Uint8Array, start: number, end: number, stamp: Stamp): void {
    if (this.#over) return;
    const half = this.#halves[side];
    const rest = half.head === null
      ? bytes.subarray(start, end)
      : this.#upgrade(side, half, bytes.subarray(start, end), stamp);
    if (rest.length === 0 || this.#over) return;
    half.reader.push(rest, moved(stamp, end - start - rest.length));
  }

  gap(side: Side, length: number, stamp: Stamp | null): void {
    const half = this.#halves[side];
    this.#fromStart = false;
    half.head = null;
    half.reader.gap(length, stamp);
  }

  finish(side: Side, stamp: Stamp): void {
    this.#halves[side].reader.cut();
    this.#inner?.finish(side, stamp);
  }

  close(): void {
    this.#halves.client.reader.cut();
    this.#halves.server.reader.cut();
    if (this.#inner === null && this.#heldBytes > 0) this.#recognise(true);
    if (this.#inner === null && this.#heldBytes > 0) {
      const { packet } = this.#held[0]!.stamp;
      this.#report("warn", "protocol", "WebSocket messages of no known framing", packet);
    }
    this.#inner?.close();
  }

  #half(side: Side): Half {
    const { fromStart } = this.#host;
    const reader = new WebSocketReader({
      most: MOST,
      begun: (header, sequence) => this.#host.own?.(side, sequence, header),
      frame: (frame) => this.#frame(side, frame),
      plausible: messageTest(side, this.#host, "plausible"),
      lost: (stamp) => this.#payload(side, Number.MAX_SAFE_INTEGER, stamp),
      skipped: (length, { packet }) => {
        const message = `${length} bytes of the ${side}'s flow belong to no PDU`;
        this.#report("warn", "sequence", message, packet);
      },
    }, fromStart);
    const head = fromStart ? new Uint8Array(0) : null;
    return { reader, head, headAt: undefined, opcode: 0, length: 0, first: null };
  }

  /** Reads the HTTP head of a side; gives what follows it. */
  #upgrade(side: Side, half: Half, bytes: Uint8Array, stamp: Stamp): Uint8Array {
    const { packet } = stamp;
    if (half.head!.length === 0) half.headAt = stamp.sequence;
    const joined = new Uint8Array(half.head!.length + bytes.length);
    joined.set(half.head!);
    joined.set(bytes, half.head!.length);
    half.head = joined;
    const head = readHead(joined);
    if (head === null && joined.length <= MAX_HEAD) return new Uint8Array(0);
    half.head = null;
    if (head === null || side === "server" && statusOf(head) !== 101) {
      this.#over = true;
      const line = head?.line ?? "no HTTP head";
      this.#report("warn", "protocol", `the WebSocket upgrade failed: ${line}`, packet);
      return new Uint8Array(0);
    }
    if (
      side === "server" &&
      /permessage-deflate/i.test(head.headers.get("sec-websocket-extensions") ?? "")
    ) {
      const message = "WebSocket messages may be compressed, which is not supported";
      this.#report("warn", "undecoded", message, packet);
    }
    if (half.headAt !== undefined) {
      this.#host.own?.(side, half.headAt, joined.subarray(0, head.length));
    }
    return joined.subarray(head.length);
  }

  #frame(side: Side, frame: WebSocketFrame): void {
    const { header, stamp } = frame;
    const half = this.#halves[side];
    if ((header.mask !== null) !== (side === "client")) {
      const message = side === "client"
        ? "a client's WebSocket frame without mask"
        : "a server's WebSocket frame with a mask";
      this.#report("warn", "protocol", message, stamp.packet);
    }
    if (header.opcode >= OPCODE.close) return;
    if (header.opcode !== OPCODE.continuation) {
      if (header.opcode !== OPCODE.binary) this.#unreadable(header.opcode, stamp);
      half.opcode = header.opcode;
      half.length = 0;
      half.first = null;
    }
    if (half.opcode === OPCODE.binary) this.#binary(side, half, frame);
    if (header.final) this.#endMessage(half, stamp);
  }

  #unreadable(opcode: number, { packet }: Stamp): void {
    const message = opcode === OPCODE.text
      ? "a WebSocket text message: servers close the connection"
      : `a WebSocket frame of unknown opcode ${opcode}`;
    this.#report("warn", "protocol", message, packet);
  }

  #binary(side: Side, half: Half, { header, parts, stamp }: WebSocketFrame): void {
    if (header.reserved !== 0) {
      const message = "a compressed WebSocket message, which is not supported";
      this.#report("warn", "undecoded", message, stamp.packet);
      this.#payload(side, Number.MAX_SAFE_INTEGER, stamp);
      return;
    }
    const first = parts[0]?.bytes;
    if (half.length === 0 && first instanceof Uint8Array) half.first = first;
    half.length += header.length;
    for (const { bytes, stamp } of parts) this.#payload(side, bytes, stamp);
  }

  /** Servers of some framings drop a connection whose message is not exactly one PDU. */
  #endMessage(half: Half, { packet }: Stamp): void {
    const { opcode, length, first } = half;
    half.opcode = 0;
    if (opcode !== OPCODE.binary || first === null) return;
    const stated = this.#carried?.message?.stated?.(first) ?? null;
    if (stated === null || length === stated) return;
    const message = `a WebSocket message of ${length} bytes for a frame of ${stated}`;
    this.#report("warn", "protocol", message, packet);
  }

  #payload(side: Side, part: Uint8Array | number, stamp: Stamp): void {
    if (this.#inner !== null) return deliver(this.#inner, { side, part, stamp });
    this.#held.push({ side, part, stamp });
    this.#heldBytes += typeof part === "number" ? 0 : part.length;
    this.#recognise(this.#heldBytes > MAX_HELD);
  }

  /** Finds out what the messages carry, and tells it all that waits. */
  #recognise(ended: boolean): void {
    const bytes = (side: Side) => joinedParts(this.#held, side);
    const opening: Opening = {
      client: bytes("client"),
      server: bytes("server"),
      fromStart: this.#fromStart,
      expected: true,
      ended,
    };
    const framing = this.#host.framings.find((inner) =>
      inner.message !== undefined && inner.detect(opening, this.#host) === "yes"
    );
    if (framing === undefined) return;
    this.#carried = framing;
    const inner = framing.open(this.#host.carry(framing, this.#fromStart));
    this.#inner = inner;
    for (const held of this.#held) deliver(inner, held);
    this.#held = [];
  }

  #report(
    severity: Issue["severity"],
    group: Issue["group"],
    message: string,
    packet: number,
  ): void {
    this.#host.report(issue(severity, group, message, packet));
  }
}

function deliver(inner: Framer, { side, part, stamp }: Held): void {
  if (typeof part === "number") inner.gap(side, part, stamp);
  else inner.data(side, part, 0, part.length, stamp);
}

/** The first bytes of a side, up to its first gap. */
function joinedParts(held: readonly Held[], side: Side): Uint8Array {
  const bytes: number[] = [];
  for (const { side: from, part } of held) {
    if (from !== side) continue;
    if (typeof part === "number") {
      if (bytes.length > 0) break;
      continue;
    }
    bytes.push(...part.subarray(0, 4096 - bytes.length));
    if (bytes.length >= 4096) break;
  }
  return Uint8Array.from(bytes);
}
