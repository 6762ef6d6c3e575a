/**
 * What compiled readers call to write JSON text: numbers, strings and bytes, into one buffer
 * that all of them share. Each function takes the place to write at and gives the place behind
 * what it wrote, or -1 where the value is not to be written this way. What does not fit the
 * buffer is lost, and the place told lies behind its end.
 *
 * @module
 */
import { decodeText } from "../../bytes/cursor.ts";
import { u32le } from "../../bytes/integers.ts";
import { escapeJson } from "../../bytes/json_text.ts";
import { bytesJson } from "../strings.ts";

/** Bytes that a reader may write at once; longer texts go the careful way. */
const OUT_BYTES = 4 << 20;
/** Where compiled readers write. */
export const out = new Uint8Array(OUT_BYTES);
const view = new DataView(out.buffer);

/** The digits of 0 to 99 and the hex digits of a byte, as two bytes of text. */
const DIGITS = Uint16Array.from(
  { length: 100 },
  (_, n) => 0x3030 + Math.floor(n / 10) + (n % 10 << 8),
);
const HEX = Uint16Array.from({ length: 256 }, (_, byte) => {
  const text = byte.toString(16).padStart(2, "0");
  return text.charCodeAt(0) | text.charCodeAt(1) << 8;
});

const MINUS = 45, QUOTE = 34, BACKSLASH = 92, ZERO = 48, CLOSE = 125;

/** Puts text of ASCII at `at`, eight characters at once where there are as many. */
export function putAscii(text: string, at: number): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** Puts bytes at `at`; a loop beats `set` where they are few. */
export function putBytes(bytes: Uint8Array, at: number): number {
  const { length } = bytes;
  if (at + length > OUT_BYTES || length > 48) {
    if (at + length <= OUT_BYTES) out.set(bytes, at);
  } else for (let i = 0; i < length; i++) out[at + i] = bytes[i]!;
  return at + length;
}

function putDigits4(value: number, at: number): void {
  const high = (value / 100) | 0;
  view.setUint16(at, DIGITS[high]!, true);
  view.setUint16(at + 2, DIGITS[value - high * 100]!, true);
}

function putDigits8(value: number, at: number): void {
  const high = (value / 10_000) | 0;
  putDigits4(high, at);
  putDigits4(value - high * 10_000, at + 4);
}

/** Exactly nine digits, with leading zeros. */
export function putDigits9(value: number, at: number): number {
  const high = (value / 1e8) | 0;
  out[at] = ZERO + high;
  putDigits8(value - high * 1e8, at + 1);
  return at + 9;
}

/** A whole number from 0 to 2^53 - 1. */
export function putNumber(value: number, at: number): number {
  if (value < 10) {
    out[at] = ZERO + value;
    return at + 1;
  }
  if (value < 100) {
    view.setUint16(at, DIGITS[value]!, true);
    return at + 2;
  }
  if (value < 10_000) {
    const high = (value / 100) | 0;
    at = putNumber(high, at);
    view.setUint16(at, DIGITS[value - high * 100]!, true);
    return at + 2;
  }
  if (value < 1e8) {
    const high = (value / 10_000) | 0;
    at = putNumber(high, at);
    putDigits4(value - high * 10_000, at);
    return at + 4;
  }
  const high = Math.floor(value / 1e8);
  at = putNumber(high, at);
  putDigits8(value - high * 1e8, at);
  return at + 8;
}

/** A whole number that may be negative. */
export function putSigned(value: number, at: number): number {
  if (value >= 0) return putNumber(value, at);
  out[at] = MINUS;
  return putNumber(-value, at + 1);
}

/** 64 bits as their low and high half, in decimal. */
export function put64(low: number, high: number, at: number): number {
  if (high < 0x20_0000) return putNumber(high * 0x1_0000_0000 + low, at);
  // Divided by 10^9 in three steps, each within 53 bits.
  const first = Math.floor(high / 1e9);
  const middle = (high - first * 1e9) * 0x1_0000 + (low >>> 16);
  const second = Math.floor(middle / 1e9);
  const last = (middle - second * 1e9) * 0x1_0000 + (low & 0xffff);
  const third = Math.floor(last / 1e9);
  at = putNumber(first * 0x1_0000_0000 + second * 0x1_0000 + third, at);
  return putDigits9(last - third * 1e9, at);
}

/** 64 signed bits at `from`. */
export function putSigned64(bytes: Uint8Array, from: number, at: number): number {
  const low = u32le(bytes, from), high = u32le(bytes, from + 4);
  if (high < 0x8000_0000) return put64(low, high, at);
  out[at] = MINUS;
  const negative = (~low + 1) >>> 0;
  return put64(negative, (~high + (negative === 0 ? 1 : 0)) >>> 0, at + 1);
}

/** 128 bits at `from` as a bigint. */
export function bigAt(bytes: Uint8Array, from: number): bigint {
  return BigInt(u32le(bytes, from + 12)) << 96n |
    BigInt(u32le(bytes, from + 8)) << 64n |
    BigInt(u32le(bytes, from + 4)) << 32n | BigInt(u32le(bytes, from));
}

/** 128 bits at `from`, in decimal. */
export function put128(bytes: Uint8Array, from: number, at: number): number {
  if (u32le(bytes, from + 8) === 0 && u32le(bytes, from + 12) === 0) {
    return put64(u32le(bytes, from), u32le(bytes, from + 4), at);
  }
  return putAscii(String(bigAt(bytes, from)), at);
}

/** 128 signed bits at `from`, in decimal. */
export function putSigned128(bytes: Uint8Array, from: number, at: number): number {
  if (bytes[from + 15]! < 0x80) return put128(bytes, from, at);
  return putAscii(String(BigInt.asIntN(128, bigAt(bytes, from))), at);
}

const floats = new DataView(new ArrayBuffer(8));

/** A float of 4 or 8 bytes at `from`. */
export function floatAt(bytes: Uint8Array, from: number, size: number): number {
  for (let i = 0; i < size; i++) floats.setUint8(i, bytes[from + i]!);
  return size === 4 ? floats.getFloat32(0, true) : floats.getFloat64(0, true);
}

/** A float as JSON has it; null where it has none. */
export function putFloat(bytes: Uint8Array, from: number, size: number, at: number) {
  return putAscii(JSON.stringify(floatAt(bytes, from, size)), at);
}

const encoder = new TextEncoder();

/** Any value as JSON that is safe for a terminal. */
export function putJson(value: unknown, at: number): number {
  const json = escapeJson(JSON.stringify(value));
  const { read, written } = encoder.encodeInto(
    json,
    out.subarray(Math.min(at, OUT_BYTES)),
  );
  return read < json.length ? -1 : at + written;
}

/** Text of `length` bytes in quotes; -1 where it is not UTF-8 or holds a NUL. */
export function putText(bytes: Uint8Array, from: number, length: number, at: number) {
  if (at + length > OUT_BYTES) return -1;
  out[at] = QUOTE;
  for (let i = 0; i < length; i++) {
    const byte = bytes[from + i]!;
    if (byte < 32 || byte > 126 || byte === QUOTE || byte === BACKSLASH) {
      const text = textAt(bytes, from, length);
      return text === null ? -1 : putJson(text, at);
    }
    out[at + 1 + i] = byte;
  }
  out[at + 1 + length] = QUOTE;
  return at + length + 2;
}

/** Text of `length` bytes; null where it is not UTF-8 or holds a NUL. */
export function textAt(bytes: Uint8Array, from: number, length: number): string | null {
  if (length > MAX_REMEMBERED) return decodedText(bytes, from, length);
  let hash = length;
  for (let i = from; i < from + length; i++) hash = Math.imul(hash, 31) + bytes[i]! | 0;
  const slot = (hash ^ hash >>> 8) & REMEMBERED.length - 1;
  const known = REMEMBERED[slot]!;
  if (known.length === length && isAt(known, bytes, from)) {
    return TEXTS[slot]!;
  }
  const text = decodedText(bytes, from, length);
  if (text !== null) {
    REMEMBERED[slot] = bytes.slice(from, from + length);
    TEXTS[slot] = text;
  }
  return text;
}

/** Names come again and again: the last texts by a hash of their bytes, and those bytes. */
const TEXTS: string[] = new Array<string>(256).fill("");
const REMEMBERED: Uint8Array[] = TEXTS.map(() => new Uint8Array(0));
/** Longer texts are not remembered. */
const MAX_REMEMBERED = 64;

function isAt(text: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < text.length; i++) if (text[i] !== bytes[from + i]) return false;
  return true;
}

function decodedText(bytes: Uint8Array, from: number, length: number): string | null {
  const { text, valid } = decodeText(bytes.subarray(from, from + length));
  return valid && !text.includes("\0") ? text : null;
}

/** What a byte is for text: plain, to be escaped, a control that no text has, not ASCII. */
const PLAIN = 0, ESCAPED = 1, CONTROL = 4, WIDE = 8;
const CLASS = new Uint8Array(256);
const ESCAPE = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  CLASS[byte] = byte >= 128 ? WIDE : byte < 32 || byte === 127 ? CONTROL : PLAIN;
}
for (
  const [byte, letter] of [[9, "t"], [10, "n"], [13, "r"], [34, '"'], [92, "\\"]] as const
) {
  CLASS[byte] = ESCAPED;
  ESCAPE[byte] = letter.charCodeAt(0);
}

/**
 * The end of bytes as `bytesJson` has them, behind `"hex":"`: the hex of at most `most`, and
 * text if that is printable.
 */
export function putHex(
  bytes: Uint8Array,
  from: number,
  length: number,
  most: number,
  at: number,
): number {
  const shown = Math.min(length, most);
  if (at + 4 * shown + 64 > OUT_BYTES) return -1;
  let seen = PLAIN;
  for (let i = 0; i < shown; i++) {
    const byte = bytes[from + i]!;
    view.setUint16(at + 2 * i, HEX[byte]!, true);
    seen |= CLASS[byte]!;
  }
  at += 2 * shown;
  if (shown === 0 || (seen & CONTROL) !== 0) return putAscii('"}', at);
  if ((seen & WIDE) !== 0) return putWide(bytes.subarray(from, from + shown), at);
  view.setFloat64(at, TEXT_KEY, true);
  view.setUint16(at + 8, COLON_QUOTE, true);
  at += 10;
  for (let i = 0; i < shown; i++) {
    const byte = bytes[from + i]!;
    const escape = ESCAPE[byte]!;
    if (escape !== 0) {
      out[at++] = BACKSLASH;
      out[at++] = escape;
    } else out[at++] = byte;
  }
  return putAscii('"}', at);
}

/** `","text"` and `:"`, as numbers that one instruction stores. */
const TEXT_KEY = new DataView(encoder.encode('","text"').buffer).getFloat64(0, true);
const COLON_QUOTE = 0x223a;

/** The end of bytes that are not all ASCII. */
function putWide(shown: Uint8Array, at: number): number {
  const json = bytesJson(shown, { maxBytes: Infinity, showSecrets: false });
  const { text } = json as { text?: string };
  if (text === undefined) return putAscii('"}', at);
  at = putJson(text, putAscii('","text":', at));
  if (at >= 0) out[at++] = CLOSE;
  return at;
}

/** A secret as what hides it. */
export function putRedacted(length: number, at: number): number {
  return putAscii(' bytes]"', putNumber(length, putAscii('"[redacted ', at)));
}
