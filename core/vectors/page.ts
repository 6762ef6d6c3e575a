import type { Registry } from "../dissect/registry.ts";
import type { Vector, VectorField } from "./vector.ts";

/** Bytes of a field that are drawn. */
const MAX_BYTES = 12;
/** Fields of a layout that are drawn. */
const MAX_FIELDS = 40;

const INTRODUCTION = [
  "# Layouts as bytes",
  "",
  "Every layout of every command, drawn by one typical payload: offset, bytes (hex), field, " +
  "wire form. Framing is left out; numbers are little-endian. Made by `deno task layouts`; " +
  "the meaning of each field is in [fields.md](fields.md), and `iggyscope vectors DIR` " +
  "writes many more payloads of each layout.",
  "",
];

/**
 * A page in Markdown that draws each layout of a registry's commands by a payload of it.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { createRegistry } from "../dissect/registry.ts";
 * import { command, u8 } from "../schema/mod.ts";
 * import { vectorsOf } from "./mod.ts";
 * const hello = command({
 *   name: "hello", doc: "Greets.", code: 9, request: { times: u8() }, response: {},
 * });
 * const registry = createRegistry({ commands: [hello], framings: [] });
 * assertStringIncludes(layoutsPage(registry, vectorsOf(registry)), "times");
 * ```
 */
export function layoutsPage(registry: Registry, vectors: Iterable<Vector>): string {
  const drawn = new Map<string, Vector>();
  for (const vector of vectors) {
    if (vector.fields === null) continue;
    const key = `${vector.command.name} ${vector.direction} ${vector.releases}`;
    const known = drawn.get(key);
    if (known === undefined || isBetter(vector, known)) drawn.set(key, vector);
  }
  const lines = registry.commands.all.flatMap((command) => {
    const own = [...drawn.values()].filter((vector) => vector.command === command);
    return [`## ${command.name}`, "", command.doc, "", ...drawings(own)];
  });
  return [...INTRODUCTION, ...lines].join("\n");
}

/** Payloads with more fields say more; of those alike, the typical ones. */
function isBetter(vector: Vector, known: Vector): boolean {
  const fields = (one: Vector) =>
    new Set(one.offsets.map(({ path }) => path.replaceAll(/\.\d+/g, ""))).size;
  const [a, b] = [fields(vector), fields(known)];
  return a === b ? vector.offsets.length < known.offsets.length : a > b;
}

/** The drawings of a command, in one where those of releases that follow are alike. */
function drawings(vectors: readonly Vector[]): string[] {
  const all: { direction: string; releases: string; lines: string }[] = [];
  for (const { direction, releases, bytes, offsets } of vectors) {
    const lines = drawing(bytes, offsets);
    const last = all.at(-1);
    if (last?.direction === direction && last.lines === lines) {
      last.releases = spanning(last.releases, releases);
    } else all.push({ direction, releases, lines });
  }
  return all.flatMap(({ direction, releases, lines }) => [
    `${direction}, ${releases}${lines}`,
    "",
  ]);
}

/** The range of releases from the beginning of one to the end of another. */
function spanning(first: string, last: string): string {
  const begin = first.replace(/\.\..*$/, "");
  return last.endsWith("+") ? `${begin}+` : `${begin}..${last.replace(/^.*\.\./, "")}`;
}

/** What follows the title of a drawing. */
function drawing(bytes: Uint8Array, offsets: readonly VectorField[]): string {
  if (bytes.length === 0) return ": no bytes.";
  const rows = offsets.slice(0, MAX_FIELDS).map((field) => rowOf(field, bytes));
  const more = offsets.length - rows.length;
  const widest = (texts: string[]) => Math.max(...texts.map(({ length }) => length));
  const [hexWidth, width] = [
    widest(rows.map(({ hex }) => hex)),
    widest(rows.map(({ path }) => path)),
  ];
  const lines = rows.map(({ at, hex, path, wire }) =>
    `${at}  ${hex.padEnd(hexWidth)}  ${path.padEnd(width)}  ${wire}`.trimEnd()
  );
  if (more > 0) lines.push(`…     ${more} more fields`);
  return [":", "", "```", ...lines, "```"].join("\n");
}

function rowOf({ path, offset, length, wire }: VectorField, bytes: Uint8Array) {
  const shown = bytes.subarray(offset, offset + Math.min(length, MAX_BYTES));
  const hex = [...shown].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const at = offset.toString(16).padStart(4, "0");
  return { at, hex: length > MAX_BYTES ? `${hex} …` : hex, path, wire };
}
