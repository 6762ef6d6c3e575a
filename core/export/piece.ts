import { widthOf } from "./printable.ts";

/** Text that is safe for a terminal, made ready to be written again and again. */
export interface Piece {
  readonly text: string;
  /** The text as UTF-8. */
  readonly bytes: Uint8Array;
  readonly columns: number;
  /** A byte is a column. */
  readonly isAscii: boolean;
}

const encoder = new TextEncoder();

/** Makes text ready to be written. */
export function pieceOf(text: string): Piece {
  return {
    text,
    bytes: encoder.encode(text),
    columns: widthOf(text),
    isAscii: /^[\x20-\x7e]*$/.test(text),
  };
}

/** Pieces kept at most, and the longest key of one; then all are made anew. */
const MAX_PIECES = 2048, MAX_KEY = 1024;

/**
 * Pieces by what they are made of: lines tell the same few names, lengths and times again and
 * again.
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * const lengths = new Pieces((length: number) => `${length} B`);
 * assertEquals(lengths.of(8).text, "8 B");
 * assert(lengths.of(8) === lengths.of(8));
 * ```
 */
export class Pieces<Key extends string | number | bigint> {
  readonly #make: (key: Key) => string;
  readonly #pieces = new Map<Key, Piece>();

  constructor(make: (key: Key) => string) {
    this.#make = make;
  }

  /** The piece for a key. */
  of(key: Key): Piece {
    let piece = this.#pieces.get(key);
    if (piece !== undefined) return piece;
    piece = pieceOf(this.#make(key));
    if (this.#pieces.size >= MAX_PIECES) this.#pieces.clear();
    if (typeof key !== "string" || key.length <= MAX_KEY) this.#pieces.set(key, piece);
    return piece;
  }
}
