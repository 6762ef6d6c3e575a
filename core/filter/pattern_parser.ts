/** What a pattern asks of the place between two characters. */
export type Assertion = "start" | "end" | "very end" | "word edge" | "no word edge";

/** Tells whether a character code belongs. */
export type CharTest = (code: number) => boolean;

/** A regular expression taken apart. */
export type Regex =
  | { kind: "char"; test: CharTest }
  | { kind: "assert"; assertion: Assertion }
  | { kind: "sequence" | "choice"; parts: Regex[] }
  | { kind: "repeat"; part: Regex; least: number; most: number };

/** A pattern that is wrong, or that needs more than a linear time. */
export class PatternError extends Error {
  override readonly name = "PatternError";
  /** Where in the pattern. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const MAX_NESTING = 100;
const MAX_REPEAT = 1000;
const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: "start",
  Z: "end",
  z: "very end",
  b: "word edge",
  B: "no word edge",
};
const CONTROLS: Readonly<Record<string, number>> = {
  a: 7,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
};
const digit: CharTest = (code) => code >= 48 && code <= 57;
const space: CharTest = (code) => code === 32 || (code >= 9 && code <= 13);
/** Whether `\w` takes a character: an ASCII letter, digit or underscore. */
export const isWord: CharTest = (code) =>
  digit(code) || code === 95 || (code | 32) >= 97 && (code | 32) <= 122;
const not = (test: CharTest): CharTest => (code) => !test(code);
const CLASSES: Readonly<Record<string, CharTest>> = {
  d: digit,
  D: not(digit),
  s: space,
  S: not(space),
  w: isWord,
  W: not(isWord),
};
const letter: CharTest = (code) => isWord(code) && !digit(code) && code !== 95;
const POSIX: Readonly<Record<string, CharTest>> = {
  alpha: letter,
  digit,
  alnum: (code) => letter(code) || digit(code),
  space,
  upper: letter,
  lower: letter,
  word: isWord,
  xdigit: (code) => digit(code) || (code | 32) >= 97 && (code | 32) <= 102,
  punct: (code) => code > 32 && code < 127 && !letter(code) && !digit(code),
  print: (code) => code >= 32 && code < 127,
  cntrl: (code) => code < 32 || code === 127,
};

/**
 * Takes a regular expression apart: the part of PCRE that needs no backtracking, letters of
 * either case alike. Throws {@link PatternError}.
 */
export function parsePattern(pattern: string): Regex {
  return new PatternParser(pattern).whole();
}

class PatternParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Regex {
    if (this.#text.startsWith("(?i)")) this.#at = 4;
    const regex = this.#choice();
    if (this.#at < this.#text.length) throw this.#error("unmatched closing parenthesis");
    return regex;
  }

  #error(message: string, at = this.#at): PatternError {
    return new PatternError(message, at);
  }

  #accept(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #choice(): Regex {
    const parts = [this.#sequence()];
    while (this.#accept("|")) parts.push(this.#sequence());
    return parts.length === 1 ? parts[0]! : { kind: "choice", parts };
  }

  #sequence(): Regex {
    const parts: Regex[] = [];
    for (;;) {
      const next = this.#text[this.#at];
      if (next === undefined || next === "|" || next === ")") break;
      parts.push(this.#repeated(this.#atom()));
    }
    return parts.length === 1 ? parts[0]! : { kind: "sequence", parts };
  }

  #repeated(part: Regex): Regex {
    const start = this.#at;
    const range = this.#range();
    if (range === null) return part;
    const [least, most] = range;
    if (this.#accept("+")) {
      throw this.#error("possessive quantifiers are not supported", start);
    }
    this.#accept("?"); // Greedy or not, the same texts match.
    if (this.#range() !== null) {
      throw this.#error("quantifier does not follow a repeatable item", start);
    }
    return { kind: "repeat", part, least, most };
  }

  #range(): [number, number] | null {
    if (this.#accept("*")) return [0, Infinity];
    if (this.#accept("+")) return [1, Infinity];
    if (this.#accept("?")) return [0, 1];
    const counted = /\{(\d+)(,(\d*))?\}/y;
    counted.lastIndex = this.#at;
    const found = counted.exec(this.#text);
    if (found === null) return null;
    const [all, low, comma, high] = found;
    const least = Number(low);
    const most = comma === undefined ? least : high === "" ? Infinity : Number(high);
    if (least > MAX_REPEAT || (most !== Infinity && most > MAX_REPEAT)) {
      throw this.#error(`more than ${MAX_REPEAT} repetitions`);
    }
    if (most < least) throw this.#error("numbers out of order in {} quantifier");
    this.#at += all.length;
    return [least, most];
  }

  #atom(): Regex {
    const start = this.#at;
    if ("*+?".includes(this.#text[start]!)) {
      throw this.#error("quantifier does not follow a repeatable item");
    }
    if (this.#accept("(")) return this.#group(start);
    if (this.#accept("[")) return { kind: "char", test: this.#class(start) };
    if (this.#accept(".")) return { kind: "char", test: (code) => code !== 10 };
    if (this.#accept("^")) return { kind: "assert", assertion: "start" };
    if (this.#accept("$")) return { kind: "assert", assertion: "end" };
    if (!this.#accept("\\")) {
      return { kind: "char", test: oneChar(this.#text.charCodeAt(this.#at++)) };
    }
    const assertion = ASSERTIONS[this.#text[this.#at] ?? ""];
    if (assertion !== undefined) {
      this.#at++;
      return { kind: "assert", assertion };
    }
    const escaped = this.#escape();
    return {
      kind: "char",
      test: typeof escaped === "number" ? oneChar(escaped) : escaped,
    };
  }

  #group(start: number): Regex {
    if (++this.#depth > MAX_NESTING) {
      throw this.#error(`groups nested deeper than ${MAX_NESTING}`, start);
    }
    if (this.#text[this.#at] === "?" && !this.#accept("?:")) {
      throw this.#error("look-around, named groups and options are not supported", start);
    }
    const inner = this.#choice();
    if (!this.#accept(")")) throw this.#error("missing closing parenthesis", start);
    this.#depth--;
    return inner;
  }

  /** What stands behind a backslash: one character or a class. */
  #escape(): number | CharTest {
    const at = this.#at;
    const char = this.#text[this.#at++];
    if (char === undefined) throw this.#error("\\ at end of pattern", at);
    const found = CLASSES[char];
    if (found !== undefined) return found;
    const control = CONTROLS[char];
    if (control !== undefined) return control;
    if (char === "x") {
      const hex = /[0-9a-f]{1,2}|\{[0-9a-f]{1,4}\}/iy;
      hex.lastIndex = this.#at;
      const digits = hex.exec(this.#text)?.[0] ?? "0";
      if (digits !== "0" || this.#text[this.#at] === "0") this.#at += digits.length;
      return parseInt(digits.replace("{", ""), 16);
    }
    if (char === "0") return 0;
    if (/[1-9]/.test(char)) throw this.#error("back-references are not supported", at);
    if (/[a-z]/i.test(char)) {
      throw this.#error(`unrecognized character "${char}" follows \\`, at);
    }
    return char.charCodeAt(0);
  }

  #class(start: number): CharTest {
    const negated = this.#accept("^");
    const tests: CharTest[] = [];
    for (let first = true;; first = false) {
      const next = this.#text[this.#at];
      if (next === undefined) throw this.#error("missing terminating ]", start);
      if (next === "]" && !first) break;
      const low = this.#classItem();
      if (typeof low !== "number") {
        tests.push(low);
        continue;
      }
      const range = this.#text[this.#at] === "-" && this.#text[this.#at + 1] !== "]" &&
        this.#at + 1 < this.#text.length;
      if (!range) {
        tests.push(oneChar(low));
        continue;
      }
      const at = this.#at++;
      const high = this.#classItem();
      if (typeof high !== "number") throw this.#error("invalid range in class", at);
      if (high < low) throw this.#error("range out of order in class", at);
      tests.push(folded((code) => code >= low && code <= high));
    }
    this.#at++;
    const within = (code: number) => tests.some((test) => test(code));
    return negated ? not(within) : within;
  }

  #classItem(): number | CharTest {
    const posix = /\[:(\^?)([a-z]+):\]/y;
    posix.lastIndex = this.#at;
    const found = posix.exec(this.#text);
    if (found !== null) {
      const test = POSIX[found[2]!];
      if (test === undefined) throw this.#error("unknown POSIX class name");
      this.#at += found[0].length;
      return found[1] === "^" ? not(test) : test;
    }
    if (!this.#accept("\\")) return this.#text.charCodeAt(this.#at++);
    if (this.#accept("b")) return 8;
    return this.#escape();
  }
}

function oneChar(wanted: number): CharTest {
  return folded((code) => code === wanted);
}

/** A test that takes letters of either case alike. */
function folded(test: CharTest): CharTest {
  return (code) => {
    if (test(code)) return true;
    if (code < 128) {
      const other = code ^ 32;
      return letter(code) && test(other);
    }
    const char = String.fromCharCode(code);
    return test(char.toLowerCase().charCodeAt(0)) ||
      test(char.toUpperCase().charCodeAt(0));
  };
}
