import { planned, plannedCheck } from "./compile/plan.ts";
import type { Cursor } from "../bytes/cursor.ts";
import { Writer } from "../bytes/writer.ts";
import {
  basisOf,
  type FieldNode,
  fieldPath,
  type Fields,
  type InferShape,
  type JsonOptions,
  type JsonValue,
  type Kind,
  type Measure,
  nameField,
  type ReadContext,
  type Shape,
  type Versioned,
} from "./kind.ts";
import { faultOf } from "./fault.ts";
import { EARLIEST, firstOf, lastOf, LATEST } from "./releases.ts";

/** One field of a structure, prepared once so that reading is a plain loop. */
interface Field {
  readonly name: string;
  readonly kind: Kind<unknown>;
  readonly from: number;
  readonly to: number;
  /** A name that begins with "_" takes its bytes and is not shown. */
  readonly shown: boolean;
  /** Other fields or the bytes left say whether it is there. */
  readonly bound: boolean;
}

/** Marks a field that releases before `version` do not have. */
export function since<T>(version: string, kind: Kind<T>): Kind<T> & { optional: true } {
  return { ...kind, from: firstOf(version), optional: true };
}

/** Marks a field that releases after `version` do not have. */
export function upTo<T>(version: string, kind: Kind<T>): Kind<T> & { optional: true } {
  return { ...kind, to: lastOf(version), optional: true };
}

/**
 * Marks a field that is only there where the field `field` before it has one of `values`, or
 * is there at all where they are null.
 */
export function onlyIf<T>(
  field: string,
  values: readonly unknown[] | null,
  kind: Kind<T>,
): Kind<T> & Versioned {
  return { ...kind, onlyIf: { field, values }, optional: true };
}

/** Marks a field at the end of its part that may be missing there. */
export function ifLeft<T>(kind: Kind<T>): Kind<T> & Versioned {
  return { ...kind, minSize: 0, ifLeft: true, optional: true };
}

/** Whether a value is JSON as it is. */
function isJson(value: unknown): boolean {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/** What a field says of its values whatever their form: what holds for one form may not. */
function commonFaces<T>(forms: readonly Kind<T>[]): Partial<Kind<T>> {
  const [first] = forms as [Kind<T>];
  if (forms.some(({ secret }) => secret !== first.secret)) {
    throw new TypeError("the forms of a field are all secret or none is");
  }
  // Of a number with two names the newest form's stands, which comes first.
  const names = new Map(
    forms.toReversed().flatMap(({ names }) => [...names ?? []]),
  );
  const json = forms.map((form) => form.json);
  const [some] = json.filter((face) => face !== undefined);
  return {
    names: names.size === 0 ? undefined : new Map([...names].sort(([a], [b]) => a - b)),
    unit: forms.every(({ unit }) => unit === first.unit) ? first.unit : undefined,
    volatile: forms.some(({ volatile }) => volatile) ? true : undefined,
    unordered: forms.every(({ unordered }) => unordered) ? true : undefined,
    open: forms.every(({ open }) => open) ? true : undefined,
    json: some === undefined
      ? undefined
      : (value, options) =>
        json.includes(undefined) && isJson(value)
          ? value as JsonValue
          : some(value, options),
  };
}

/**
 * A field whose form differs by release: the first form that the release has is read. Of what
 * forms say of their values only that holds for all: all are secret or none is, a unit is one
 * that all have, and names are those of all.
 */
export function byRelease<T>(...forms: Kind<T>[]): Kind<T> {
  const pick = (release: number): Kind<T> =>
    forms.find((form) => isIn(form, release)) ?? forms[forms.length - 1]!;
  const [first] = forms as [Kind<T>];
  const kind: Kind<T> = planned({
    ...basisOf(first),
    ...commonFaces(forms),
    from: undefined,
    to: undefined,
    forms: forms as Kind<unknown>[],
    minSize: Math.min(...forms.map((form) => form.minSize)),
    read: (cursor, context, scope, outer) =>
      pick(context.release).read(cursor, context, scope, outer),
    write: (writer, value, release, scope) =>
      pick(release).write(writer, value, release, scope),
    sample: (context, scope) => pick(context.release).sample(context, scope),
    lua: ({ make, reader }) =>
      make(
        "by_release",
        forms.map((form) => ({
          from: form.from ?? EARLIEST,
          to: form.to ?? LATEST,
          reader: reader(form as Kind<unknown>),
        })),
      ),
    luaVerify: luaVerifyOf(forms as Kind<unknown>[]),
    seal: forms.every(({ seal }) => seal === undefined)
      ? undefined
      : (bytes, start, place) => pick(place.release).seal?.(bytes, start, place) ?? null,
    verify(value, bytes, start, end, scope, context, offset) {
      pick(context.release).verify?.(value, bytes, start, end, scope, context, offset);
    },
  }, { op: "byRelease", forms: forms as Kind<unknown>[] });
  return plannedCheck(kind, { check: "byRelease", forms: forms as Kind<unknown>[] });
}

/** The checks of each form, by release. */
function luaVerifyOf(forms: readonly Kind<unknown>[]): Kind<unknown>["luaVerify"] {
  const checks = forms.flatMap(({ from, to, luaVerify }) =>
    luaVerify === undefined
      ? []
      : [{ from: from ?? EARLIEST, to: to ?? LATEST, check: luaVerify }]
  );
  return checks.length === 0 ? undefined : ["by_release", ...checks];
}

/** Whether a release has a field. */
export function isIn(kind: Kind<unknown>, release: number): boolean {
  return (kind.from ?? EARLIEST) <= release && release <= (kind.to ?? LATEST);
}

const NOTHING: Fields = {};

/** Fields one after another, without padding. */
export function struct<S extends Shape>(shape: S, doc = ""): Kind<InferShape<S>> {
  const entries = Object.entries<Kind<unknown>>(shape);
  const fields: Field[] = entries.map(([name, kind]) => ({
    name,
    kind,
    from: kind.from ?? EARLIEST,
    to: kind.to ?? LATEST,
    shown: !name.startsWith("_"),
    bound: kind.onlyIf !== undefined || kind.ifLeft === true,
  }));
  const verified = fields.filter((field) => field.kind.verify !== undefined);
  const converted = fields.filter((field) =>
    field.shown && field.kind.json !== undefined
  );
  type Value = InferShape<S>;

  function read(
    cursor: Cursor,
    context: ReadContext,
    outer: Fields,
    offsets: number[] | null,
  ): Fields {
    const values: Fields = {};
    const release = context.release;
    const node = context.node;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      if (release < field.from || release > field.to) continue;
      if (field.bound && !isThere(field.kind, values, cursor)) continue;
      if (offsets !== null) offsets[i] = cursor.offset;
      const start = cursor.offset;
      const child = node === null ? null : enter(node, field, start, context);
      const found = context.issues.length;
      try {
        const value = field.kind.read(cursor, context, values, outer);
        if (context.issues.length > found) nameField(context, found, field.name);
        if (value === undefined && field.kind.mayLack) {
          if (child !== null) node!.children.pop();
          continue;
        }
        if (field.shown) values[field.name] = value;
        if (child !== null) {
          child.value = value;
          child.length = cursor.offset - start;
        }
      } catch (thrown) {
        const error = faultOf(thrown, cursor.offset);
        error.field = fieldPath(field.name, error.field);
        nameField(context, found, field.name);
        if (error.partial !== undefined && field.shown) {
          values[field.name] = error.partial;
        }
        if (child !== null && node !== null) {
          child.value = error.partial;
          child.length = cursor.offset - start;
          if (error.partial === undefined) node.children.pop();
        }
        error.partial = values;
        throw error;
      } finally {
        context.node = node;
      }
    }
    return values;
  }

  return planned({
    type: "group",
    wire: "structure",
    doc,
    minSize: fields.reduce(
      (sum, { kind, bound }) => bound || kind.from || kind.to ? sum : sum + kind.minSize,
      0,
    ),
    fields: entries,
    read(cursor, context, scope, _outer) {
      if (verified.length === 0) return read(cursor, context, scope, null) as Value;
      const start = cursor.offset;
      const offsets: number[] = [];
      const values = read(cursor, context, scope, offsets);
      for (const field of verified) {
        const value = values[field.name];
        if (value === undefined) continue;
        const offset = offsets[fields.indexOf(field)]!;
        field.kind.verify!(
          value,
          cursor.bytes,
          start,
          cursor.offset,
          values,
          context,
          offset,
        );
      }
      return values as Value;
    },
    write(writer, value, release) {
      const values = complete(fields, value as Fields, release);
      for (const { name, kind, from, to, bound } of fields) {
        if (release < from || release > to) continue;
        if (bound && !isGiven(kind, name, values)) continue;
        kind.write(writer, values[name], release, values);
      }
    },
    lua: (scope) => scope.structure(entries, doc),
    json(value, options) {
      return fieldsJson(converted, value as Fields, options);
    },
    sample(context) {
      const values: Fields = {};
      for (const { name, kind, from, to, shown } of fields) {
        if (!shown || kind.generated) continue;
        if (context.release < from || context.release > to) continue;
        if (kind.onlyIf && !isAsked(kind.onlyIf, values)) continue;
        if (kind.ifLeft && context.random.below(2) === 0) continue;
        values[name] = kind.derive === undefined
          ? kind.sample(context, values)
          : undefined;
      }
      return complete(fields, values, context.release) as Value;
    },
  }, { op: "struct", fields: entries });
}

function isAsked({ field, values }: Kind<unknown>["onlyIf"] & object, scope: Fields) {
  return values === null ? scope[field] !== undefined : values.includes(scope[field]);
}

function isThere(kind: Kind<unknown>, values: Fields, cursor: Cursor): boolean {
  if (kind.onlyIf !== undefined && !isAsked(kind.onlyIf, values)) return false;
  return !kind.ifLeft || cursor.remaining > 0;
}

function isGiven(kind: Kind<unknown>, name: string, values: Fields): boolean {
  if (kind.onlyIf !== undefined && !isAsked(kind.onlyIf, values)) return false;
  return !kind.ifLeft || name.startsWith("_") || values[name] !== undefined;
}

function enter(
  node: FieldNode,
  field: Field,
  offset: number,
  context: ReadContext,
): FieldNode {
  const child: FieldNode = {
    name: field.name,
    kind: field.kind,
    value: undefined,
    offset,
    length: 0,
    children: [],
  };
  node.children.push(child);
  context.node = child;
  context.around = node;
  return child;
}

/** The values with those that were left out and follow from the others filled in. */
function complete(fields: readonly Field[], given: Fields, release: number): Fields {
  const values: Fields = { ...given };
  const measure: Measure = (name, item) => {
    const field = fields.find((candidate) => candidate.name === name);
    if (field === undefined || release < field.from || release > field.to) return 0;
    const writer = new Writer();
    if (item === undefined) field.kind.write(writer, values[name], release, values);
    else field.kind.inner?.write(writer, item, release, values);
    return writer.length;
  };
  // From the last field to the first: a length comes before what it measures.
  for (let i = fields.length - 1; i >= 0; i--) {
    const { name, kind, from, to } = fields[i]!;
    if (kind.derive === undefined || values[name] !== undefined) continue;
    if (release >= from && release <= to) values[name] = kind.derive(values, measure);
  }
  return values;
}

function fieldsJson(
  converted: readonly Field[],
  values: Fields,
  options: JsonOptions,
): JsonValue {
  const json = { ...values } as { [name: string]: JsonValue };
  for (const { name, kind } of converted) {
    const value = json[name];
    if (value !== undefined && value !== null) json[name] = kind.json!(value, options);
  }
  return json;
}

/** A structure that is empty: what a command without arguments or answer carries. */
export const nothing: Kind<Fields> = struct({}) as Kind<Fields>;

/** Reads a kind where no structure is around it. */
export function readAlone<T>(kind: Kind<T>, cursor: Cursor, context: ReadContext): T {
  return kind.read(cursor, context, NOTHING, NOTHING);
}
