import { type Cursor, Malformed } from "../bytes/cursor.ts";
import { Writer } from "../bytes/writer.ts";
import type {
  Fields,
  JsonOptions,
  JsonValue,
  Kind,
  ReadContext,
  SampleContext,
} from "./kind.ts";

/** Repeats a kind and keeps the tree's nodes apart. */
function readItem<T>(
  item: Kind<T>,
  items: T[],
  cursor: Cursor,
  context: ReadContext,
  scope: Fields,
  outer: Fields,
): void {
  const node = context.node;
  const start = cursor.offset;
  if (node !== null) {
    const child = {
      name: String(items.length),
      kind: item as Kind<unknown>,
      value: undefined as unknown,
      offset: start,
      length: 0,
      children: [],
    };
    node.children.push(child);
    context.node = child;
  }
  try {
    items.push(item.read(cursor, context, scope, outer));
  } catch (error) {
    if (error instanceof Malformed) {
      if (error.partial !== undefined) items.push(error.partial as T);
      else node?.children.pop();
      error.partial = items;
    }
    throw error;
  } finally {
    if (context.node !== null && context.node !== node) {
      context.node.length = cursor.offset - start;
      context.node.value = items[items.length - 1];
    }
    context.node = node;
  }
}

function listOf<T>(
  item: Kind<T>,
  wire: string,
  doc: string,
): Pick<Kind<T[]>, "type" | "wire" | "doc" | "inner" | "json" | "sample"> {
  return {
    type: item.type,
    wire,
    doc: doc || item.doc,
    inner: item as Kind<unknown>,
    json: item.json === undefined
      ? undefined
      : (value, options) => value.map((entry) => item.json!(entry, options)),
    sample: (context, scope) =>
      Array.from({ length: context.random.below(4) }, () => item.sample(context, scope)),
  };
}

/**
 * Items to the end of the part. Where a field beside it counts them, a count that disagrees is
 * reported and the bytes win.
 */
export function list<T>(item: Kind<T>, countField?: string, doc = ""): Kind<T[]> {
  return {
    ...listOf(item, "items to the end", doc),
    minSize: 0,
    read(cursor, context, scope, outer) {
      const items: T[] = [];
      const start = cursor.offset;
      while (cursor.remaining > 0) {
        const offset = cursor.offset;
        readItem(item, items, cursor, context, scope, outer);
        if (cursor.offset === offset) throw new Malformed("empty list entry", offset);
      }
      const count = countField === undefined ? items.length : scope[countField];
      if (count !== items.length) {
        context.problem(
          "malformed",
          `${countField} is ${count}, but ${items.length} follow`,
          start,
        );
      }
      return items;
    },
    write(writer, value, release, scope) {
      for (const entry of value) item.write(writer, entry, release, scope);
    },
  };
}

/** As many items as the field `countField` beside it says. */
export function listOfCount<T>(item: Kind<T>, countField: string, doc = ""): Kind<T[]> {
  return {
    ...listOf(item, `${countField} items`, doc),
    minSize: 0,
    read(cursor, context, scope, outer) {
      const items: T[] = [];
      const count = Number(scope[countField]);
      checkCount(count, item, cursor, cursor.offset);
      for (let i = 0; i < count; i++) {
        readItem(item, items, cursor, context, scope, outer);
      }
      return items;
    },
    write(writer, value, release, scope) {
      for (const entry of value) item.write(writer, entry, release, scope);
    },
  };
}

/** A count of the kind `count`, then that many items. */
export function counted<T>(count: Kind<number>, item: Kind<T>, doc = ""): Kind<T[]> {
  return {
    ...listOf(item, `${count.wire} count, items`, doc),
    minSize: count.minSize,
    read(cursor, context, scope, outer) {
      const items: T[] = [];
      const offset = cursor.offset;
      const length = count.read(cursor, context, scope, outer);
      checkCount(length, item, cursor, offset);
      for (let i = 0; i < length; i++) {
        readItem(item, items, cursor, context, scope, outer);
      }
      return items;
    },
    write(writer, value, release, scope) {
      count.write(writer, value.length, release, scope);
      for (const entry of value) item.write(writer, entry, release, scope);
    },
  };
}

/** Refuses a count from the wire that the bytes left cannot hold, before any loop. */
function checkCount(
  count: number,
  item: Kind<unknown>,
  cursor: Cursor,
  offset: number,
): void {
  const least = Math.max(1, item.minSize);
  if (count * least > cursor.remaining) {
    throw new Malformed(
      `count ${count} needs at least ${count * least} bytes, ${cursor.remaining} left`,
      offset,
    );
  }
}

/**
 * A chain: a byte 1 before each entry and 0 after the last. A chain without entries is the
 * byte 0, as null never is.
 */
export function chain<T>(entry: Kind<T>, doc = ""): Kind<T[]> {
  return {
    ...listOf(entry, "entries, each behind a byte 1, then a byte 0", doc),
    minSize: 1,
    read(cursor, context, scope, outer) {
      const items: T[] = [];
      while (readFlag(cursor, context)) {
        readItem(entry, items, cursor, context, scope, outer);
      }
      return items;
    },
    write(writer, value, release, scope) {
      for (const one of value) {
        writer.u8(1);
        entry.write(writer, one, release, scope);
      }
      writer.u8(0);
    },
  };
}

function readFlag(cursor: Cursor, context: ReadContext): boolean {
  const flag = cursor.u8();
  if (flag > 1) {
    context.problem(
      "protocol",
      `flag byte ${flag} is neither 0 nor 1`,
      cursor.offset - 1,
    );
  }
  return flag !== 0;
}

function inside<T>(inner: Kind<T>): Omit<Kind<T | null>, "read" | "write"> {
  return {
    ...inner as Kind<unknown> as Kind<T | null>,
    json: inner.json as Kind<T | null>["json"],
    derive: undefined,
    verify: undefined,
    sample: ({ random, release }, scope) =>
      random.below(3) === 0 ? null : inner.sample({ random, release }, scope),
  };
}

/**
 * A value behind a presence byte; null where it is 0. `padding` zero bytes follow an absent
 * value.
 */
export function optional<T>(inner: Kind<T>, padding = 0): Kind<T | null> {
  return {
    ...inside(inner),
    wire: `u8 flag, ${inner.wire}`,
    minSize: 1,
    read(cursor, context, scope, outer) {
      if (readFlag(cursor, context)) return inner.read(cursor, context, scope, outer);
      for (let i = 0; i < padding; i++) {
        if (cursor.u8() !== 0) {
          context.problem("protocol", "padding is not zero", cursor.offset - 1);
        }
      }
      return null;
    },
    write(writer, value, release, scope) {
      writer.u8(value === null ? 0 : 1);
      if (value !== null) inner.write(writer, value, release, scope);
      else writer.bytes(new Uint8Array(padding));
    },
  };
}

/** Puts a kind behind its length in bytes; the kind has to use them all. */
export function sized<T>(length: Kind<number>, inner: Kind<T>): Kind<T> {
  return {
    ...inner,
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
    write(writer, value, release, scope) {
      const part = new Writer();
      inner.write(part, value, release, scope);
      length.write(writer, part.length, release, scope);
      writer.bytes(part.finish());
    },
  };
}

/** As {@link sized}, where the length stands in the field `lengthField` before it. */
export function sizedBy<T>(lengthField: string, inner: Kind<T>): Kind<T> {
  return {
    ...inner,
    wire: `${lengthField} bytes: ${inner.wire}`,
    minSize: 0,
    read(cursor, context, scope, outer) {
      return readPart(Number(scope[lengthField]), inner, cursor, context, scope, outer);
    },
  };
}

function readPart<T>(
  length: number,
  inner: Kind<T>,
  cursor: Cursor,
  context: ReadContext,
  scope: Fields,
  outer: Fields,
): T {
  const limit = cursor.narrow(length);
  try {
    const value = inner.read(cursor, context, scope, outer);
    if (cursor.remaining > 0) {
      context.problem("malformed", `${cursor.remaining} bytes too many`, cursor.offset);
      cursor.offset = cursor.limit;
    }
    return value;
  } finally {
    cursor.limit = limit;
  }
}

/** A kind, or bytes where the part does not hold one: what encryption leaves unreadable. */
export function orBytes<T>(inner: Kind<T>): Kind<T | Uint8Array> {
  return {
    ...inner as Kind<unknown> as Kind<T | Uint8Array>,
    read(cursor, context, scope, outer) {
      const start = cursor.offset;
      const problems = context.problems;
      const issues = context.issues.length;
      const children = context.node?.children.length ?? 0;
      const node = context.node;
      try {
        const value = inner.read(cursor, context, scope, outer);
        if (context.problems === problems && cursor.remaining === 0) return value;
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
      }
      context.problems = problems;
      context.issues.length = issues;
      context.node = node;
      if (node !== null) node.children.length = children;
      cursor.offset = start;
      context.note(
        "undecoded",
        `not readable as ${inner.doc || inner.wire}; kept as bytes`,
        start,
      );
      return cursor.take(cursor.remaining);
    },
    write(writer, value, release, scope) {
      if (value instanceof Uint8Array) writer.bytes(value);
      else inner.write(writer, value, release, scope);
    },
    json(value, options) {
      if (value instanceof Uint8Array) return rawJson(value, options);
      return inner.json === undefined ? value as JsonValue : inner.json(value, options);
    },
  };
}

function rawJson(value: Uint8Array, options: JsonOptions): JsonValue {
  return { length: value.length, hex: value.subarray(0, options.maxBytes).toHex() };
}

/** Draws a sample of the kind that a tag selects. */
export type Cases = Readonly<Record<string, Kind<unknown>>>;

/**
 * A value whose kind the enum field `tagField` beside it names. It has to fill its part; one
 * that does not fit its kind is kept as bytes.
 */
export function byTag(tagField: string, cases: Cases, doc = ""): Kind<unknown> {
  const pick = (scope: Fields): Kind<unknown> | undefined =>
    cases[String(scope[tagField])];
  return {
    type: "bytes",
    wire: `as ${tagField} says`,
    doc,
    minSize: 0,
    read(cursor, context, scope, outer) {
      const start = cursor.offset;
      const kind = pick(scope);
      const problems = context.problems;
      const issues = context.issues.length;
      if (kind !== undefined) {
        try {
          const value = kind.read(cursor, context, scope, outer);
          if (cursor.remaining === 0 && context.problems === problems) return value;
        } catch (error) {
          if (!(error instanceof Malformed)) throw error;
        }
      }
      context.problems = problems;
      context.issues.length = issues;
      cursor.offset = start;
      if (kind !== undefined) {
        context.problem(
          "malformed",
          `value does not fit ${tagField} ${scope[tagField]}`,
          start,
        );
      }
      return cursor.take(cursor.remaining);
    },
    write(writer, value, release, scope) {
      if (value instanceof Uint8Array) writer.bytes(value);
      else pick(scope)?.write(writer, value, release, scope);
    },
    json(value, options) {
      if (value instanceof Uint8Array) {
        return (cases.raw?.json ?? rawJson)(value, options);
      }
      return typeof value === "bigint" ? String(value) : value as JsonValue;
    },
    sample(context: SampleContext, scope) {
      return pick(scope)!.sample(context, scope);
    },
  };
}
