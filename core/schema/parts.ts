import { planned } from "./compile/plan.ts";
import { type Cursor, Malformed } from "../bytes/cursor.ts";
import { Writer } from "../bytes/writer.ts";
import { type Basis, basisOf, type Fields, type Kind, type ReadContext } from "./kind.ts";
import { zeros } from "./strings.ts";

function inside<T>(inner: Kind<T>): Omit<Basis<T | null>, "write"> {
  return {
    ...basisOf(inner as Kind<unknown> as Kind<T | null>),
    nullable: true,
    json: inner.json as Kind<T | null>["json"],
    derive: undefined,
    sample: ({ random, release }, scope) =>
      random.below(3) === 0 ? null : inner.sample({ random, release }, scope),
  };
}

/**
 * A value behind a presence byte; null where that is not `present`, which is 1 or 0. `padding`
 * zero bytes follow an absent value.
 */
export function optional<T>(
  inner: Kind<T>,
  padding = 0,
  present: 0 | 1 = 1,
): Kind<T | null> {
  const kind: Kind<T | null> = {
    ...inside(inner),
    wire: `u8 flag, ${inner.wire}`,
    minSize: 1,
    read(cursor, context, scope, outer) {
      const flag = cursor.u8();
      if (flag > 1) {
        context.problem(
          "protocol",
          `presence byte ${flag} is neither 0 nor 1`,
          cursor.offset - 1,
        );
      }
      if (flag === present) return inner.read(cursor, context, scope, outer);
      for (let i = 0; i < padding; i++) {
        if (cursor.u8() !== 0) {
          context.problem("protocol", "padding is not zero", cursor.offset - 1);
        }
      }
      return null;
    },
    lua: ({ make, reader }) => make("optional", reader(inner), padding, present),
    write(writer, value, release, scope) {
      writer.u8(value === null ? 1 - present : present);
      if (value !== null) inner.write(writer, value, release, scope);
      else writer.bytes(new Uint8Array(padding));
    },
  };
  const plan = { inner: inner as Kind<unknown>, padding, present };
  return planned(kind, { op: "optional", ...plan });
}

/** Puts a kind behind its length in bytes; the kind has to use them all. */
export function sized<T>(length: Kind<number>, inner: Kind<T>): Kind<T> {
  return planned({
    ...basisOf(inner),
    wire: `${length.wire} length, ${inner.wire}`,
    minSize: length.minSize + inner.minSize,
    read(cursor, context, scope, outer) {
      return readPart(
        length.read(cursor, context, scope, outer),
        inner,
        cursor,
        context,
        scope,
        outer,
      );
    },
    lua: ({ make, reader }) => make("sized", reader(length), reader(inner)),
    write(writer, value, release, scope) {
      const part = new Writer();
      inner.write(part, value, release, scope);
      length.write(writer, part.length, release, scope);
      writer.bytes(part.finish());
    },
  }, { op: "sized", length, inner: inner as Kind<unknown> });
}

/** As {@link sized}, where length 0 says that there is none: null. */
export function sizedOrNull<T>(length: Kind<number>, inner: Kind<T>): Kind<T | null> {
  return planned({
    ...inside(inner),
    wire: `${length.wire} length (0 none), ${inner.wire}`,
    minSize: length.minSize,
    read(cursor, context, scope, outer) {
      const bytes = length.read(cursor, context, scope, outer);
      return bytes === 0 ? null : readPart(bytes, inner, cursor, context, scope, outer);
    },
    lua: ({ make, reader }) => make("sized_or_nil", reader(length), reader(inner)),
    write(writer, value, release, scope) {
      const part = new Writer();
      if (value !== null) inner.write(part, value, release, scope);
      length.write(writer, part.length, release, scope);
      writer.bytes(part.finish());
    },
  }, { op: "sizedOrNull", length, inner: inner as Kind<unknown> });
}

/**
 * A value that is only there where the field `field` beside it is `wanted`; else as many zero
 * bytes, and null.
 */
export function orZeros<T>(
  field: string,
  wanted: string,
  inner: Kind<T>,
): Kind<T | null> {
  const none = zeros(inner.minSize);
  return planned({
    ...inside(inner),
    wire: `${inner.wire}, or zeros`,
    read(cursor, context, scope, outer): T | null {
      return scope[field] === wanted
        ? inner.read(cursor, context, scope, outer)
        : none.read(cursor, context, scope, outer);
    },
    lua: ({ make, reader }) =>
      make("or_zeros", field, wanted, reader(inner), inner.minSize),
    write(writer, value, release, scope) {
      if (value === null) none.write(writer, null, release, scope);
      else inner.write(writer, value, release, scope);
    },
    sample: (context, scope) =>
      scope[field] === wanted ? inner.sample(context, scope) : null,
  }, { op: "orZeros", field, wanted, inner: inner as Kind<unknown> });
}

/**
 * As {@link sized}, where the length stands in the field `lengthField` before it and covers
 * `before` bytes more that lie before this part.
 */
export function sizedBy<T>(lengthField: string, inner: Kind<T>, before = 0): Kind<T> {
  return planned({
    ...basisOf(inner),
    wire: `${lengthField} bytes: ${inner.wire}`,
    minSize: 0,
    read(cursor, context, scope, outer) {
      const length = Number(scope[lengthField]) - before;
      return readPart(length, inner, cursor, context, scope, outer);
    },
    lua: ({ make, reader }) => make("sized_by", lengthField, reader(inner), before),
  }, { op: "sizedBy", field: lengthField, before, inner: inner as Kind<unknown> });
}

/** Reads a kind that has to fill the next `length` bytes; what it leaves over is reported. */
export function readPart<T>(
  length: number,
  inner: Kind<T>,
  cursor: Cursor,
  context: ReadContext,
  scope: Fields,
  outer: Fields,
): T {
  if (length < 0) throw new Malformed(`length ${length} of a part`, cursor.offset);
  const limit = cursor.narrow(length);
  try {
    const value = inner.read(cursor, context, scope, outer);
    if (cursor.remaining > 0) {
      context.leftOver(cursor.remaining, cursor.offset, "bytes too many");
      cursor.offset = cursor.limit;
    }
    return value;
  } finally {
    cursor.limit = limit;
  }
}

/**
 * A length in bytes of the fields up to the next {@link endOfPart} beside it. They cannot be
 * read past it.
 */
export function lengthOfPart(length: Kind<number>): Kind<number> {
  return planned({
    ...basisOf(length),
    read(cursor, context, scope, outer) {
      const value = length.read(cursor, context, scope, outer);
      context.limits.push(cursor.narrow(value));
      return value;
    },
    lua: ({ make, reader }) => make("length_of_part", reader(length)),
  }, { op: "lengthOfPart", inner: length as Kind<unknown> });
}

/** Ends the part that {@link lengthOfPart} began; bytes left in it are reported and skipped. */
export const endOfPart: Kind<null> = planned({
  type: "bytes",
  wire: "end of the part",
  doc: "",
  nullable: true,
  minSize: 0,
  read(cursor, context) {
    if (cursor.remaining > 0) {
      context.leftOver(cursor.remaining, cursor.offset, "bytes too many");
    }
    cursor.offset = cursor.limit;
    cursor.limit = context.limits.pop() ?? cursor.limit;
    return null;
  },
  lua: ({ make }) => make("end_of_part"),
  write: () => {},
  sample: () => null,
}, { op: "endOfPart" });
