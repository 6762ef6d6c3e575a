import { isUtf8 } from "node:buffer";
import { HmacSha256 } from "../bytes/hmac_sha256.ts";
import { u32be } from "../bytes/integers.ts";

/** Bytes of a key that a capture's names can be guessed by no faster than at random. */
const KEY_BYTES = 32;

/** First and last code point of the letters that stand for characters of one length. */
type Alphabet = readonly [first: number, last: number];

const UPPER: Alphabet = [0x41, 0x5a], LOWER: Alphabet = [0x61, 0x7a];
const DIGITS: Alphabet = [0x30, 0x39];
/** Characters beyond ASCII by their bytes in UTF-8: two, three (around surrogates), four. */
const WIDE: readonly Alphabet[] = [
  [0x80, 0x7ff],
  [0x800, 0xd7ff],
  [0xe000, 0xffff],
  [0x10000, 0x10ffff],
];

const LETTERS: readonly Alphabet[] = [UPPER, LOWER, DIGITS, ...WIDE];
/** What a text of no letters and no digits is made of. */
const SIGNS: readonly Alphabet[] = [
  [0x01, 0x1f],
  [0x20, 0x2f],
  [0x3a, 0x40],
  [0x5b, 0x60],
  [0x7b, 0x7e],
];

/**
 * What stands for names, payloads and addresses. The same text gives the same stand-in under
 * the same key, in every file, and two texts never give one; without the key nobody can tell
 * which text it was. Lengths in bytes stay, digits stay digits, and punctuation stays, other than
 * in a text of punctuation alone.
 *
 * @example
 * ```ts
 * import { assertEquals, assertNotEquals } from "@std/assert";
 * const names = new StandIns(new Uint8Array(32));
 * const name = names.text("orders-2");
 * assertEquals(name.length, 8);
 * assertEquals(name[6], "-");
 * assertEquals(names.text("orders-2"), name);
 * assertNotEquals(names.text("orders-3"), name);
 * ```
 */
export class StandIns {
  readonly #mac: HmacSha256;
  readonly #texts = new Map<string, string>();
  readonly #addresses = new Map<string, Uint8Array>();

  /** Throws `RangeError` on a key of another length than 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes`);
    this.#mac = new HmacSha256(key);
  }

  /** The stand-in of a name: as many bytes of UTF-8. */
  text(text: string): string {
    let standIn = this.#texts.get(text);
    if (standIn === undefined) {
      const characters = [...text];
      const hasLetters = characters.some((one) => alphabetOf(one, LETTERS) !== null);
      const alphabets = hasLetters ? LETTERS : SIGNS;
      // There and back, so that each letter depends on all others.
      const forward = this.#shifted(characters, "forward", alphabets);
      standIn = this.#shifted(forward.reverse(), "back", alphabets).reverse().join("");
      if (this.#texts.size >= MAX_REMEMBERED) this.#texts.clear();
      this.#texts.set(text, standIn);
    }
    return standIn;
  }

  /** Each character moved within its alphabet by what those before it became. */
  #shifted(
    characters: readonly string[],
    way: string,
    alphabets: readonly Alphabet[],
  ): string[] {
    const done: string[] = [];
    for (const character of characters) {
      const from = alphabetOf(character, alphabets);
      if (from === null) {
        done.push(character);
        continue;
      }
      const to = way === "forward" ? swapped(from) : from;
      const number = this.#number(`${way} ${characters.length} ${done.join("")}`);
      const size = to[1] - to[0] + 1;
      // A digit moves once and never by nothing, so that no short address stays.
      const shift = from !== DIGITS ? number : way === "forward" ? 1 + number % 9 : 0;
      const place = (character.codePointAt(0)! - from[0] + shift) % size;
      done.push(String.fromCodePoint(to[0] + place));
    }
    return done;
  }

  /** Bytes in the place of a payload: letters where it was text, else no text at all. */
  payload(bytes: Uint8Array): Uint8Array {
    const standIn = new Uint8Array(bytes.length);
    let state = this.#numberOf(bytes) | 1;
    const isText = isUtf8(bytes);
    for (let i = 0; i < standIn.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      standIn[i] = isText ? 0x41 + (state >>> 8) % 26 : state >>> 8 | 0x80;
    }
    return standIn;
  }

  /** An IPv4 address of 10.0.0.0/8, an IPv6 address of fd00::/8, or a local MAC address. */
  address(address: Uint8Array): Uint8Array {
    const text = address.toHex();
    let standIn = this.#addresses.get(text);
    if (standIn === undefined) {
      standIn = this.#digest(`address ${text}`).slice(0, address.length);
      standIn[0] = address.length === 4 ? 10 : address.length === 6 ? 2 : 0xfd;
      if (this.#addresses.size >= MAX_REMEMBERED) this.#addresses.clear();
      this.#addresses.set(text, standIn);
    }
    return standIn;
  }

  #number(text: string): number {
    return u32be(this.#digest(text), 0);
  }

  #numberOf(bytes: Uint8Array): number {
    return u32be(this.#mac.digest(bytes), 0);
  }

  #digest(text: string): Uint8Array<ArrayBuffer> {
    return this.#mac.digest(encoder.encode(text));
  }
}

const encoder = new TextEncoder();

/** Stand-ins kept at most before they are computed anew. */
const MAX_REMEMBERED = 1 << 16;

/** Which of some alphabets a character is in; null where it is in none. */
function alphabetOf(character: string, alphabets: readonly Alphabet[]): Alphabet | null {
  const point = character.codePointAt(0)!;
  return alphabets.find(([first, last]) => point >= first && point <= last) ?? null;
}

/** The alphabet that stands for another: small letters for large ones and the reverse. */
function swapped(alphabet: Alphabet): Alphabet {
  return alphabet === UPPER ? LOWER : alphabet === LOWER ? UPPER : alphabet;
}
