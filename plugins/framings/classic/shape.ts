import type { Side } from "../../../core/flow/mod.ts";
import { u32le } from "../../../core/bytes/integers.ts";
import type { Command, CommandTable, ReleaseSet } from "../../../core/schema/mod.ts";

/** Bytes of a frame's header, in both directions. */
export const HEADER = 8;
/** What a request's length counts besides its payload: the code, and not itself. */
export const LENGTH = 4;
/** Largest payload of a request that is read as a whole, in bytes. */
export const MAX_CONTROL_PAYLOAD = 10 * 1024 * 1024;
/** First release series with this framing. */
export const SINCE = "0.5";
/** Last release series with it. */
export const UP_TO = "0.8";
/** Largest status ever given out; larger numbers speak against a response. */
export const MAX_STATUS = 20_000;
/** Largest payload of an unknown command that is still taken for a request. */
export const MAX_GUESSED = 64;

/** Whether the first bytes of a response could be one. */
export function responseVerdict(bytes: Uint8Array): "yes" | "no" | "more" {
  if (bytes.length < HEADER) return "more";
  const status = u32le(bytes, 0);
  const length = u32le(bytes, 4);
  if (status !== 0) return status <= MAX_STATUS && length === 0 ? "yes" : "no";
  return "yes";
}

/** Length of the request at `offset`: a header that no server reads a body for stands alone. */
export function requestLength(
  bytes: Uint8Array,
  offset: number,
  commands: CommandTable,
): number {
  const length = u32le(bytes, offset);
  if (length < LENGTH) return HEADER;
  if (length - LENGTH <= MAX_CONTROL_PAYLOAD) return LENGTH + length;
  const command = commands.byCode(u32le(bytes, offset + 4));
  return command?.staged == null ? HEADER : LENGTH + length;
}

/** Length of the response at `offset`, or 0 where none can start there. */
export function responseLength(bytes: Uint8Array, offset: number, most: number): number {
  const status = u32le(bytes, offset);
  const length = u32le(bytes, offset + 4);
  if (status !== 0) return length === 0 ? HEADER : 0;
  return HEADER + length <= most ? HEADER + length : 0;
}

/** Bytes searched for a frame after some were lost. */
export interface Search {
  readonly bytes: Uint8Array;
  /** Search from here to the end; earlier offsets were tried before. */
  readonly offset: number;
  readonly end: number;
  /** Where segments began: frames mostly do so too. */
  readonly starts: readonly number[];
}

/** Offset of the first request that starts among the bytes searched, or -1. */
export function findRequest(
  search: Search,
  commands: CommandTable,
  releases: ReleaseSet,
  maxPayload: number,
): number {
  const { bytes, end, starts } = search;
  for (const at of candidates(search)) {
    const known = starts.includes(at);
    const command = commands.byCode(u32le(bytes, at + 4));
    const length = u32le(bytes, at);
    if (command === undefined || length < LENGTH) continue;
    const payload = length - LENGTH;
    if (payload < command.request.minSize || payload > maxPayload) continue;
    if (command.request.fields!.length === 0 && payload > 0) continue;
    const next = at + LENGTH + length;
    const begun = next > end;
    if (begun && !known) continue;
    const last = Math.min(next, end);
    if (!releases.fits(command.request, bytes, at + HEADER, last, begun)) continue;
    if (known || next === end || startsRequest(bytes, next, end, commands)) return at;
  }
  return -1;
}

/**
 * Offset of the first response that starts among the bytes searched, or -1. Only where
 * segments began: eight zero bytes are a response, and are everywhere. It has to
 * end where the bytes do, behind them, or where the next one begins.
 */
export function findResponse(
  search: Search,
  awaited: Command | null,
  releases: ReleaseSet,
  maxPayload: number,
): number {
  const { bytes, offset, end, starts } = search;
  for (const at of starts) {
    if (at < offset || at + HEADER > end) continue;
    if (responseVerdict(bytes.subarray(at, at + HEADER)) !== "yes") continue;
    const length = u32le(bytes, at + 4);
    if (length > maxPayload) continue;
    const next = at + HEADER + length;
    const tiles = next === end || next < end &&
        responseVerdict(bytes.subarray(next, Math.min(end, next + HEADER))) === "yes";
    if (length === 0) {
      const isZero = u32le(bytes, at) === 0;
      if (isZero && awaited === null && next !== end) continue;
      if (tiles && couldBeEmpty(awaited, bytes, at)) return at;
    } else if (awaited === null) {
      if (tiles || next > end) return at;
    } else {
      const last = Math.min(next, end);
      const fits = releases.fits(awaited.response, bytes, at + HEADER, last, next > end);
      if (fits && (tiles || next > end)) return at;
    }
  }
  return -1;
}

/** Zeros are too common to be taken for the empty answer of a command that gives one rarely. */
function couldBeEmpty(command: Command | null, bytes: Uint8Array, at: number): boolean {
  return u32le(bytes, at) !== 0 || command === null || command.emptyIfMissing ||
    command.response.minSize === 0;
}

/** Offsets worth trying, where segments began first. */
function* candidates({ offset, end, starts }: Search) {
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

/** Whether a carrier's message is one PDU, as clients and servers write them. */
export function isPduMessage(
  side: Side,
  payload: Uint8Array,
  length: number,
  commands: CommandTable,
): boolean {
  if (payload.length < HEADER) return false;
  const [first, second] = [u32le(payload, 0), u32le(payload, 4)];
  if (side === "server") return first <= MAX_STATUS && second + HEADER === length;
  return first + LENGTH === length && commands.byCode(second) !== undefined;
}
