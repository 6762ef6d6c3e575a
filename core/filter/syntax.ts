import type { Span } from "./error.ts";

const encoder = new TextEncoder();

/** How two values are compared. */
export type Relation =
  | "=="
  | "!="
  | "==="
  | "!=="
  | "<"
  | ">"
  | "<="
  | ">="
  | "contains"
  | "matches";

/** `any` and `all` before a comparison; null where Wireshark's default holds. */
export type Quantifier = "any" | "all" | null;

/** Some bytes of a value: `length` of them, or up to `end`, or all that follow. */
export interface Range {
  /** From the value's start, or below 0 from its end. */
  readonly from: number;
  readonly length: number | null;
  /** The last byte, which belongs to it; below 0 from the value's end. */
  readonly end: number | null;
}

/**
 * A field or a literal without quotes, a literal, a function of an operand, bytes of one
 * (`field[0:4]`), or one with only some bits left (`field & 0x0f`).
 */
export type Operand =
  & Span
  & (
    | { readonly kind: "word"; readonly text: string }
    | {
      readonly kind: "string" | "char";
      readonly text: string;
      readonly bytes: Uint8Array;
    }
    | { readonly kind: "call"; readonly name: string; readonly of: readonly Operand[] }
    | { readonly kind: "slice"; readonly of: Operand; readonly ranges: readonly Range[] }
    | { readonly kind: "mask"; readonly of: Operand; readonly mask: Operand }
  );

/** One literal of a set, or a range with both its ends in it. */
export interface SetElement {
  readonly from: Operand;
  readonly to: Operand | null;
}

/** A filter as it was written. */
export type Expression =
  & Span
  & (
    | { readonly kind: "and" | "or"; readonly parts: readonly Expression[] }
    | { readonly kind: "not"; readonly part: Expression }
    | { readonly kind: "exists"; readonly operand: Operand }
    | {
      readonly kind: "compare";
      readonly quantifier: Quantifier;
      /** `a < b <= c` has three operands and two relations. */
      readonly operands: readonly Operand[];
      readonly relations: readonly Relation[];
    }
    | {
      readonly kind: "in";
      readonly quantifier: Quantifier;
      readonly operand: Operand;
      readonly elements: readonly SetElement[];
    }
  );

/**
 * Writes a filter back; what it gives reads as the same expression.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parse } from "./parser.ts";
 * assertEquals(printFilter(parse("a eq 1&&not(b||c)")), "a == 1 && !(b || c)");
 * ```
 */
export function printFilter(expression: Expression | null): string {
  if (expression === null) return "";
  switch (expression.kind) {
    case "and":
    case "or": {
      const sign = expression.kind === "and" ? " && " : " || ";
      return expression.parts.map((part) =>
        part.kind === "and" || part.kind === "or"
          ? `(${printFilter(part)})`
          : printFilter(part)
      ).join(sign);
    }
    case "not": {
      const { kind } = expression.part;
      const tight = kind === "exists" || kind === "not";
      return tight
        ? `!${printFilter(expression.part)}`
        : `!(${printFilter(expression.part)})`;
    }
    case "exists":
      return printOperand(expression.operand);
    case "compare": {
      const { operands, relations, quantifier } = expression;
      const rest = relations.map((relation, i) =>
        ` ${relation} ${printOperand(operands[i + 1]!)}`
      );
      return prefix(quantifier) + printOperand(operands[0]!) + rest.join("");
    }
    case "in": {
      const elements = expression.elements.map(({ from, to }) =>
        printOperand(from) + (to === null ? "" : ` .. ${printOperand(to)}`)
      );
      return `${prefix(expression.quantifier)}${printOperand(expression.operand)} in {${
        elements.join(", ")
      }}`;
    }
  }
}

function prefix(quantifier: Quantifier): string {
  return quantifier === null ? "" : `${quantifier} `;
}

function printOperand(operand: Operand): string {
  switch (operand.kind) {
    case "word":
      return operand.text;
    case "call":
      return `${operand.name}(${operand.of.map(printOperand).join(", ")})`;
    case "slice":
      return `${printOperand(operand.of)}[${operand.ranges.map(printRange).join(",")}]`;
    case "mask":
      return `${printOperand(operand.of)} & ${printOperand(operand.mask)}`;
    case "string":
      return `"${escaped(operand.text, operand.bytes)}"`;
    case "char":
      return `'${escaped(operand.text, operand.bytes)}'`;
  }
}

function printRange({ from, length, end }: Range): string {
  if (end !== null) return `${from}-${end}`;
  if (length === null) return `${from}:`;
  return `${from}:${length}`;
}

/** Text with what cannot stand in quotes escaped; bytes that are no UTF-8 as `\\xNN`. */
function escaped(text: string, bytes: Uint8Array): string {
  let at = 0;
  let escaped = "";
  for (const char of text) {
    const utf8 = encoder.encode(char);
    const whole = utf8.every((byte, i) => bytes[at + i] === byte);
    at += whole ? utf8.length : 1;
    escaped += whole ? escapedCharacter(char) : escapedByte(char.charCodeAt(0));
  }
  // Bytes written one by one may happen to be the UTF-8 of their own first character.
  return at === bytes.length ? escaped : [...bytes].map(escapedByte).join("");
}

function escapedCharacter(char: string): string {
  if (`"'\\`.includes(char)) return `\\${char}`;
  if (!/\p{Cc}/u.test(char)) return char;
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function escapedByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
