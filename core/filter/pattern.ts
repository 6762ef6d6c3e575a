import { type Assertion, type CharTest, isWord, parsePattern } from "./pattern_parser.ts";
import { PatternError, type Regex } from "./pattern_parser.ts";

type Instruction =
  | { op: "char"; test: CharTest }
  | { op: "assert"; assertion: Assertion }
  | { op: "split"; to: readonly number[] }
  | { op: "match" };

/** Longest pattern, and most instructions of one. */
const MAX_PATTERN = 10_000;
const MAX_PROGRAM = 2000;
/** Most states kept; then they are made anew. */
const MAX_STATES = 500;
const UNKNOWN = -1;
const MATCHED = -2;
/** Slots besides those of the codes 0 to 255: a newline that ends the text, and the end. */
const FINAL_NEWLINE = 256;
const END = 257;

/** A set of places in the program, and what preceded. */
interface State {
  readonly places: readonly number[];
  readonly before: "start" | "word" | "other";
  /** The next state by character. */
  readonly next: Int16Array;
  readonly further: Map<number, number>;
}

/**
 * A regular expression that searches in time linear in the text, whatever it says: all
 * alternatives advance together, and sets of them seen before are remembered. It knows the
 * part of PCRE without look-around and back-references and takes letters of either case alike,
 * as Wireshark's `matches` does. Throws {@link PatternError}.
 *
 * Source: Ken Thompson, Regular Expression Search Algorithm, CACM 11 (6), 1968.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(new Pattern("^(a+)+$").test("a".repeat(10_000) + "b"), false);
 * assertEquals(new Pattern("\\bORDER_\\d{2,}").test("the order_17"), true);
 * ```
 */
export class Pattern {
  readonly #program: Instruction[] = [];
  #states: State[] = [];
  #index = new Map<string, number>();

  constructor(pattern: string) {
    if (pattern.length > MAX_PATTERN) throw tooLarge();
    this.#compile(parsePattern(pattern));
    this.#add({ op: "match" });
  }

  /** Whether the pattern occurs in the text; bytes count as the characters 0 to 255. */
  test(text: string | Uint8Array): boolean {
    const bytes = typeof text === "string" ? null : text;
    const { length } = text;
    let state = this.#state([0], "start");
    for (let at = 0; at <= length; at++) {
      const code = at === length
        ? NaN
        : bytes === null
        ? (text as string).charCodeAt(at)
        : bytes[at]!;
      const slot = at === length
        ? END
        : code === 10 && at === length - 1
        ? FINAL_NEWLINE
        : code;
      const known = this.#states[state]!;
      const cached = slot === code && code > 255
        ? known.further.get(code) ?? UNKNOWN
        : known.next[slot]!;
      state = cached === UNKNOWN ? this.#step(state, code, slot) : cached;
      if (state === MATCHED) return true;
    }
    return false;
  }

  #add(instruction: Instruction): number {
    if (this.#program.length >= MAX_PROGRAM) {
      throw tooLarge();
    }
    return this.#program.push(instruction) - 1;
  }

  /** Adds the instructions of an expression; they go on at the place behind them. */
  #compile(regex: Regex): void {
    switch (regex.kind) {
      case "char":
        this.#add({ op: "char", test: regex.test });
        return;
      case "assert":
        this.#add({ op: "assert", assertion: regex.assertion });
        return;
      case "sequence":
        for (const part of regex.parts) this.#compile(part);
        return;
      case "choice": {
        const starts: number[] = [];
        const ends: number[][] = [];
        this.#add({ op: "split", to: starts });
        for (const part of regex.parts) {
          starts.push(this.#program.length);
          this.#compile(part);
          const end: number[] = [];
          this.#add({ op: "split", to: end });
          ends.push(end);
        }
        for (const end of ends) end.push(this.#program.length);
        return;
      }
      case "repeat": {
        const { part, least, most } = regex;
        for (let i = 0; i < least; i++) this.#compile(part);
        if (most === Infinity) {
          const start = this.#program.length;
          const to = [start + 1];
          this.#add({ op: "split", to });
          this.#compile(part);
          this.#add({ op: "split", to: [start] });
          to.push(this.#program.length);
          return;
        }
        const exits: number[][] = [];
        for (let i = least; i < most; i++) {
          const to = [this.#program.length + 1];
          this.#add({ op: "split", to });
          exits.push(to);
          this.#compile(part);
        }
        for (const exit of exits) exit.push(this.#program.length);
      }
    }
  }

  #state(places: readonly number[], before: State["before"]): number {
    const key = `${before} ${places.join()}`;
    const known = this.#index.get(key);
    if (known !== undefined) return known;
    if (this.#states.length >= MAX_STATES) {
      this.#states = [];
      this.#index = new Map();
    }
    const next = new Int16Array(258).fill(UNKNOWN);
    const state = this.#states.push({ places, before, next, further: new Map() }) - 1;
    this.#index.set(key, state);
    return state;
  }

  /** Finds, and remembers, the state behind one character. */
  #step(from: number, code: number, slot: number): number {
    const state = this.#states[from]!;
    const after = slot === code ? "char" : slot === END ? "end" : "final newline";
    const word = isWord(code);
    const reached = new Set<number>();
    let to = UNKNOWN;
    const places = new Set<number>(state.places);
    for (const place of places) {
      const instruction = this.#program[place]!;
      if (instruction.op === "match") to = MATCHED;
      else if (instruction.op === "split") {
        for (const target of instruction.to) places.add(target);
      } else if (instruction.op === "assert") {
        const { before } = state;
        if (holds(instruction.assertion, before, after, word)) places.add(place + 1);
      } else if (after !== "end" && instruction.test(code)) reached.add(place + 1);
    }
    if (to !== MATCHED) {
      // A match may begin anywhere, hence at the next character too.
      const next = [...reached.add(0)].sort((a, b) => a - b);
      to = this.#state(next, word ? "word" : "other");
    }
    if (slot === code && code > 255) state.further.set(code, to);
    else state.next[slot] = to;
    return to;
  }
}

function holds(
  assertion: Assertion,
  before: State["before"],
  after: "char" | "final newline" | "end",
  word: boolean,
): boolean {
  switch (assertion) {
    case "start":
      return before === "start";
    case "end":
      return after !== "char";
    case "very end":
      return after === "end";
    case "word edge":
      return (before === "word") !== word;
    case "no word edge":
      return (before === "word") === word;
  }
}

function tooLarge(): PatternError {
  return new PatternError("regular expression is too large", 0);
}
