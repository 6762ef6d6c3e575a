import type { Side } from "../../../core/flow/mod.ts";
import { u32le } from "../../../core/bytes/integers.ts";
import type { Opening, Verdict } from "../../../core/framing/framing.ts";
import { VSR_HEADER } from "./header_parts.ts";
import { EVICTION, REPLICA_HELLO, REPLY, REQUEST } from "./names.ts";

/** Largest frame, header included: a server's `message_bus.max_message_size` by default. */
export const MAX_FRAME = 64 * 1024 * 1024;
/** Where fields stand that are needed before a header is decoded. */
export const SIZE_AT = 48;
/** The command byte. */
export const COMMAND_AT = 60;
const RELEASE_AT = 56;
const RESERVED_AT = 62;
const RESERVED_END = 128;
/** Bytes of an opening that tell on a port where VSR is expected, and anywhere. */
const ENOUGH = 64;
/** Bytes searched for a header on a port where nothing speaks for VSR. */
const SEARCHED = 4096;

function zeros(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}

/** Whether a frame may have this length. */
export function legalSize(size: number): boolean {
  return size >= VSR_HEADER && size <= MAX_FRAME;
}

/**
 * Whether the bytes at `at` have the shape of a header that a peer would send: a legal size
 * a command byte, release 0 and 66 reserved zero bytes. Looks at 128 bytes. Command bytes that
 * are not known may come with a later release.
 */
export function isHeader(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < RESERVED_END) return false;
  return bytes[at + COMMAND_AT] !== 0 &&
    bytes[at + RESERVED_AT] === 0 &&
    legalSize(u32le(bytes, at + SIZE_AT)) &&
    u32le(bytes, at + RELEASE_AT) === 0 &&
    zeros(bytes, at + RESERVED_AT, at + RESERVED_END);
}

/** Offset of the first header from `start` on, or -1. */
export function findHeader(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at + RESERVED_END <= end; at++) {
    if (isHeader(bytes, at, end)) return at;
  }
  return -1;
}

/**
 * Whether a flow opens with a VSR header of which at most one thing is wrong: that is still
 * told apart from all other framings, so that a wrong first frame is shown as what it is.
 */
function opensFlow(bytes: Uint8Array): boolean {
  // Checksums have 8 bytes in a field of 16.
  const reserved = Math.min(bytes.length, RESERVED_END);
  const right = [
    legalSize(u32le(bytes, SIZE_AT)),
    bytes[COMMAND_AT] !== 0,
    u32le(bytes, RELEASE_AT) === 0,
    zeros(bytes, RESERVED_AT, reserved),
    zeros(bytes, 8, 16) && zeros(bytes, 24, 32),
  ];
  return right.filter(Boolean).length >= 4;
}

/**
 * Tells from the first bytes whether a conversation speaks VSR: client link or replica link,
 * either direction, also from the middle. Requests and replies say which side is the client.
 *
 * Source: apache/iggy core/binary_protocol/src/consensus/header.rs and
 * core/message_bus/src/framing.rs at server-0.9.0-edge.5.
 */
export function detectVsr(opening: Opening): Verdict {
  return opening.fromStart ? fromFirstBytes(opening) : fromTheMiddle(opening);
}

function fromFirstBytes({ client, server, expected, ended }: Opening): Verdict {
  const enough = expected ? ENOUGH : RESERVED_END;
  const opens = (bytes: Uint8Array) =>
    bytes.length >= enough &&
    (expected ? opensFlow(bytes) : isHeader(bytes, 0, bytes.length));
  if (opens(client) || opens(server)) return "yes";
  if (client.length >= enough || ended) return "no";
  // A client's first frame begins with two empty checksums, its length and command come later.
  return !expected && !zeros(client, 0, Math.min(client.length, 32)) ? "no" : "more";
}

/**
 * From the middle a header may stand anywhere; zeros with a few numbers look like one, so a
 * packet has to begin with one too, or its frame to end where one may.
 */
function fromTheMiddle(opening: Opening): Verdict {
  const { client, server, segments, expected, ended } = opening;
  const isOpened = segments?.some(({ bytes }) => isHeader(bytes, 0, bytes.length)) ??
    true;
  for (const [bytes, isClient] of [[client, true], [server, false]] as const) {
    const at = isOpened
      ? findHeader(bytes, 0, bytes.length)
      : findOpening(opening, isClient ? "client" : "server");
    if (at < 0) continue;
    const command = bytes[at + COMMAND_AT]!;
    if (command === REQUEST || command === REPLICA_HELLO) {
      return isClient ? "yes" : "swapped";
    }
    if (command === REPLY || command === EVICTION) return isClient ? "swapped" : "yes";
    return "yes";
  }
  const searched = !expected && client.length + server.length > SEARCHED;
  return ended || searched ? "no" : "more";
}

/**
 * Offset in a flow of the first header that a packet begins with, however short, or whose frame
 * ends with the bytes or with another header; -1 where none does.
 */
function findOpening({ segments = [], ...flows }: Opening, from: Side): number {
  const bytes = flows[from];
  let at = 0;
  for (const segment of segments) {
    if (segment.side !== from) continue;
    if (isHeader(bytes, at, bytes.length)) return at;
    at += segment.bytes.length;
  }
  const end = bytes.length;
  for (at = findHeader(bytes, 0, end); at >= 0; at = findHeader(bytes, at + 1, end)) {
    const next = at + u32le(bytes, at + SIZE_AT);
    if (next === end || isHeader(bytes, next, end)) return at;
  }
  return -1;
}

/** Whether a carrier's message is one frame. */
export function isFrameMessage(
  _side: Side,
  payload: Uint8Array,
  length: number,
): boolean {
  return isHeader(payload, 0, payload.length) && statedSize(payload) === length;
}

/** The size that a frame's first bytes state; null where they are too few. */
export function statedSize(payload: Uint8Array): number | null {
  return payload.length < SIZE_AT + 4 ? null : u32le(payload, SIZE_AT);
}
