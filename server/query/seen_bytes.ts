import type { Segment } from "../../core/net/segment.ts";
import { sequenceAdd, sequenceDistance } from "../../core/tcp/mod.ts";

/** Bytes that repeat the mask of a WebSocket frame. */
const KEY_BYTES = 4;
/** A run of bytes without a mask. */
const PLAIN = new Uint8Array(KEY_BYTES);

/** Bytes of a flow in order, from a sequence number on: `bytes[start..end)`. */
export interface Run {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Where bytes were found, and the key that lies over them, byte 0 of both together. */
export interface Found {
  readonly sequence: number;
  readonly key: Uint8Array;
}

/** The segments of one flow seen last, up to a number of bytes. */
export class SeenBytes {
  readonly #window: number;
  #segments: { sequence: number; bytes: Uint8Array }[] = [];
  #bytes = 0;

  constructor(window: number) {
    this.#window = window;
  }

  /** Keeps a copy of a segment's payload. */
  add({ sequence, bytes, start, end }: Segment): void {
    if (start === end) return;
    this.#segments.push({ sequence, bytes: new Uint8Array(bytes.subarray(start, end)) });
    this.#bytes += end - start;
    let first = 0;
    while (this.#bytes - this.#segments[first]!.bytes.length > this.#window) {
      this.#bytes -= this.#segments[first++]!.bytes.length;
    }
    if (first > 0) this.#segments = this.#segments.slice(first);
  }

  /** Bytes that follow each other without a hole; of copies the first. */
  runs(): Run[] {
    const base = this.#segments[0]?.sequence ?? 0;
    const sorted = this.#segments
      .map(({ sequence, bytes }) => ({ at: sequenceDistance(base, sequence), bytes }))
      .sort((a, b) => a.at - b.at);
    const runs: { at: number; end: number; parts: Uint8Array[] }[] = [];
    for (const { at, bytes } of sorted) {
      const last = runs.at(-1);
      if (last === undefined || at > last.end) {
        runs.push({ at, end: at + bytes.length, parts: [bytes] });
      } else if (at + bytes.length > last.end) {
        last.parts.push(bytes.subarray(last.end - at));
        last.end = at + bytes.length;
      }
    }
    return runs.map(({ at, end, parts }) => {
      const bytes = joined(parts, end - at);
      return { sequence: sequenceAdd(base, at), bytes, start: 0, end: bytes.length };
    });
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Every place in a run where the bytes stand, as they are or else under a WebSocket mask. */
export function occurrences(wanted: Uint8Array, run: Run): Found[] {
  const plain: Found[] = [], covered: Found[] = [];
  const { sequence, bytes, start, end } = run;
  for (let at = start; at + wanted.length <= end && wanted.length > 0; at++) {
    const place = sequenceAdd(sequence, at - start);
    if (isAt(wanted, bytes, at, PLAIN)) plain.push({ sequence: place, key: PLAIN });
    else if (isCovered(wanted, bytes, at)) {
      const key = PLAIN.map((_, i) => bytes[at + i]! ^ wanted[i]!);
      if (isAt(wanted, bytes, at, key)) covered.push({ sequence: place, key });
    }
  }
  return plain.length > 0 ? plain : covered;
}

/** Whether the first bytes may be the wanted ones under a key. */
function isCovered(wanted: Uint8Array, bytes: Uint8Array, at: number): boolean {
  if (wanted.length < 3 * KEY_BYTES) return false;
  const keyOf = (i: number) => bytes[at + i]! ^ wanted[i]!;
  return keyOf(0) === keyOf(KEY_BYTES) && keyOf(1) === keyOf(KEY_BYTES + 1);
}

function isAt(
  wanted: Uint8Array,
  bytes: Uint8Array,
  at: number,
  key: Uint8Array,
): boolean {
  for (let i = 0; i < wanted.length; i++) {
    if ((bytes[at + i]! ^ key[i % KEY_BYTES]!) !== wanted[i]) return false;
  }
  return true;
}
