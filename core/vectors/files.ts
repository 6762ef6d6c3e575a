import type { Vector } from "./vector.ts";

/** Letters of a file name that the reason for a vector may take. */
const MAX_SLUG = 48;
const encoder = new TextEncoder();

/** A file among vectors: its path below their folder, and its bytes. */
export interface VectorFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * The files that vectors are kept in: of each its bytes and what they say, then the list of
 * their names, and the text that tells how they are read. Gives the number of vectors.
 */
export function* vectorFiles(
  vectors: Iterable<Vector>,
  readme: string,
): Generator<VectorFile, number> {
  const index: string[] = [];
  const counts = new Map<string, number>();
  for (const vector of vectors) {
    const { command, direction, releases, why, bytes } = vector;
    const layout = `${command.name}/${direction}-${releases}`;
    const number = (counts.get(layout) ?? 0) + 1;
    counts.set(layout, number);
    const name = `${layout}/${String(number).padStart(3, "0")}-${slugOf(why)}`;
    yield { path: `${name}.bin`, bytes };
    yield { path: `${name}.json`, bytes: encoder.encode(vectorJson(vector)) };
    index.push(name);
  }
  const list = `${JSON.stringify(index, null, 1)}\n`;
  yield { path: "index.json", bytes: encoder.encode(list) };
  yield { path: "README.md", bytes: encoder.encode(readme) };
  return index.length;
}

function slugOf(why: string): string {
  const words = why.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replace(/^-+/, "");
  return words.slice(0, MAX_SLUG).replace(/-+$/, "");
}

function vectorJson(vector: Vector): string {
  const { command, direction, releases, why, bytes, fields, offsets, issues } = vector;
  const record = {
    command: command.name,
    direction,
    code: command.code,
    operation: command.operation,
    releases,
    why,
    length: bytes.length,
    valid: fields !== null,
    fields,
    offsets,
    issues,
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}
