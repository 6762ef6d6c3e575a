import { decode, type FieldNode, type Kind } from "../schema/mod.ts";

/** A payload that was made wrong on purpose. */
export interface Damaged {
  readonly why: string;
  readonly bytes: Uint8Array;
}

/** The byte put where an enumeration has none of its values. */
const NO_VALUE = 0xfb;

/**
 * Malformed forms of a sound payload: cut in its middle and by its last byte, with a byte too
 * many, with a value that an enumeration lacks, and with the highest value where a number
 * counts or measures what follows. Not each of them is wrong for every layout; whoever asks
 * keeps those that decoding complains of.
 */
export function* damagesOf(
  kind: Kind<unknown>,
  bytes: Uint8Array,
  release: number,
): Generator<Damaged, void> {
  if (bytes.length > 1) {
    yield { why: "the last byte is missing", bytes: bytes.slice(0, -1) };
  }
  if (bytes.length > 3) {
    const half = bytes.length >> 1;
    yield {
      why: `cut after ${half} of ${bytes.length} bytes`,
      bytes: bytes.slice(0, half),
    };
  }
  yield { why: "a byte too many", bytes: Uint8Array.of(...bytes, 0xaa) };
  const { tree } = decode(kind, bytes, release, { tree: true });
  yield* ofFields(tree!, "", bytes, new Set());
}

function* ofFields(
  node: FieldNode,
  path: string,
  bytes: Uint8Array,
  done: Set<string>,
): Generator<Damaged, void> {
  for (const child of node.children) {
    const here = path === "" ? child.name : `${path}.${child.name}`;
    const form = here.replaceAll(/\.\d+/g, "");
    if (child.children.length > 0) yield* ofFields(child, here, bytes, done);
    else if (child.length > 0 && !done.has(form)) {
      done.add(form);
      yield* ofField(child, here, bytes);
    }
  }
}

function* ofField(
  { kind, offset, length }: FieldNode,
  path: string,
  bytes: Uint8Array,
): Generator<Damaged, void> {
  const put = (...values: number[]) => {
    const changed = bytes.slice();
    changed.set(values, offset);
    return changed;
  };
  if (kind.names !== undefined && !kind.names.has(NO_VALUE)) {
    yield { why: `${path} is no known value`, bytes: put(NO_VALUE) };
  } else if (kind.derive !== undefined || /count|length/.test(path)) {
    const all = new Array<number>(Math.min(length, 8)).fill(0xff);
    yield { why: `${path} is the highest there is`, bytes: put(...all) };
  } else if (kind.type === "string" && length > 1 && /^u(8|32) length/.test(kind.wire)) {
    yield { why: `${path} is longer than what follows`, bytes: put(0xff) };
  }
}
