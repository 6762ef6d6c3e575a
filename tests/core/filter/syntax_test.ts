import { assertEquals } from "../../support/assert.ts";
import fc from "fast-check";
import {
  complete,
  type Expression,
  fieldTable,
  parse,
  printFilter,
} from "../../../core/filter/mod.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";
import { filterTable } from "../../support/filter_table.ts";

/** An expression without its places. */
function shape(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.toHex();
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) =>
    key !== "offset" && key !== "length"
  );
  return Object.fromEntries(kept.map(([key, part]) => [key, shape(part)]));
}

const at = { offset: 0, length: 0 };
const encoder = new TextEncoder();
const word = fc.constantFrom(
  "tcp.port",
  "iggy.command",
  "5",
  "-1",
  "aa:bb",
  "::1",
  "10.0.0.0/8",
  "2h",
);
const string = fc.string({ unit: "binary" }).filter((text) => text.isWellFormed())
  .map((text) => ({ kind: "string" as const, text, bytes: encoder.encode(text), ...at }));
const latin1 = fc.uint8Array({ maxLength: 4 }).map((bytes) => ({
  kind: "string" as const,
  text: String.fromCharCode(...bytes.map((byte) => byte | 0x80)),
  bytes: bytes.map((byte) => byte | 0x80),
  ...at,
}));
const name = word.map((text) => ({ kind: "word" as const, text, ...at }));
const operand = fc.oneof(
  name,
  string,
  latin1,
  name.map((of) => ({ kind: "call" as const, name: "len", of: [of], ...at })),
  fc.record({
    kind: fc.constant("slice" as const),
    of: name,
    ranges: fc.constantFrom(
      [{ from: 0, length: 4, end: null }],
      [{ from: -4, length: null, end: null }, { from: 1, length: null, end: -1 }],
    ),
    offset: fc.constant(0),
    length: fc.constant(0),
  }),
  name.map((of) => ({ kind: "mask" as const, of, mask: of, ...at })),
);
const quantifier = fc.constantFrom("any" as const, "all" as const, null);
const relation = fc.constantFrom(
  "==" as const,
  "!=" as const,
  "===" as const,
  "!==" as const,
  "<" as const,
  ">=" as const,
  "contains" as const,
  "matches" as const,
);
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5 },
    name.map((operand) => ({ kind: "exists" as const, operand, ...at })),
    fc.record({
      kind: fc.constant("compare" as const),
      quantifier,
      operands: fc.tuple(name, operand),
      relations: fc.tuple(relation),
      offset: fc.constant(0),
      length: fc.constant(0),
    }),
    fc.record({
      kind: fc.constant("in" as const),
      quantifier,
      operand: name,
      elements: fc.array(
        fc.record({ from: operand, to: fc.option(name) }),
        { minLength: 1, maxLength: 3 },
      ),
      offset: fc.constant(0),
      length: fc.constant(0),
    }),
    tie("expression").map((part) => ({ kind: "not" as const, part, ...at })),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      parts: fc.array(tie("expression"), { minLength: 2, maxLength: 3 }),
      offset: fc.constant(0),
      length: fc.constant(0),
    }),
  ),
}));

Deno.test("a printed filter reads as the same expression", () => {
  fc.assert(
    fc.property(expression, (expression) => {
      assertEquals(shape(parse(printFilter(expression))), shape(expression));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("bytes that look like UTF-8 of their own first character print as bytes", () => {
  const written = parse('tcp.port == "\\xc3\\x83"');
  assertEquals(shape(parse(printFilter(written))), shape(written));
});

Deno.test("the table's filters print and read alike", () => {
  for (const { filter } of filterTable) {
    const expression = parse(filter);
    assertEquals(shape(parse(printFilter(expression))), shape(expression), filter);
  }
});

Deno.test("any text is a filter or a FilterError", () => {
  const piece = fc.constantFrom(
    "(",
    ")",
    "!",
    "&&",
    "tcp",
    "==",
    '"',
    "'",
    "{",
    "..",
    "in",
    "\\",
    "5",
    " ",
  );
  const table = fieldTable(iggyRegistry());
  fc.assert(
    fc.property(fc.array(piece).map((pieces) => pieces.join("")), (text) => {
      try {
        parse(text);
      } catch (error) {
        assertEquals((error as Error).name, "FilterError", text);
      }
      complete(text, text.length, table);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("completion offers what may come next", () => {
  const table = fieldTable(iggyRegistry());
  const rows: [before: string, after: string, first: string, from: number, to: number][] =
    [
      ["", "", "frame", 0, 0],
      ["frame.n", "", "frame.number", 0, 7],
      ["iggy.poll_messages.request.cou", "", "iggy.poll_messages.request.count", 0, 30],
      ["tcp.p", "ort == 5", "tcp.port", 0, 8],
      ["tcp.port ", "", "==", 9, 9],
      ["tcp.port == 8090 ", "", "&&", 17, 17],
      ["tcp && frame.ti", "", "frame.time", 7, 15],
      ["iggy.command == ", "", '"ping"', 16, 16],
      ['iggy.command == "po', "", '"poll_messages"', 16, 19],
      ['iggy.command in {"ping", ', "", '"ping"', 25, 25],
      ["iggy.poll_messages.request.consumer.kind == ", "", '"consumer"', 44, 44],
      ["iggy.poll_messages.request.auto_commit == t", "", "true", 42, 43],
      ["min_cou", "", "iggy.fetch_messages.request.min_count", 0, 7],
    ];
  for (const [before, after, first, from, to] of rows) {
    const found = complete(before + after, before.length, table);
    assertEquals(
      [found.candidates[0]?.text, found.from, found.to],
      [first, from, to],
      before,
    );
  }
});
