import { FilterError, quoted, type Span } from "./error.ts";
import { type Token, tokens } from "./lexer.ts";
import { rangeOf } from "./range.ts";
import type {
  Expression,
  Operand,
  Quantifier,
  Range,
  Relation,
  SetElement,
} from "./syntax.ts";

/** Parentheses and negations within each other at most. */
export const MAX_DEPTH = 200;

const RELATIONS: Readonly<Record<string, Relation>> = {
  "==": "==",
  eq: "==",
  any_eq: "==",
  "!=": "!=",
  ne: "!=",
  all_ne: "!=",
  "===": "===",
  all_eq: "===",
  "!==": "!==",
  any_ne: "!==",
  "<": "<",
  lt: "<",
  ">": ">",
  gt: ">",
  "<=": "<=",
  le: "<=",
  ">=": ">=",
  ge: ">=",
  contains: "contains",
  "~": "matches",
  matches: "matches",
};

/** The words of the language, which are no values. */
export const KEYWORDS: readonly string[] = [
  ...Object.keys(RELATIONS).filter((word) => /^[a-z]/.test(word)),
  "in",
  "and",
  "or",
  "not",
  "bitwise_and",
];
const RESERVED = new Set(KEYWORDS);

/**
 * Reads a filter in Wireshark's language; an empty one, which everything passes, is null.
 * Throws {@link FilterError}. Names are not looked up here.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(parse("tcp.port == 8090")?.kind, "compare");
 * ```
 */
export function parse(filter: string): Expression | null {
  const parser = new Parser(tokens(filter));
  return parser.isAtEnd ? null : parser.filter();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(found: readonly Token[]) {
    this.#tokens = found;
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  get isAtEnd(): boolean {
    return this.#next.type === "end";
  }

  filter(): Expression {
    const expression = this.#or();
    if (!this.isAtEnd) throw unexpected(this.#next);
    return expression;
  }

  /** Whether the next token is this operator or word, or the other. */
  #is(one: string, other = one): boolean {
    const { type, text } = this.#next;
    return (text === one || text === other) && (type === "operator" || type === "word");
  }

  #accept(one: string, other = one): Token | null {
    return this.#is(one, other) ? this.#tokens[this.#at++]! : null;
  }

  #expect(text: string): Token {
    const token = this.#accept(text);
    if (token === null) throw unexpected(this.#next);
    return token;
  }

  #or(): Expression {
    return this.#list("or", () => this.#and(), "||");
  }

  #and(): Expression {
    return this.#list("and", () => this.#not(), "&&");
  }

  #list(kind: "and" | "or", part: () => Expression, sign: string): Expression {
    const first = part();
    const parts = [first];
    while (this.#accept(sign, kind) !== null) parts.push(part());
    return parts.length === 1
      ? first
      : { kind, parts, ...over(first, parts[parts.length - 1]!) };
  }

  #not(): Expression {
    const sign = this.#accept("!", "not");
    if (sign === null) return this.#test();
    this.#enter(sign);
    const part = this.#not();
    this.#depth--;
    return { kind: "not", part, ...over(sign, part) };
  }

  #enter(token: Token): void {
    if (++this.#depth > MAX_DEPTH) {
      throw new FilterError(`Nested deeper than ${MAX_DEPTH} levels.`, token);
    }
  }

  #test(): Expression {
    const open = this.#accept("(");
    if (open !== null) {
      this.#enter(open);
      const inner = this.#or();
      this.#expect(")");
      this.#depth--;
      return inner;
    }
    const start = this.#next;
    const quantifier = this.#quantifier();
    const first = this.#operand();
    const not = this.#is("not") && this.#tokens[this.#at + 1]?.text === "in"
      ? this.#tokens[this.#at++]!
      : null;
    if (this.#accept("in") !== null) {
      const { elements, end } = this.#set();
      const span = over(start, end);
      const test: Expression = {
        kind: "in",
        quantifier,
        operand: first,
        elements,
        ...span,
      };
      return not === null ? test : { kind: "not", part: test, ...span };
    }
    const operands = [first];
    const relations: Relation[] = [];
    for (let relation = this.#relation(); relation; relation = this.#relation()) {
      relations.push(relation);
      operands.push(this.#operand());
    }
    if (relations.length > 0) {
      const span = over(start, operands[operands.length - 1]!);
      return { kind: "compare", quantifier, operands, relations, ...span };
    }
    if (quantifier !== null) throw unexpected(this.#next);
    return { kind: "exists", operand: first, offset: first.offset, length: first.length };
  }

  #quantifier(): Quantifier {
    const { type, text } = this.#next;
    const following = this.#tokens[this.#at + 1];
    if (type !== "word" || (text !== "any" && text !== "all")) return null;
    if (following?.type !== "word" || RESERVED.has(following.text)) return null;
    this.#at++;
    return text;
  }

  #relation(): Relation | null {
    const { type, text } = this.#next;
    if (type !== "operator" && type !== "word") return null;
    if (!Object.hasOwn(RELATIONS, text)) return null;
    this.#at++;
    return RELATIONS[text]!;
  }

  /** An operand with the bits and bytes that are picked of it. */
  #operand(): Operand {
    const depth = this.#depth;
    let operand = this.#sliced();
    for (let sign; (sign = this.#accept("&", "bitwise_and")) !== null;) {
      this.#enter(sign);
      const mask = this.#sliced();
      operand = { kind: "mask", of: operand, mask, ...over(operand, mask) };
    }
    this.#depth = depth;
    return operand;
  }

  #sliced(): Operand {
    const of = this.#single();
    if (this.#accept("[") === null) return of;
    const ranges: Range[] = [];
    do ranges.push(this.#range()); while (this.#accept(",") !== null);
    return { kind: "slice", of, ranges, ...over(of, this.#expect("]")) };
  }

  #range(): Range {
    const first = this.#next;
    let text = "";
    let last = first;
    while (this.#next.type === "word") {
      last = this.#tokens[this.#at++]!;
      text += last.text;
    }
    if (text === "") throw unexpected(first);
    const range = rangeOf(text);
    if (range === null) {
      throw new FilterError(`${quoted(text)} is not a valid range.`, over(first, last));
    }
    return range;
  }

  #single(): Operand {
    const token = this.#next;
    const { offset, length } = token;
    if (token.type === "operator" || token.type === "end" || RESERVED.has(token.text)) {
      if (token.type !== "string" && token.type !== "char") throw unexpected(token);
    }
    this.#at++;
    if (token.type === "string" || token.type === "char") {
      return { kind: token.type, text: token.text, bytes: token.bytes, offset, length };
    }
    if (this.#accept("(") === null) {
      return { kind: "word", text: token.text, offset, length };
    }
    this.#enter(token);
    const of: Operand[] = [];
    if (!this.#is(")")) {
      do of.push(this.#operand()); while (this.#accept(",") !== null);
    }
    const end = this.#expect(")");
    this.#depth--;
    return { kind: "call", name: token.text, of, ...over(token, end) };
  }

  #set(): { elements: SetElement[]; end: Token } {
    this.#expect("{");
    const elements: SetElement[] = [];
    do {
      const from = this.#operand();
      const to = this.#accept("..") === null ? null : this.#operand();
      elements.push({ from, to });
    } while (this.#accept(",") !== null);
    return { elements, end: this.#expect("}") };
  }
}

/** The place from one thing's start to another's end. */
function over(from: Span, to: Span): Span {
  return { offset: from.offset, length: to.offset + to.length - from.offset };
}

function unexpected(token: Token): FilterError {
  if (token.type === "end") {
    return new FilterError("Unexpected end of filter expression.", token);
  }
  return new FilterError(`${quoted(token.text)} was unexpected in this context.`, token);
}
