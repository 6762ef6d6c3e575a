import { concat } from "../bytes/copy.ts";
import { FilterError, quoted, type Span } from "./error.ts";

/** A piece of a filter. */
export type Token =
  & Span
  & (
    | { readonly type: "word" | "operator" | "end"; readonly text: string }
    | {
      readonly type: "string" | "char";
      readonly text: string;
      readonly bytes: Uint8Array;
    }
  );

const OPERATORS = /(?:===|!==|==|!=|<=|>=|&&|\|\||\.\.|[&<>~!(){}[\],])/y;
const SPACE = /\s+/y;
/** Names, numbers, addresses, bytes, times; `..` ends a word. */
const WORD = /-?(?:[\p{L}\p{N}_:/@$%+*-]|\.(?!\.))+/uy;
const PLAIN = /[^"\\]+/y;
const encoder = new TextEncoder();

/**
 * Cuts a filter into tokens as Wireshark does: words hold everything that is neither operator,
 * quote nor space. Throws `FilterError`.
 */
export function tokens(filter: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(filter)?.[0] ?? null;
  };
  while (at < filter.length) {
    const space = match(SPACE);
    if (space !== null) {
      at += space.length;
      continue;
    }
    const first = filter[at]!;
    if (first === '"' || first === "'") {
      found.push(quotedToken(filter, at, at, false));
    } else if ((first === "r" || first === "R") && filter[at + 1] === '"') {
      found.push(quotedToken(filter, at, at + 1, true));
    } else {
      const operator = match(OPERATORS);
      const text = operator ?? match(WORD);
      if (text === null) {
        throw new FilterError(`${quoted(first)} was unexpected in this context.`, {
          offset: at,
          length: 1,
        });
      }
      const type = operator === null ? "word" : "operator";
      found.push({ type, text, offset: at, length: text.length });
    }
    const last = found[found.length - 1]!;
    at = last.offset + last.length;
  }
  found.push({ type: "end", text: "", offset: filter.length, length: 0 });
  return found;
}

/** Reads a string or, between single quotes, a character. */
function quotedToken(filter: string, offset: number, quote: number, raw: boolean): Token {
  const mark = filter[quote]!;
  const plain = mark === "'" ? /[^'\\]+/y : PLAIN;
  const texts: string[] = [];
  const parts: Uint8Array[] = [];
  let at = quote + 1;
  const take = (text: string, bytes: Uint8Array = encoder.encode(text)) => {
    texts.push(text);
    parts.push(bytes);
  };
  for (;;) {
    plain.lastIndex = at;
    const run = plain.exec(filter)?.[0];
    if (run !== undefined) {
      take(run);
      at += run.length;
    }
    const next = filter[at];
    if (next === undefined) {
      throw new FilterError("The final quote was missing from a quoted string.", {
        offset,
        length: filter.length - offset,
      });
    }
    if (next === mark) break;
    if (raw) {
      take(filter.slice(at, at + 2));
      at += 2;
    } else at += escape(filter, at, take);
  }
  const token = {
    offset,
    length: at + 1 - offset,
    text: texts.join(""),
    bytes: concat(parts),
  };
  if (mark === '"') return { type: "string", ...token };
  if (token.bytes.length !== 1) {
    throw new FilterError(
      `${quoted(token.text)} is not one character; strings stand in double quotes.`,
      token,
    );
  }
  return { type: "char", ...token };
}

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "'": "'",
  '"': '"',
  "\\": "\\",
};
const ESCAPE = /\\(?:x([0-9a-f]{1,2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{1,3}))/iy;

/** Takes one escape sequence; gives its length. */
function escape(
  filter: string,
  at: number,
  take: (text: string, bytes?: Uint8Array) => void,
): number {
  const simple = SIMPLE[filter[at + 1] ?? ""];
  if (simple !== undefined) {
    take(simple);
    return 2;
  }
  ESCAPE.lastIndex = at;
  const found = ESCAPE.exec(filter);
  const [all, hex, short, long, octal] = found ?? [];
  const byte = hex !== undefined
    ? parseInt(hex, 16)
    : octal !== undefined
    ? parseInt(octal, 8)
    : null;
  const point = parseInt(short ?? long ?? "", 16);
  const wrong = found === null || all === undefined || (byte ?? 0) > 255 ||
    (byte === null && !(point <= 0x10ffff && (point & 0xfff800) !== 0xd800));
  if (wrong) {
    throw new FilterError(
      `\\${
        filter[at + 1] ?? ""
      } is not a valid character escape sequence; write \\\\ or r"…".`,
      { offset: at, length: 2 },
    );
  }
  if (byte !== null) take(String.fromCharCode(byte), Uint8Array.of(byte));
  else take(String.fromCodePoint(point));
  return all.length;
}
