import { createRegistry } from "../../core/dissect/mod.ts";
import { decode, encode } from "../../core/schema/mod.ts";
import {
  command,
  enumeration,
  list,
  struct,
  u16,
  u8,
  upTo,
} from "../../core/schema/mod.ts";
import { iggyRegistry } from "../../plugins/registry.ts";
import { sweep } from "../../core/vectors/choices.ts";
import { layoutsPage, type Vector, vectorsOf } from "../../core/vectors/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";

const all = [...vectorsOf(iggyRegistry())];

function nameOf({ command, direction, releases, why }: Vector): string {
  return `${command.name} ${direction} ${releases}: ${why}`;
}

Deno.test("every command has vectors of both directions", () => {
  const missing = iggyRegistry().commands.all.flatMap(({ name }) =>
    ["request", "response"].filter((direction) =>
      !all.some((vector) =>
        vector.command.name === name && vector.direction === direction
      )
    ).map((direction) => `${name} ${direction}`)
  );
  assertEquals(missing, []);
});

Deno.test("sound vectors decode without a problem and encode to the same bytes", () => {
  for (const vector of all) {
    if (vector.fields === null) continue;
    const kind = vector.command[vector.direction];
    const { fields, problems } = decode(kind, vector.bytes, vector.release);
    assertEquals(problems, 0, nameOf(vector));
    assertEquals(encode(kind, fields, vector.release), vector.bytes, nameOf(vector));
  }
});

Deno.test("malformed vectors give the issue they name", () => {
  const malformed = all.filter(({ fields }) => fields === null);
  assert(malformed.length > 300, `${malformed.length} malformed vectors`);
  for (const vector of malformed) {
    const kind = vector.command[vector.direction];
    const { issues, problems } = decode(kind, vector.bytes, vector.release);
    assert(problems > 0, nameOf(vector));
    assertEquals(issues, vector.issues, nameOf(vector));
  }
});

Deno.test("a layout's vectors have every enum value, list length and both ends", () => {
  const shape = command({
    name: "shape",
    doc: "Has it all.",
    code: 9,
    request: {
      old: upTo("0.5", u8("Gone.")),
      kind: enumeration({ 1: "one", 2: "two", 9: "nine" }, "Which."),
      parts: list(struct({ size: u16("Size.") }), undefined, "Parts."),
    },
    response: {},
  });
  const registry = createRegistry({ commands: [shape], framings: [] });
  const vectors = [...vectorsOf(registry)].filter(({ fields }) => fields !== null);
  const values = vectors.map(({ fields }) => fields as Record<string, unknown>);
  assertEquals(
    [...new Set(values.map(({ kind }) => kind))].slice(0, 3),
    ["one", "two", "nine"],
  );
  const lengths = values.map(({ parts }) => (parts as unknown[] | undefined)?.length);
  for (const length of [0, 1, 2, 3]) assert(lengths.includes(length), `${length} parts`);
});

Deno.test("a sweep ends at its bound, however many choices there are", () => {
  let made = 0;
  sweep(
    (random) => Array.from({ length: 500 }, () => random.below(64)),
    () => ++made > 0,
    1000,
  );
  assertEquals(made, 1000);
});

Deno.test("vectors are the same in every run", () => {
  const bytes = (vectors: Iterable<Vector>) =>
    [...vectors].map((vector) => `${nameOf(vector)} ${vector.bytes.toHex()}`);
  assertEquals(bytes(vectorsOf(iggyRegistry())), bytes(all));
});

Deno.test("docs/layouts.md is what the plugins say: deno task layouts writes it", async () => {
  const page = new URL("../../docs/layouts.md", import.meta.url);
  const wanted = layoutsPage(iggyRegistry(), all);
  assert(await Deno.readTextFile(page) === wanted, "run deno task layouts");
});
