import type { Stamp } from "../../../core/flow/mod.ts";
import { u32le } from "../../../core/bytes/integers.ts";
import { type Issue, issue } from "../../../core/issue.ts";
import { isHeader, SIZE_AT } from "./shape.ts";

/** Bytes of a frame's end that are kept. */
const TAIL = 1024;

/** A frame that was read by the size it states. */
export interface EndedFrame {
  readonly size: number;
  /** Its last bytes. */
  readonly tail: Uint8Array;
  /** The packet it begins in. */
  readonly packet: number;
}

/** What to keep of a frame; null where bytes of it were lost. */
export function endedFrame(
  bytes: Uint8Array,
  size: number,
  { packet, begun }: Stamp,
): EndedFrame | null {
  if (bytes.length !== size) return null;
  // The buffer of a frame over several packets may be used again.
  const tail = begun !== undefined
    ? bytes.slice(-TAIL)
    : size <= TAIL
    ? bytes
    : bytes.subarray(-TAIL);
  return { size, tail, packet: begun?.packet ?? packet };
}

/**
 * Where no frame starts behind one, although there is a header that begins within it: what is
 * wrong is the size of that one. Null where the bytes do not prove that.
 */
export function wrongEnd(
  frame: EndedFrame | null,
  bytes: Uint8Array,
  offset: number,
): Issue | null {
  if (frame === null) return null;
  const { size, tail, packet } = frame;
  const joined = new Uint8Array(tail.length + Math.min(TAIL, bytes.length - offset));
  joined.set(tail);
  joined.set(bytes.subarray(offset, offset + joined.length - tail.length), tail.length);
  for (let at = 1; at < tail.length; at++) {
    if (!reaches(joined, at, tail.length)) continue;
    const length = size - tail.length + at;
    const message = `size ${size}, but the next frame begins after ${length} bytes`;
    return issue("error", "malformed", message, packet, SIZE_AT);
  }
  return null;
}

/** Whether frames from an offset on lead over a place, and not to it. */
function reaches(bytes: Uint8Array, at: number, place: number): boolean {
  while (at < place) {
    if (!isHeader(bytes, at, bytes.length)) return false;
    at += u32le(bytes, at + SIZE_AT);
  }
  return at > place;
}
