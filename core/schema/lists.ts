import { planned } from "./compile/plan.ts";
import { type Cursor, Malformed } from "../bytes/cursor.ts";
import { faultOf } from "./fault.ts";
import {
  fieldPath,
  type Fields,
  type Kind,
  nameField,
  type ReadContext,
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
  const found = context.issues.length;
  const name = items.length;
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
    if (context.issues.length > found) nameField(context, found, String(name));
  } catch (thrown) {
    const error = faultOf(thrown, cursor.offset);
    error.field = fieldPath(String(name), error.field);
    nameField(context, found, String(name));
    if (error.partial !== undefined) items.push(error.partial as T);
    else node?.children.pop();
    error.partial = items;
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
  return planned({
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
    lua: ({ make, reader }) =>
      make(
        "list",
        reader(item),
        ...countField === undefined ? [] : [countField],
      ),
    write(writer, value, release, scope) {
      for (const entry of value ?? []) item.write(writer, entry, release, scope);
    },
  }, { op: "list", item: item as Kind<unknown>, countField });
}

/** As many items as the field `countField` beside it says. */
export function listOfCount<T>(item: Kind<T>, countField: string, doc = ""): Kind<T[]> {
  return planned({
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
    lua: ({ make, reader }) =>
      make("list_of_count", reader(item), countField, item.minSize),
    write(writer, value, release, scope) {
      for (const entry of value ?? []) item.write(writer, entry, release, scope);
    },
  }, { op: "listOfCount", item: item as Kind<unknown>, field: countField });
}

/** A count of the kind `count`, then that many items. */
export function counted<T>(count: Kind<number>, item: Kind<T>, doc = ""): Kind<T[]> {
  return planned({
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
    lua: ({ make, reader }) => make("counted", reader(count), reader(item), item.minSize),
    write(writer, value, release, scope) {
      count.write(writer, value.length, release, scope);
      for (const entry of value ?? []) item.write(writer, entry, release, scope);
    },
  }, { op: "counted", count, item: item as Kind<unknown> });
}

/** Items of one size, as many as fit whole; fewer bytes than one takes are left. */
export function wholeItems<T>(item: Kind<T>, doc = ""): Kind<T[]> {
  return planned({
    ...listOf(item, "items, as many as fit", doc),
    minSize: 0,
    read(cursor, context, scope, outer) {
      const items: T[] = [];
      while (cursor.remaining >= item.minSize) {
        readItem(item, items, cursor, context, scope, outer);
      }
      return items;
    },
    lua: ({ make, reader }) => make("whole_items", reader(item), item.minSize),
    write(writer, value, release, scope) {
      for (const entry of value ?? []) item.write(writer, entry, release, scope);
    },
  }, { op: "wholeItems", item: item as Kind<unknown> });
}

/** A list of exactly one item, as where a part holds one now and may hold more one day. */
export function single<T>(item: Kind<T>, doc = ""): Kind<T[]> {
  return planned({
    ...listOf(item, "one item", doc),
    minSize: item.minSize,
    read(cursor, context, scope, outer) {
      const items: T[] = [];
      readItem(item, items, cursor, context, scope, outer);
      return items;
    },
    lua: ({ make, reader }) => make("single", reader(item)),
    write(writer, [entry], release, scope) {
      if (entry === undefined) throw new TypeError("one item is needed");
      item.write(writer, entry, release, scope);
    },
    sample: (context, scope) => [item.sample(context, scope)],
  }, { op: "single", item: item as Kind<unknown> });
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
 * A chain: a byte 1 before each entry and 0 after the last; without entries it is the byte 0.
 * A chain that ends right after its first byte 1, as servers up to 0.6 write an empty one, is
 * noted and empty.
 */
export function chain<T>(entry: Kind<T>, doc = ""): Kind<T[]> {
  return planned({
    ...listOf(entry, "entries, each behind a byte 1, then a byte 0", doc),
    minSize: 1,
    read(cursor, context, scope, outer) {
      const items: T[] = [];
      while (readFlag(cursor, context)) {
        if (items.length === 0 && cursor.remaining === 0) {
          context.note("malformed", "entries announced, none follows", cursor.offset - 1);
          break;
        }
        readItem(entry, items, cursor, context, scope, outer);
      }
      return items;
    },
    lua: ({ make, reader }) => make("chain", reader(entry)),
    write(writer, value, release, scope) {
      for (const one of value ?? []) {
        writer.u8(1);
        entry.write(writer, one, release, scope);
      }
      writer.u8(0);
    },
  }, { op: "chain", item: entry as Kind<unknown> });
}

/** Reads a flag byte; a byte other than 0 and 1 is reported. */
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

/** A list whose samples have no two items with the same value of a field, as maps have. */
export function distinctSamples<T extends Fields>(
  kind: Kind<T[]>,
  field: string,
): Kind<T[]> {
  return {
    ...kind,
    sample(context, scope) {
      const items = new Map(
        kind.sample(context, scope).map((item) => [String(item[field]), item]),
      );
      return [...items.values()];
    },
  };
}
