import { type Plan, planned, plannedCheck } from "./compile/plan.ts";
import type { Cursor } from "../bytes/cursor.ts";
import type { Writer } from "../bytes/writer.ts";
import {
  basisOf,
  type FieldType,
  type Kind,
  type ReadContext,
  type SampleContext,
  type Unit,
} from "./kind.ts";
import { firstOf, LATEST } from "./releases.ts";

function number(
  type: FieldType,
  size: 1 | 2 | 4 | 8 | 16,
  read: (cursor: Cursor) => number,
  write: (writer: Writer, value: number) => void,
  sample: (context: SampleContext) => number,
) {
  const kind = planned<number>({
    type,
    wire: wireName(type),
    doc: "",
    minSize: size,
    read,
    write,
    lua: ({ make }) => make(wireName(type)),
    sample,
  }, numberPlan(type, size));
  return (doc = "", unit?: Unit): Kind<number> => ({ ...kind, doc, unit });
}

function numberPlan(type: FieldType, size: number): Plan {
  if (type === "float" || type === "double") return { op: "float", size: size as 4 | 8 };
  const op = type.startsWith("uint") ? "uint" : "int";
  return { op, size: size as 1 | 2 | 4 | 8 | 16 };
}

function wireName(type: FieldType): string {
  const names: Partial<Record<FieldType, string>> = { float: "f32", double: "f64" };
  return names[type] ?? type.replace("uint", "u").replace("int", "i");
}

/** Small and large values alike, so that edges are met. */
function wide(bits: number) {
  return ({ random }: SampleContext): number =>
    random.below(2) === 0 ? random.below(4) : random.below(2 ** Math.min(bits, 31));
}

function big(
  type: FieldType,
  size: 1 | 2 | 4 | 8 | 16,
  signed: boolean,
  read: (cursor: Cursor) => bigint,
) {
  const kind = planned<bigint>({
    type,
    wire: wireName(type),
    doc: "",
    minSize: size,
    read,
    lua: ({ make }) => make(wireName(type)),
    write: (writer, value) =>
      size === 8 ? writer.u64(BigInt.asUintN(64, value)) : writer.u128(value),
    json: String,
    sample({ random }) {
      const value = random.below(4) === 3
        ? (1n << BigInt(size * 8)) - 1n
        : (BigInt(random.below(2 ** 31)) << BigInt(random.below(size * 8 - 31))) +
          BigInt(random.below(3));
      return signed ? BigInt.asIntN(size * 8, value) : value;
    },
  }, numberPlan(type, size));
  return (doc = "", unit?: Unit): Kind<bigint> => ({ ...kind, doc, unit });
}

/** An unsigned byte. */
export const u8 = number("uint8", 1, (c) => c.u8(), (w, v) => w.u8(v), wide(8));
/** An unsigned 16-bit integer, little-endian. */
export const u16 = number("uint16", 2, (c) => c.u16(), (w, v) => w.u16(v), wide(16));
/** An unsigned 32-bit integer, little-endian. */
export const u32 = number("uint32", 4, (c) => c.u32(), (w, v) => w.u32(v), wide(31));
/** An unsigned 64-bit integer, little-endian; a bigint here, a decimal string in JSON. */
export const u64 = big("uint64", 8, false, (c) => c.u64());
/** An unsigned 128-bit integer, little-endian; a bigint here, a decimal string in JSON. */
export const u128 = big("uint128", 16, false, (c) => c.u128());
/** A signed byte. */
export const i8 = number("int8", 1, (c) => c.i8(), (w, v) => w.u8(v), wide(7));
/** A signed 16-bit integer, little-endian. */
export const i16 = number("int16", 2, (c) => c.i16(), (w, v) => w.u16(v), wide(15));
/** A signed 32-bit integer, little-endian. */
export const i32 = number("int32", 4, (c) => c.i32(), (w, v) => w.u32(v), wide(31));
/** A signed 64-bit integer, little-endian. */
export const i64 = big("int64", 8, true, (c) => c.i64());
/** A signed 128-bit integer, little-endian. */
export const i128 = big("int128", 16, true, (c) => c.i128());
/** A 32-bit IEEE 754 number, little-endian. */
export const f32 = number(
  "float",
  4,
  (c) => c.f32(),
  (w, v) => w.f32(v),
  (s) => s.random.below(1000) / 8,
);
/** A 64-bit IEEE 754 number, little-endian. */
export const f64 = number(
  "double",
  8,
  (c) => c.f64(),
  (w, v) => w.f64(v),
  (s) => s.random.below(1000) / 8,
);

/** A moment: u64 µs since the Unix epoch, UTC. */
export const timestamp = (doc: string): Kind<bigint> => u64(doc, "timestamp_us");
/** A span of time: u64 µs. */
export const duration = (doc: string): Kind<bigint> => u64(doc, "duration_us");
/** A size: u64 bytes. */
export const size = (doc: string): Kind<bigint> => u64(doc, "bytes");

/**
 * An id that counts from 0 since `version` and counted from 1 before: a 0 speaks against the
 * older releases, unless the field `unlessZero` beside it is 0 too.
 */
export function idFrom(version: string, doc: string, unlessZero?: string): Kind<number> {
  const since = firstOf(version);
  const judge = (value: number, context: ReadContext, offset: number): void => {
    if (value !== 0 || context.release >= since) return;
    context.problem("protocol", "id 0, though ids count from 1", offset);
  };
  const kind: Kind<number> = planned({
    ...u32(doc),
    changesAt: [since],
    read(cursor, context) {
      const value = cursor.u32();
      if (unlessZero === undefined) judge(value, context, cursor.offset - 4);
      return value;
    },
    sample({ random, release }) {
      return release < since
        ? 1 + random.below(1000)
        : random.below(3) * random.below(1000);
    },
    lua: ({ make }) => unlessZero === undefined ? make("id_from", since) : make("u32"),
    luaVerify: unlessZero === undefined
      ? undefined
      : ["id_unless_zero", since, unlessZero],
    verify: unlessZero === undefined
      ? undefined
      : (value, _bytes, _start, _end, scope, context, offset) => {
        if (scope[unlessZero] !== 0) judge(value, context, offset);
      },
  }, unlessZero === undefined ? { op: "idFrom", since } : { op: "uint", size: 4 });
  if (unlessZero === undefined) return kind;
  return plannedCheck(kind, { check: "idUnlessZero", since, field: unlessZero });
}

/** A value that has to be `value`; any other is read and reported. */
export function exactly<T>(kind: Kind<T>, value: T): Kind<T> {
  return planned({
    ...basisOf(kind),
    wire: `${kind.wire} ${value}`,
    read(cursor, context, scope, outer) {
      const offset = cursor.offset;
      const actual = kind.read(cursor, context, scope, outer);
      if (actual !== value) {
        context.problem("protocol", `${actual}, where only ${value} is legal`, offset);
      }
      return actual;
    },
    lua: ({ make, reader }) => make("exactly", reader(kind), String(value)),
    sample: () => value,
    derive: () => value,
  }, { op: "exactly", inner: kind as Kind<unknown>, value });
}

/** A number from `least` to `most`; any other is read and reported. */
export function within(kind: Kind<number>, least: number, most: number): Kind<number> {
  return planned({
    ...basisOf(kind),
    wire: `${kind.wire} ${least}..${most}`,
    read(cursor, context, scope, outer) {
      const offset = cursor.offset;
      const value = kind.read(cursor, context, scope, outer);
      if (value < least || value > most) {
        context.problem("protocol", `${value} is not in ${least}..${most}`, offset);
      }
      return value;
    },
    lua: ({ make, reader }) => make("within", reader(kind), least, most),
    sample: ({ random }) => least + random.below(most - least + 1),
  }, { op: "within", inner: kind as Kind<unknown>, least, most });
}

/** A number that has no meaning in `absent`, which reads as null. */
export function nullable(kind: Kind<number>, absent: number): Kind<number | null> {
  return planned({
    ...basisOf(kind),
    nullable: true,
    read(cursor, context, scope, outer) {
      const value = kind.read(cursor, context, scope, outer);
      return value === absent ? null : value;
    },
    write: (writer, value, release, scope) =>
      kind.write(writer, value ?? absent, release, scope),
    json: undefined,
    sample(context, scope) {
      const value = kind.sample(context, scope);
      return value === absent ? null : value;
    },
    lua: ({ make, reader }) => make("nullable", reader(kind), absent),
    derive: undefined,
  }, { op: "nullable", inner: kind as Kind<unknown>, absent });
}

/** A flag byte: 0 false, 1 true; anything else reads as true and is reported. */
export function bool(doc = ""): Kind<boolean> {
  return planned({
    type: "boolean",
    wire: "u8 0 or 1",
    doc,
    minSize: 1,
    read(cursor, context) {
      const value = cursor.u8();
      if (value > 1) {
        context.problem(
          "protocol",
          `flag byte ${value} is neither 0 nor 1`,
          cursor.offset - 1,
        );
      }
      return value !== 0;
    },
    lua: ({ make }) => make("bool"),
    write: (writer, value) => writer.u8(value ? 1 : 0),
    sample: ({ random }) => random.below(2) === 1,
  }, { op: "bool" });
}

/**
 * A byte whose numbers have names. An unknown number reads as itself and is reported; where the
 * protocol leaves room for numbers to come (`open`), it does not speak against the layout.
 */
export function enumeration<const Name extends string>(
  names: Readonly<Record<number, Name>>,
  doc = "",
  open = false,
): Kind<Name | number> {
  const byNumber = new Map(
    Object.entries<Name>(names).map(([n, name]) => [Number(n), name] as const),
  );
  const byName = new Map([...byNumber].map(([n, name]) => [name, n]));
  const all = [...byNumber.values()];
  return planned({
    type: "uint8",
    wire: "u8",
    doc,
    names: byNumber,
    minSize: 1,
    read(cursor, context) {
      const value = cursor.u8();
      const name = byNumber.get(value);
      if (name === undefined && (open || context.release === LATEST)) {
        const message = `value ${value} is newer than this program knows`;
        context.note("undecoded", message, cursor.offset - 1);
      } else if (name === undefined) {
        context.problem("protocol", `unknown value ${value}`, cursor.offset - 1);
      }
      return name ?? value;
    },
    write(writer, value) {
      const code = typeof value === "number" ? value : byName.get(value);
      if (code === undefined) {
        throw new TypeError(`"${value}" is none of ${all.join(", ")}`);
      }
      writer.u8(code);
    },
    lua: ({ make }) => make("enumeration", Object.fromEntries(byNumber), open ? 1 : 0),
    sample: ({ random }) => all[random.below(all.length)]!,
  }, { op: "enum", names: byNumber });
}
