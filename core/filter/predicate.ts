import type { Transaction } from "../dissect/transaction.ts";
import { compareVariant, comparison, OUTCOMES, Search } from "./compare.ts";
import { FilterError } from "./error.ts";
import { type Literal, literalValue, typeName, type VariantLiteral } from "./literal.ts";
import type { Resolver, Source } from "./operand.ts";
import { Pattern } from "./pattern.ts";
import { PatternError } from "./pattern_parser.ts";
import type { Expression, Operand, Quantifier, Relation } from "./syntax.ts";

type Test = (transaction: Transaction) => boolean;
type ValueTest = (value: unknown) => boolean;

/** Whether all values have to pass, where the filter does not say `any` or `all`. */
function wantsAll(quantifier: Quantifier, relation: Relation): boolean {
  return quantifier === null
    ? relation === "!=" || relation === "==="
    : quantifier === "all";
}

/** A field that is not there passes no test. */
function quantified(source: Source, all: boolean, test: ValueTest): Test {
  return all
    ? (transaction) => {
      const values = source.read(transaction);
      return values.length > 0 && values.every(test);
    }
    : (transaction) => source.read(transaction).some(test);
}

/** Compiles one comparison. */
export function compareTest(
  quantifier: Quantifier,
  left: Operand,
  relation: Relation,
  right: Operand,
  resolver: Resolver,
): Test {
  const source = resolver.source(left, relation);
  const all = wantsAll(quantifier, relation);
  const isSource = !("text" in right) ||
    (right.kind === "word" && resolver.knows(right.text));
  if (relation === "matches") {
    return quantified(source, all, matchTest(source, left, right));
  }
  if (isSource) return betweenSources(source, all, relation, right, resolver);
  const literal = right as Literal;
  if (relation === "contains") {
    return quantified(source, all, containsTest(source, left, literal));
  }
  return quantified(source, all, literalTest(source, relation, literal));
}

/** Compiles a test of what no relation follows: bytes that are there, bits that are set. */
export function presenceTest(operand: Operand, resolver: Resolver): Test {
  if (operand.kind === "word") {
    const { read } = resolver.field(operand);
    return (transaction) => read(transaction).length > 0;
  }
  // A function that does not exist is the nearer fault.
  const source = "text" in operand ? null : resolver.source(operand, "");
  if (source === null || operand.kind === "call") {
    throw new FilterError("A value alone is not a test; compare it.", operand);
  }
  return operand.kind === "mask"
    ? quantified(source, false, (bits) => bits !== 0n)
    : (transaction) => source.read(transaction).length > 0;
}

/** Compiles a test for membership in a set. */
export function setTest(
  { operand, elements, quantifier }: Extract<Expression, { kind: "in" }>,
  resolver: Resolver,
): Test {
  const source = resolver.source(operand, "in");
  const tests: ValueTest[] = [];
  const single = new Set<unknown>();
  for (const { from, to } of elements) {
    const least = setLiteral(from);
    if (to !== null) {
      const above = literalTest(source, ">=", least);
      const below = literalTest(source, "<=", setLiteral(to));
      tests.push((value) => above(value) && below(value));
      continue;
    }
    const value = literalValue(least, source);
    if (typeof value === "object") tests.push(literalTest(source, "==", least));
    else single.add(value);
  }
  return quantified(
    source,
    quantifier === "all",
    (value) => single.has(plain(value)) || tests.some((test) => test(value)),
  );
}

function setLiteral(operand: Operand): Literal {
  if ("text" in operand) return operand;
  throw new FilterError("A set holds values, no functions.", operand);
}

/** Numbers and bigints of one value are one member. */
function plain(value: unknown): unknown {
  return typeof value === "bigint" && BigInt(Number(value)) === value &&
      Number.isSafeInteger(Number(value))
    ? Number(value)
    : value;
}

function literalTest(
  source: Source,
  relation: Exclude<Relation, "contains" | "matches">,
  literal: Literal,
): ValueTest {
  const outcome = OUTCOMES[relation];
  const wanted = literalValue(literal, source);
  if (source.type === "variant" && source.names === undefined) {
    return (value) => outcome(compareVariant(value, wanted as VariantLiteral));
  }
  const compare = comparison(source.type);
  return (value) => outcome(compare(value, wanted));
}

function containsTest(source: Source, left: Operand, literal: Literal): ValueTest {
  checkText(source, left, "contains");
  const wanted = literalValue(literal, source);
  if (source.type === "variant") {
    const { text, bytes } = wanted as VariantLiteral;
    const [inText, inBytes] = [new Search(text), new Search(bytes)];
    return (value) =>
      typeof value === "string"
        ? inText.in(value)
        : value instanceof Uint8Array && inBytes.in(value);
  }
  const search = new Search(wanted as string | Uint8Array);
  return (value) => search.in(value as string | Uint8Array);
}

function matchTest(source: Source, left: Operand, right: Operand): ValueTest {
  checkText(source, left, "matches");
  if (right.kind !== "string" && right.kind !== "word") {
    throw new FilterError("Matches requires a double quoted string on the right.", right);
  }
  const bytes = right.kind === "string"
    ? right.bytes
    : new TextEncoder().encode(right.text);
  const inText = pattern(right.text, right);
  // Bytes are matched one by one, as if each were a character.
  let latin1 = "";
  for (const byte of bytes) latin1 += String.fromCharCode(byte);
  const inBytes = pattern(latin1, right);
  return (value) =>
    typeof value === "string"
      ? inText.test(value)
      : value instanceof Uint8Array && inBytes.test(value);
}

function pattern(text: string, { offset, length }: Operand): Pattern {
  try {
    return new Pattern(text);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const quote = Math.max(0, length - text.length - 1);
    const at = Math.min(offset + quote + error.offset, offset + length - 1);
    throw new FilterError(`Regex compilation error: ${error.message}.`, {
      offset: at,
      length: 1,
    });
  }
}

function checkText({ type, label }: Source, operand: Operand, relation: string): void {
  if (type === "string" || type === "bytes" || type === "variant") return;
  throw new FilterError(
    `${label} (type=${typeName(type)}) cannot participate in ${relation} comparison.`,
    operand,
  );
}

/** The types that compare with each other, besides equal ones. */
function family({ type }: Source): string {
  return /^(u?int\d+|float|double)$/.test(type) ? "number" : type;
}

function betweenSources(
  left: Source,
  all: boolean,
  relation: Exclude<Relation, "matches">,
  operand: Operand,
  resolver: Resolver,
): Test {
  const right = resolver.source(operand, relation);
  if (family(left) !== family(right)) {
    throw new FilterError(
      `${left.label} and ${right.label} are not of compatible types.`,
      operand,
    );
  }
  const pairs = (test: (a: unknown, b: unknown) => boolean): Test => (transaction) => {
    const [a, b] = [left.read(transaction), right.read(transaction)];
    if (a.length === 0 || b.length === 0) return false;
    return all
      ? a.every((one) => b.every((other) => test(one, other)))
      : a.some((one) => b.some((other) => test(one, other)));
  };
  if (relation === "contains") {
    checkText(left, operand, relation);
    return pairs((a, b) => new Search(b as string | Uint8Array).in(a as string));
  }
  const compare = comparison(left.type);
  const outcome = OUTCOMES[relation];
  return pairs((a, b) => outcome(compare(a, b)));
}
