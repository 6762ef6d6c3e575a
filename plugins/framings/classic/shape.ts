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
  /** Where the last segment ends. */
  readonly end: number;
  /** Where segments began: frames mostly do so too. */
  readonly starts: readonly number[];
  /** Where a frame begins if the sender waits for answers. */
  readonly turns: readonly number[];
}

/** Where the request ends that starts at `at`, as far as its bytes tell; -1 where none does. */
export function endOfRequest(
  bytes: Uint8Array,
  at: number,
  end: number,
  commands: CommandTable,
  releases: ReleaseSet,
  maxPayload: number,
): number {
  if (at + HEADER > end) return -1;
  const command = commands.byCode(u32le(bytes, at + 4));
  const length = u32le(bytes, at);
  if (command === undefined || length < LENGTH) return -1;
  const payload = length - LENGTH;
  if (payload < command.request.minSize || payload > maxPayload) return -1;
  if (command.request.fields!.length === 0 && payload > 0) return -1;
  const next = at + LENGTH + length;
  const last = Math.min(next, end);
  return releases.fits(command.request, bytes, at + HEADER, last, next > end) ? next : -1;
}

/** Frames in a row, to the end of a segment, that prove each other. */
const RUN = 2;

/**
 * Offset of the first request that starts among the bytes searched, or -1. Two proofs are
 * wanted: that it reads as one, with whatever follows, and that it begins a turn of the client
 * or is the first of a run that ends where its segment does. Clients that wait for answers send
 * no runs: of such a one (`alone`) only turns count.
 */
export function findRequest(
  search: Search,
  alone: boolean,
  commands: CommandTable,
  releases: ReleaseSet,
  maxPayload: number,
): number {
  const { bytes, offset, end, turns } = search;
  const after = (at: number) =>
    endOfRequest(bytes, at, end, commands, releases, maxPayload);
  for (const at of turns) if (at >= offset && tiles(at, end, after)) return at;
  if (alone) return -1;
  for (const at of candidates(search)) if (isRun(at, end, after)) return at;
  return -1;
}

/**
 * Offset of the first response that starts among the bytes searched, or -1. Eight zero bytes
 * are a response, and are everywhere: it has to begin a turn of the server and read as the
 * answer to the last request, or be the first of a run, no longer than the requests that wait.
 */
export function findResponse(
  search: Search,
  alone: boolean,
  waiting: number,
  awaited: Command | null,
  releases: ReleaseSet,
  maxPayload: number,
): number {
  const { bytes, offset, end, starts, turns } = search;
  /** Where the response ends that starts here; -1 where none does. */
  const after = (at: number): number => {
    if (at + HEADER > end) return -1;
    if (responseVerdict(bytes.subarray(at, at + HEADER)) !== "yes") return -1;
    const length = u32le(bytes, at + 4);
    return length > maxPayload ? -1 : at + HEADER + length;
  };
  for (const at of turns) {
    if (at < offset) continue;
    if (!tiles(at, end, after)) continue;
    const next = after(at);
    if (next === at + HEADER) {
      if (couldBeEmpty(awaited, bytes, at)) return at;
    } else if (
      awaited === null ||
      releases.fits(awaited.response, bytes, at + HEADER, Math.min(next, end), next > end)
    ) return at;
  }
  if (alone || waiting < RUN) return -1;
  for (const at of starts) {
    if (at >= offset && isRun(at, end, after, waiting)) return at;
  }
  return -1;
}

/** Whether the bytes read as exactly one response with a payload: without, zeros are one. */
export function isWholeResponse(
  bytes: Uint8Array,
  offset: number,
  end: number,
  maxPayload: number,
): boolean {
  if (offset + HEADER >= end || end - offset > HEADER + maxPayload) return false;
  return u32le(bytes, offset) === 0 && offset + HEADER + u32le(bytes, offset + 4) === end;
}

/** Whether a frame is here, and nothing but frames behind it, as far as bytes are there. */
function tiles(at: number, end: number, after: (at: number) => number): boolean {
  let next = after(at);
  while (next >= 0 && next + HEADER <= end) next = after(next);
  return next >= 0;
}

/** Whether frames follow each other from here to the end, at least two and at most so many. */
function isRun(
  at: number,
  end: number,
  after: (at: number) => number,
  most = Infinity,
): boolean {
  let count = 0;
  for (; at >= 0 && at < end; at = after(at)) if (++count > most) return false;
  return at === end && count >= RUN;
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
