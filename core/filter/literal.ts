import { amount } from "../bytes/amount.ts";
import { parseAddress } from "./address.ts";
import { FilterError, quoted } from "./error.ts";
import type { ValueType } from "./field.ts";
import { nearest } from "./suggest.ts";
import type { Operand } from "./syntax.ts";
import type { Unit } from "../schema/mod.ts";

/** What a literal is compared with. */
export interface LiteralTarget {
  readonly type: ValueType;
  readonly label: string;
  readonly names?: ReadonlyMap<number, string>;
  readonly unit?: Unit;
}

/** An operand that is a value. */
export type Literal = Extract<Operand, { text: string }>;

/** What a literal may be to a field whose kind differs from value to value. */
export interface VariantLiteral {
  readonly number: number | bigint | null;
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly boolean: boolean | null;
}

const LARGEST: Partial<Record<ValueType, bigint>> = {
  uint8: 255n,
  uint16: 65535n,
  uint32: (1n << 32n) - 1n,
  uint64: (1n << 64n) - 1n,
  uint128: (1n << 128n) - 1n,
  int8: 127n,
  int16: 32767n,
  int32: (1n << 31n) - 1n,
  int64: (1n << 63n) - 1n,
  int128: (1n << 127n) - 1n,
};
const WHOLE = /^([+-]?)(0x[0-9a-f]+|0b[01]+|0[0-7]*|[1-9][0-9]*)$/i;
const FRACTION = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const SPAN = /^(-?)(\d+)(?:\.(\d{0,12}))?(s|ms|us|µs|ns|m|h)?$/;
/** Nanoseconds of the units that spans of time are written in. */
export const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  "µs": 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const TIME =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i;
const LONGEST_NUMBER = 100;

/** How Wireshark calls the types. */
export function typeName(type: ValueType): string {
  const number = /^(u?)int(\d+)$/.exec(type);
  if (number !== null) {
    const bytes = Number(number[2]) / 8;
    const sign = number[1] === "u" ? "Unsigned" : "Signed";
    return `${sign} integer (${amount(bytes, "byte")})`;
  }
  const names: Partial<Record<ValueType, string>> = {
    float: "Floating point (single-precision)",
    double: "Floating point (double-precision)",
    boolean: "Boolean",
    string: "Character string",
    bytes: "Sequence of bytes",
    group: "Label",
    time: "Date and time",
    span: "Time offset",
    address: "IP address",
  };
  return names[type] ?? "Value of several types";
}

/**
 * The value of a literal as a field of some type has it. Throws {@link FilterError} where it
 * is none.
 */
export function literalValue(literal: Literal, target: LiteralTarget): unknown {
  const { type, names } = target;
  if (names !== undefined && literal.kind !== "char") {
    const number = byName(literal, target, names);
    if (number !== null) return number;
  }
  if (target.unit === "timestamp_us" && !isNumber(literal)) {
    return narrowed(timeOf(literal) / 1000n);
  }
  switch (type) {
    case "string":
      return literal.text;
    case "bytes":
      return bytesOf(literal);
    case "variant":
      return variantLiteral(literal);
    case "time":
      return timeOf(literal);
    case "address":
      return addressOf(literal);
    case "group":
      throw new FilterError(
        `${target.label} has no value: only its presence can be tested.`,
        {
          offset: literal.offset,
          length: literal.length,
        },
      );
    case "boolean":
      return booleanOf(literal);
  }
  if (literal.kind === "string") {
    throw new FilterError(
      `${typeName(type)} cannot be converted from a string (${quoted(literal.text)}).`,
      literal,
    );
  }
  if (type === "span") return spanOf(literal);
  return type === "float" || type === "double"
    ? fractionOf(literal)
    : wholeOf(literal, type);
}

/** The number of an enum's name; null where the literal is a number itself. */
function byName(
  literal: Literal,
  { label }: LiteralTarget,
  names: ReadonlyMap<number, string>,
): number | null {
  for (const [number, name] of names) if (name === literal.text) return number;
  if (literal.kind === "word" && WHOLE.test(literal.text)) return null;
  throw new FilterError(
    `${quoted(literal.text)} cannot be found among the possible values for ${label}.`,
    literal,
    nearest(literal.text, names.values()),
  );
}

function isNumber({ kind, text }: Literal): boolean {
  return kind !== "string" && WHOLE.test(text);
}

/** The bits that a mask leaves of a field of some type. */
export function maskOf(operand: Operand, type: ValueType): bigint {
  if (operand.kind !== "word") {
    throw new FilterError("The bitwise and takes a number on its right.", operand);
  }
  return BigInt(wholeOf(operand, type));
}

function wholeOf(literal: Literal, type: ValueType): number | bigint {
  const value = literal.kind === "char"
    ? BigInt((literal as Extract<Literal, { bytes: Uint8Array }>).bytes[0]!)
    : wholeNumber(literal.text);
  if (value === null) {
    const long = literal.text.length > LONGEST_NUMBER;
    throw new FilterError(
      `${quoted(literal.text)} is ${long ? "too long for" : "not"} a valid number.`,
      literal,
    );
  }
  const most = LARGEST[type] ?? null;
  const least = type.startsWith("uint") ? 0n : -(most ?? 0n) - 1n;
  if (most !== null && value > most) {
    throw new FilterError(
      `${quoted(literal.text)} too big for this field, maximum ${most}.`,
      literal,
    );
  }
  if (most !== null && value < least) {
    throw new FilterError(
      `${quoted(literal.text)} too small for this field, minimum ${least}.`,
      literal,
    );
  }
  return narrowed(value);
}

/** A number where it holds the value exactly: numbers compare faster than bigints. */
function narrowed(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function wholeNumber(text: string): bigint | null {
  if (text.length > LONGEST_NUMBER) return null;
  const found = WHOLE.exec(text);
  if (found === null) return null;
  const [, sign, digits] = found as unknown as [string, string, string];
  const octal = /^0[0-7]+$/.test(digits);
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  return sign === "-" ? -value : value;
}

function fractionOf(literal: Literal): number {
  const whole = wholeNumber(literal.text);
  if (whole !== null) return Number(whole);
  if (literal.text.length <= LONGEST_NUMBER && FRACTION.test(literal.text)) {
    return Number(literal.text);
  }
  throw new FilterError(`${quoted(literal.text)} is not a valid number.`, literal);
}

/** Nanoseconds of a duration: seconds, or a number with its unit. */
function spanOf(literal: Literal): number {
  const found = SPAN.exec(literal.text);
  if (found === null) {
    throw new FilterError(
      `${
        quoted(literal.text)
      } is not a valid time; write seconds such as 0.25, or 250ms.`,
      literal,
    );
  }
  const [, sign, whole, part, unit] = found;
  return Math.round(
    Number(`${sign}${whole}.${part ?? ""}0`) * NANOSECONDS[unit ?? "s"]!,
  );
}

/** Nanoseconds since the epoch of a moment; without a zone it is UTC. */
function timeOf(literal: Literal): bigint {
  const found = TIME.exec(literal.text);
  const [, day, time = "00:00:00", part = "", zone = "Z"] = found ?? [];
  const offset = /^(Z|UTC)$/i.test(zone) ? "Z" : zone.replace(/^(...)(\d\d)$/, "$1:$2");
  const seconds = time.length === 5 ? `${time}:00` : time;
  const ms = found === null ? NaN : Date.parse(`${day}T${seconds}${offset}`);
  if (Number.isNaN(ms)) {
    throw new FilterError(
      `${quoted(literal.text)} is not a valid absolute time. ` +
        `Example: "2011-07-04 12:34:56.789" or "2011-07-04T12:34:56Z".`,
      literal,
    );
  }
  return BigInt(ms) * 1_000_000n + BigInt(part.padEnd(9, "0"));
}

function addressOf(literal: Literal): unknown {
  if (literal.kind === "string") {
    throw new FilterError(
      `IP address cannot be converted from a string (${quoted(literal.text)}).`,
      literal,
    );
  }
  const address = parseAddress(literal.text);
  if (address !== null) return address;
  const prefix = /\/(\d+)$/.exec(literal.text);
  throw new FilterError(
    prefix !== null && parseAddress(literal.text.slice(0, prefix.index)) !== null
      ? `Netmask bits in a CIDR address should be <= ${
        literal.text.includes(":") ? 128 : 32
      }, not ${prefix[1]}.`
      : `${quoted(literal.text)} is not a valid IP address.`,
    literal,
  );
}

function booleanOf(literal: Literal): boolean {
  const value = literal.kind === "word" ? booleanWord(literal.text) : null;
  if (value !== null) return value;
  throw new FilterError(`${quoted(literal.text)} is not a valid boolean.`, literal);
}

function booleanWord(text: string): boolean | null {
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  const number = wholeNumber(text);
  return number === null ? null : number !== 0n;
}

/** Bytes of `aa:bb`, `aa-bb`, `aa.bb`, a single byte `aa`, or those of a string. */
function bytesOf(literal: Literal): Uint8Array {
  if (literal.kind !== "word") return literal.bytes;
  const bytes = hexBytes(literal.text);
  if (bytes !== null) return bytes;
  throw new FilterError(
    `${quoted(literal.text)} is not a valid byte string; write aa:bb:cc or "text".`,
    literal,
  );
}

function hexBytes(text: string): Uint8Array | null {
  if (!/^[0-9a-f]{2}([:.-]?[0-9a-f]{2})*$/i.test(text)) return null;
  return Uint8Array.fromHex(text.replaceAll(/[:.-]/g, ""));
}

function variantLiteral(literal: Literal): VariantLiteral {
  const { text } = literal;
  if (literal.kind !== "word") {
    return { number: null, text, bytes: literal.bytes, boolean: null };
  }
  const whole = wholeNumber(text);
  const fraction = text.length <= LONGEST_NUMBER && FRACTION.test(text);
  return {
    number: whole !== null ? narrowed(whole) : fraction ? Number(text) : null,
    text,
    bytes: hexBytes(text) ?? new TextEncoder().encode(text),
    boolean: booleanWord(text),
  };
}
