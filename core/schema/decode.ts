import { Cursor } from "../bytes/cursor.ts";
import { Writer } from "../bytes/writer.ts";
import type { FieldIssue, FieldNode, Kind } from "./kind.ts";
import { ReadContext } from "./kind.ts";
import { faultOf, KindFault } from "./fault.ts";
import { readAlone } from "./struct.ts";

/** What a reading of one payload gave. */
export interface Decoded<T = unknown> {
  /** All fields, or those before the fault. */
  fields: T;
  issues: FieldIssue[];
  /** What speaks against the release it was read by; 0 means an exact fit. */
  problems: number;
  /** False where the bytes ended too early. */
  complete: boolean;
  /** Bytes behind the last field. */
  trailing: number;
  /** The field tree, where it was asked for. */
  tree: FieldNode | null;
}

/** Options of {@link decode}. */
export interface DecodeOptions {
  /** Where the payload starts and ends in `bytes`; by default all of it. */
  start?: number;
  end?: number;
  /** Build the field tree with offset and length of every field. */
  tree?: boolean;
}

/**
 * Reads a payload by a layout as one release has it. Never throws on bytes: a payload that is
 * too short keeps the fields before the fault and reports `malformed`; bytes behind the last
 * field are reported and counted. What a kind throws for another reason is the fault of its
 * plugin, which the issue names.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { u32 } from "./integers.ts";
 * import { firstOf } from "./releases.ts";
 * import { struct } from "./struct.ts";
 * const point = struct({ x: u32(), y: u32() });
 * const { fields, problems } = decode(point, new Uint8Array([1, 0, 0, 0, 2]), firstOf("0.8"));
 * assertEquals(fields as unknown, { x: 1 });
 * assertEquals(problems, 1);
 * ```
 */
export function decode<T>(
  kind: Kind<T>,
  bytes: Uint8Array,
  release: number,
  { start = 0, end = bytes.length, tree = false }: DecodeOptions = {},
): Decoded<T> {
  const root: FieldNode | null = tree
    ? {
      name: "",
      kind,
      value: undefined,
      offset: start,
      length: end - start,
      children: [],
    }
    : null;
  const context = new ReadContext(release, root);
  const cursor = new Cursor(bytes, start, end);
  let fields: T;
  let complete = true;
  try {
    fields = readAlone(kind, cursor, context);
  } catch (thrown) {
    const error = faultOf(thrown, cursor.offset);
    fields = (error.partial ?? {}) as T;
    complete = false;
    context.problems++;
    context.issues.push({
      severity: "error",
      group: "malformed",
      message: error instanceof KindFault
        ? `plugin ${kind.owner ?? "without a name"} failed: ${error.message}`
        : error.message,
      offset: error.offset,
      field: error instanceof KindFault ? undefined : error.field ?? undefined,
    });
  }
  const trailing = complete ? end - cursor.offset : 0;
  if (trailing > 0) context.leftOver(trailing, cursor.offset, "trailing bytes");
  if (root !== null) root.value = fields;
  const { problems } = context;
  const issues = context.issues.map(withField);
  return { fields, issues, problems, complete, trailing, tree: root };
}

/** A finding that names its field. */
function withField({ field, ...found }: FieldIssue): FieldIssue {
  return field === undefined
    ? found
    : { ...found, message: `${field}: ${found.message}` };
}

/**
 * Writes values by a layout as one release has it. Lengths and counts that follow from other
 * fields may be left out. Throws `TypeError` or `RangeError` on a value without a wire form.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { firstOf } from "./releases.ts";
 * import { name8 } from "./strings.ts";
 * import { struct } from "./struct.ts";
 * const bytes = encode(struct({ name: name8() }), { name: "ev" }, firstOf("0.8"));
 * assertEquals(bytes, new Uint8Array([2, 0x65, 0x76]));
 * ```
 */
export function encode<T>(kind: Kind<T>, value: T, release: number): Uint8Array {
  const writer = new Writer();
  kind.write(writer, value, release, {});
  return writer.finish();
}
