import type { Range } from "./syntax.ts";

const RANGE = /^(-?\d{1,9})?(?:(:)(\d{1,9})?|-(-?\d{1,9}))?$/;

/**
 * Reads the range of a slice as Wireshark has it; null where the text is none.
 *
 * Source: wireshark-filter(4), "The slice operator".
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(rangeOf("2:3"), { from: 2, length: 3, end: null });
 * assertEquals(rangeOf("2-3"), { from: 2, length: null, end: 3 });
 * assertEquals(rangeOf("3:0"), null);
 * ```
 */
export function rangeOf(text: string): Range | null {
  const found = RANGE.exec(text);
  if (found === null || text === "" || text === ":") return null;
  const [, first, colon, count, last] = found;
  if (first === undefined && colon === undefined) return null;
  const from = Number(first ?? 0);
  if (last !== undefined) {
    const end = Number(last);
    const isBackwards = (from < 0) === (end < 0) && end < from;
    return isBackwards ? null : { from, length: null, end };
  }
  if (colon === undefined) return { from, length: 1, end: null };
  if (count === undefined) return { from, length: null, end: null };
  return Number(count) === 0 ? null : { from, length: Number(count), end: null };
}

/** The bytes of a value that the ranges name, joined; null where one reaches beyond it. */
export function slice(bytes: Uint8Array, ranges: readonly Range[]): Uint8Array | null {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const range of ranges) {
    const part = slicePart(bytes, range);
    if (part === null) return null;
    parts.push(part);
    length += part.length;
  }
  if (parts.length === 1) return parts[0]!;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function slicePart(bytes: Uint8Array, { from, length, end }: Range): Uint8Array | null {
  const start = from < 0 ? bytes.length + from : from;
  const last = end === null ? null : end < 0 ? bytes.length + end : end;
  const stop = last !== null ? last + 1 : length !== null ? start + length : bytes.length;
  return start < 0 || stop <= start || stop > bytes.length
    ? null
    : bytes.subarray(start, stop);
}
