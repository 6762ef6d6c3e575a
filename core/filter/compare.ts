import { type Address, compareAddresses } from "./address.ts";
import type { ValueType } from "./field.ts";
import type { VariantLiteral } from "./literal.ts";
import type { Relation } from "./syntax.ts";

/** Below 0, 0 or above 0 as the first comes before, with or after the second; NaN for never. */
export type Comparison = (value: unknown, other: unknown) => number;

/** Longest piece that is searched for by simple means. */
const SHORT = 64;

/** Compares numbers, bigints and strings; equal only where both are ordered and neither leads. */
function ordered(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : a >= b ? 0 : NaN;
}

/** Compares bytes by the first that differs, then by length. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function bothOf(a: unknown, b: unknown): number {
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? compareBytes(a, b) : NaN;
  const numeric = (value: unknown) =>
    typeof value === "number" || typeof value === "bigint";
  return typeof a === typeof b || (numeric(a) && numeric(b))
    ? ordered(a as number, b as number)
    : NaN;
}

/** How values of a type compare with each other. */
export function comparison(type: ValueType): Comparison {
  if (type === "bytes") return bothOf;
  if (type === "address") return (a, b) => compareAddresses(a as Address, b as Address);
  if (type === "variant") return bothOf;
  // Values may be odd in a body that says other than its layout: an enum's unknown name.
  return (a, b) => ordered(a as number, b as number);
}

/** Compares a value of any type with what a literal means to that type. */
export function compareVariant(value: unknown, literal: VariantLiteral): number {
  if (typeof value === "string") return bothOf(value, literal.text);
  if (typeof value === "boolean") return bothOf(value, literal.boolean);
  if (value instanceof Uint8Array) return compareBytes(value, literal.bytes);
  return literal.number === null ? NaN : bothOf(value, literal.number);
}

/** What a relation asks of a comparison's outcome. */
export const OUTCOMES: Readonly<
  Record<Exclude<Relation, "contains" | "matches">, (order: number) => boolean>
> = {
  "==": (order) => order === 0,
  "===": (order) => order === 0,
  "!=": (order) => order !== 0,
  "!==": (order) => order !== 0,
  "<": (order) => order < 0,
  ">": (order) => order > 0,
  "<=": (order) => order <= 0,
  ">=": (order) => order >= 0,
};

/** A search for a piece in texts or bytes, in time linear in both. */
export class Search {
  readonly #piece: string | Uint8Array;
  /** For each place of the piece, how much of its start ends there. */
  readonly #borders: Int32Array | null;

  constructor(piece: string | Uint8Array) {
    this.#piece = piece;
    this.#borders = piece.length > SHORT ? borders(piece) : null;
  }

  in(whole: string | Uint8Array): boolean {
    const piece = this.#piece;
    if (piece.length > whole.length) return false;
    if (piece.length === 0) return true;
    if (typeof piece === "string" && typeof whole === "string") {
      return this.#borders === null
        ? whole.includes(piece)
        : this.#search(whole.length, (at) =>
          whole.charCodeAt(at), (at) =>
          piece.charCodeAt(at));
    }
    if (typeof piece === "string" || typeof whole === "string") return false;
    return this.#borders === null
      ? includes(whole, piece)
      : this.#search(whole.length, (at) => whole[at]!, (at) => piece[at]!);
  }

  /** Knuth, Morris and Pratt: never looks back in the text. */
  #search(
    length: number,
    text: (at: number) => number,
    piece: (at: number) => number,
  ): boolean {
    const borders = this.#borders!;
    let matched = 0;
    for (let at = 0; at < length; at++) {
      while (matched > 0 && text(at) !== piece(matched)) matched = borders[matched - 1]!;
      if (text(at) === piece(matched)) matched++;
      if (matched === borders.length) return true;
    }
    return false;
  }
}

function borders(piece: string | Uint8Array): Int32Array {
  const code = typeof piece === "string"
    ? (at: number) => piece.charCodeAt(at)
    : (at: number) => piece[at]!;
  const found = new Int32Array(piece.length);
  let matched = 0;
  for (let at = 1; at < piece.length; at++) {
    while (matched > 0 && code(at) !== code(matched)) matched = found[matched - 1]!;
    if (code(at) === code(matched)) matched++;
    found[at] = matched;
  }
  return found;
}

function includes(whole: Uint8Array, piece: Uint8Array): boolean {
  const last = whole.length - piece.length;
  for (let at = whole.indexOf(piece[0]!); at >= 0 && at <= last;) {
    let matched = 1;
    while (matched < piece.length && whole[at + matched] === piece[matched]) matched++;
    if (matched === piece.length) return true;
    at = whole.indexOf(piece[0]!, at + 1);
  }
  return false;
}
