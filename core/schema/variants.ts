import { planned } from "./compile/plan.ts";
import { Malformed } from "../bytes/cursor.ts";
import type { Cursor } from "../bytes/cursor.ts";
import { Writer } from "../bytes/writer.ts";
import { KindFault } from "./fault.ts";
import { bytesJson, SecretBytes } from "./strings.ts";
import {
  basisOf,
  type Fields,
  type Infer,
  type JsonOptions,
  type JsonValue,
  type Kind,
  type LuaReader,
  type LuaScope,
  type ReadContext,
} from "./kind.ts";

/** Kinds by the name or number of the tag that selects them. */
export type Cases = Readonly<Record<string, Kind<unknown>>>;

/** A kind, or bytes where the part does not hold one: what encryption leaves unreadable. */
export function orBytes<T>(inner: Kind<T>): Kind<T | Uint8Array> {
  return planned({
    ...basisOf(inner as Kind<unknown> as Kind<T | Uint8Array>),
    orBytes: true,
    read(cursor, context, scope, outer) {
      const problems = context.problems;
      const offset = cursor.offset;
      const value = attempt(inner, cursor, context, scope, outer);
      // Odd values are reported, but any bytes may stand here in every release.
      context.problems = problems;
      if (value !== FAILED) return value;
      context.note(
        "undecoded",
        `not readable as ${inner.doc || inner.wire}; kept as bytes`,
        offset,
      );
      return cursor.take(cursor.remaining);
    },
    lua: ({ make, reader }) => make("or_bytes", reader(inner), inner.doc || inner.wire),
    write(writer, value, release, scope) {
      if (value instanceof Uint8Array) writer.bytes(value);
      else inner.write(writer, value, release, scope);
    },
    json: (value, options) => valueJson(inner, value, options),
  }, { op: "orBytes", inner: inner as Kind<unknown> });
}

/**
 * A value whose kind the enum field `tagField` beside it names. It has to fill its part; one
 * that does not fit its kind is kept as bytes and noted.
 */
export function byTag<C extends Cases>(
  tagField: string,
  cases: C,
  doc = "",
): Kind<Infer<C[keyof C]> | Uint8Array> {
  const pick = (scope: Fields): Kind<unknown> | undefined =>
    cases[String(scope[tagField])];
  const kind: Kind<unknown> = planned({
    type: "bytes",
    wire: `as ${tagField} says`,
    doc,
    minSize: 0,
    cases,
    tagField,
    read(cursor, context, scope, outer) {
      const offset = cursor.offset;
      const kind = pick(scope);
      if (kind !== undefined) {
        const problems = context.problems;
        const value = attempt(kind, cursor, context, scope, outer);
        if (value !== FAILED && context.problems === problems) return value;
        context.problems = problems;
        cursor.offset = offset;
        context.note(
          "malformed",
          `value does not fit ${tagField} ${scope[tagField]}`,
          offset,
        );
      }
      return cursor.take(cursor.remaining);
    },
    lua: ({ make, reader }) =>
      Object.values(cases).some(({ fields }) => fields !== undefined)
        ? make("by_tag_structures", tagField, readersOf(cases, reader))
        : make("by_tag", tagField, readersOf(cases, reader)),
    write(writer, value, release, scope) {
      if (value instanceof Uint8Array) writer.bytes(value);
      else pick(scope)?.write(writer, value, release, scope);
    },
    json: plainJson,
    sample: (context, scope) => pick(scope)!.sample(context, scope),
  }, { op: "byTag", field: tagField, cases });
  return kind as Kind<Infer<C[keyof C]> | Uint8Array>;
}

/** A value as JSON where nothing says of which kind it is; its secrets stay secret. */
function plainJson(value: unknown, options: JsonOptions): JsonValue {
  if (value instanceof SecretBytes) {
    return options.showSecrets
      ? plainJson(value.value, options)
      : `[redacted ${value.length} bytes]`;
  }
  if (value instanceof Uint8Array) return bytesJson(value, options);
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map((item) => plainJson(item, options));
  if (typeof value !== "object" || value === null) return value as JsonValue;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, plainJson(part, options)]),
  );
}

/**
 * A value in one of several forms: a byte that names the form, a u8 length, the value. Only the
 * value is shown; its JavaScript type tells the form when writing. A value of no known form is
 * kept as bytes and reported.
 */
export function oneOf<T>(
  forms: Readonly<Record<number, Kind<T>>>,
  doc = "",
): Kind<T | Uint8Array> {
  const kinds = new Map(Object.entries(forms).map(([tag, kind]) => [Number(tag), kind]));
  const tags = [...kinds.keys()];
  return planned({
    type: "string",
    wire: `u8 form, u8 length, ${
      [...kinds.values()].map(({ wire }) => wire).join(" or ")
    }`,
    doc,
    minSize: 3,
    cases: forms as Cases,
    read(cursor, context, scope, outer) {
      const offset = cursor.offset;
      const tag = cursor.u8();
      const length = cursor.u8();
      const kind = kinds.get(tag);
      const limit = cursor.narrow(length);
      try {
        const value = kind === undefined
          ? FAILED
          : attempt(kind, cursor, context, scope, outer);
        if (value !== FAILED) return value;
        context.problem("malformed", `form ${tag} with ${length} bytes`, offset);
        return cursor.take(length);
      } finally {
        cursor.limit = limit;
      }
    },
    lua: ({ make, reader }) => make("one_of", readersOf(forms, reader)),
    write(writer, value, release, scope) {
      const found = [...kinds].find(([, kind]) => holds(kind, value));
      if (found === undefined) throw new TypeError(`${value} has none of the forms`);
      const [tag, kind] = found;
      const part = new Writer();
      kind.write(part, value as T, release, scope);
      if (part.length > 255) throw new RangeError(`${part.length} bytes do not fit a u8`);
      writer.u8(tag);
      writer.u8(part.length);
      writer.bytes(part.finish());
    },
    json(value, options) {
      return value instanceof Uint8Array
        ? bytesJson(value, options)
        : value as unknown as JsonValue;
    },
    sample(context, scope) {
      const tag = tags[context.random.below(tags.length)]!;
      return kinds.get(tag)!.sample(context, scope);
    },
  }, { op: "oneOf", forms: kinds as ReadonlyMap<number, Kind<unknown>> });
}

/** Readers by their tag. */
function readersOf(cases: Cases, reader: LuaScope["reader"]): Record<string, LuaReader> {
  return Object.fromEntries(
    Object.entries(cases).map(([tag, kind]) => [tag, reader(kind)]),
  );
}

function holds(kind: Kind<unknown>, value: unknown): boolean {
  return kind.type === "string" ? typeof value === "string" : typeof value === "number";
}

const FAILED = Symbol("failed");

/** Reads a kind that has to fill the part; leaves no trace where it cannot. */
function attempt<T>(
  kind: Kind<T>,
  cursor: Cursor,
  context: ReadContext,
  scope: Fields,
  outer: Fields,
): T | typeof FAILED {
  const { offset, limit } = cursor;
  const { problems, node } = context;
  const issues = context.issues.length;
  const children = node?.children.length ?? 0;
  try {
    const value = kind.read(cursor, context, scope, outer);
    if (cursor.remaining === 0) return value;
  } catch (error) {
    if (!(error instanceof Malformed) || error instanceof KindFault) throw error;
  }
  context.problems = problems;
  context.issues.length = issues;
  context.node = node;
  if (node !== null) node.children.length = children;
  cursor.offset = offset;
  cursor.limit = limit;
  return FAILED;
}

function valueJson<T>(
  kind: Kind<T>,
  value: T | Uint8Array,
  options: JsonOptions,
): JsonValue {
  if (value instanceof Uint8Array) return bytesJson(value, options);
  return kind.json === undefined ? value as JsonValue : kind.json(value, options);
}
