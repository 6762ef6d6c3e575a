import type { Piece } from "./piece.ts";
import { widthOf } from "./printable.ts";
import type { SpanSink } from "./spans.ts";

/** Bytes of a row at most; a longer one is made of spans. */
const MAX_BYTES = 16 * 1024;
const SPACE = 0x20, ZERO = 0x30, LAST_ASCII = 0x7e, NEWLINE = 0x0a;
/** Whole numbers below have at most so many digits; others are written as text. */
const MAX_DIGITS = 9, MAX_PLAIN = 10 ** MAX_DIGITS;
/** `…` in UTF-8. */
const ELLIPSIS = [0xe2, 0x80, 0xa6] as const;

/**
 * Text as UTF-8 with the columns it takes: pieces of a row without colours, written as they come.
 * What is longer than a row may be is left out, and `overflows` says so.
 */
export class RowBytes implements SpanSink {
  readonly bytes = new Uint8Array(MAX_BYTES);
  length = 0;
  columns = 0;
  /** A byte is a column. */
  isAscii = true;
  overflows = false;

  /** Forgets what was written. */
  clear(): void {
    this.length = this.columns = 0;
    this.isAscii = true;
    this.overflows = false;
  }

  /** Adds text that is safe for a terminal. */
  add(text: string): void {
    const { bytes } = this;
    const { length } = text;
    let at = this.length;
    if (at + 3 * length > MAX_BYTES) {
      this.overflows = true;
      return;
    }
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code < SPACE || code > LAST_ASCII) return this.#addWide(text);
      bytes[at++] = code;
    }
    this.length = at;
    this.columns += length;
  }

  #addWide(text: string): void {
    const { bytes } = this;
    let at = this.length;
    let isNarrow = true;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x80) {
        bytes[at++] = code;
        if (code < SPACE || code > LAST_ASCII) isNarrow = false;
      } else if (code < 0x800) {
        bytes[at++] = 0xc0 | code >> 6;
        bytes[at++] = 0x80 | code & 0x3f;
        if (!isLetter(code)) isNarrow = false;
      } else if (isArrow(code)) {
        bytes[at++] = 0xe0 | code >> 12;
        bytes[at++] = 0x80 | code >> 6 & 0x3f;
        bytes[at++] = 0x80 | code & 0x3f;
      } else return this.#addAny(text);
    }
    this.length = at;
    this.columns += isNarrow ? text.length : widthOf(text);
    this.isAscii = false;
  }

  #addAny(text: string): void {
    const encoded = new TextEncoder().encode(text);
    this.bytes.set(encoded, this.length);
    this.length += encoded.length;
    this.columns += widthOf(text);
    this.isAscii = false;
  }

  addPiece({ bytes, columns, isAscii }: Piece): void {
    const { length } = bytes;
    if (this.length + length > MAX_BYTES) {
      this.overflows = true;
      return;
    }
    const own = this.bytes;
    for (let i = 0, at = this.length; i < length; i++, at++) own[at] = bytes[i]!;
    this.length += length;
    this.columns += columns;
    this.isAscii &&= isAscii;
  }

  addNumber(value: number): void {
    if (value >= 0 && value < MAX_PLAIN && Number.isInteger(value)) {
      this.addDigits(value, digitsOf(value));
    } else this.add(String(value));
  }

  /** Adds the last digits of a whole number below 10^9, zeros before them. */
  addDigits(value: number, digits: number): void {
    if (this.length + digits > MAX_BYTES) {
      this.overflows = true;
      return;
    }
    const { bytes } = this;
    for (let at = this.length + digits - 1, rest = value | 0; at >= this.length; at--) {
      const next = (rest / 10) | 0;
      bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.length += digits;
    this.columns += digits;
  }

  /** Adds spaces. */
  pad(count: number): void {
    if (count <= 0) return;
    if (this.length + count > MAX_BYTES) {
      this.overflows = true;
      return;
    }
    const { bytes } = this;
    const end = this.length + count;
    // Few bytes each time: `fill` would take longer.
    for (let at = this.length; at < end; at++) bytes[at] = SPACE;
    this.length = end;
    this.columns += count;
  }

  /** Adds text that may take so many columns, at their right end. */
  addRight(text: string, columns: number): void {
    this.pad(columns - text.length);
    this.add(text);
  }

  /**
   * Adds what others wrote, cut or filled to `columns`; false where it cannot be cut by its
   * bytes.
   */
  addColumn(
    { bytes, length, columns: taken, isAscii }: RowBytes,
    columns: number,
  ): boolean {
    const isCut = taken > columns;
    if (isCut && (!isAscii || columns < 1)) return false;
    const kept = isCut ? columns - 1 : length;
    if (this.length + kept + columns + ELLIPSIS.length > MAX_BYTES) return false;
    const own = this.bytes;
    let at = this.length;
    for (let i = 0; i < kept; i++) own[at++] = bytes[i]!;
    if (isCut) { for (const byte of ELLIPSIS) own[at++] = byte; }
    this.length = at;
    this.columns += isCut ? columns : taken;
    this.pad(columns - taken);
    return true;
  }

  /** Ends the row, without the spaces at its end; gives its bytes, valid until it is cleared. */
  line(): Uint8Array {
    const { bytes } = this;
    let { length } = this;
    while (length > 0 && bytes[length - 1] === SPACE) length--;
    bytes[length++] = NEWLINE;
    return bytes.subarray(0, length);
  }
}

/** How many digits a whole number below 10^9 has. */
function digitsOf(value: number): number {
  let digits = 1;
  for (let next = 10; digits < MAX_DIGITS && value >= next; next *= 10) digits++;
  return digits;
}

/** Letters and signs of Latin that take one column. */
function isLetter(code: number): boolean {
  return code >= 0xa1 && code <= 0x2ff && code !== 0xad;
}

/** Arrows, dashes and dots that take one column. */
function isArrow(code: number): boolean {
  return code >= 0x2190 && code <= 0x21ff || code >= 0x2013 && code <= 0x2026;
}
