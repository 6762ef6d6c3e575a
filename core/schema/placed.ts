import { planned } from "./compile/plan.ts";
import {
  basisOf,
  type FieldNode,
  type Fields,
  type Kind,
  type ReadContext,
} from "./kind.ts";
import type { Cursor } from "../bytes/cursor.ts";

/**
 * A field that stands further back on the wire: it belongs to this structure, and {@link fills}
 * reads it. `none` is its value where nothing does.
 */
export function later<T>(kind: Kind<T>, none: T): Kind<T> {
  const placed: Kind<T> = {
    ...basisOf(kind),
    minSize: 0,
    read: () => none,
    write: () => {},
    lua: ({ make }) => make("absent"),
    sample: () => none,
  };
  if (none === null) return planned(placed, { op: "constant", value: null });
  return Array.isArray(none) && none.length === 0
    ? planned(placed, { op: "constant", value: [] })
    : placed;
}

/** Where {@link fills} puts what it reads. */
export interface Place {
  /** The field beside this one that holds the structure, or a list of them. */
  readonly of: string;
  /** The field in there, declared with {@link later}. */
  readonly field: string;
  /** The field beside this one is a list. */
  readonly each?: true;
  /** A number that stands before all parts, under a name by which they can refer to it. */
  readonly head?: readonly [name: string, kind: Kind<number>];
}

/**
 * Reads the parts that belong to structures further ahead: one for each item of the list `of`,
 * in its order, or one where that is a structure. A part sees the fields of its item. The field
 * itself has no value; give it a name that begins with "_".
 */
export function fills(place: Place, part: Kind<unknown>): Kind<null> {
  const { of, field, head, each } = place;
  return planned({
    type: "bytes",
    wire: `${field} of each of ${of}`,
    doc: "",
    nullable: true,
    minSize: 0,
    read(cursor, context, scope, outer) {
      const [name, count] = head ?? [];
      const value = count?.read(cursor, context, scope, outer);
      const item = (fields: Fields) =>
        name === undefined ? fields : { ...fields, [name]: value };
      const around = context.around;
      const nodes = around?.children.find((child) => child.name === of);
      const target = scope[of];
      if (Array.isArray(target)) {
        target.forEach((fields: Fields, i) => {
          const node = nodes?.children[i];
          fields[field] = readPlaced(part, field, item(fields), node, cursor, context);
        });
      } else if (target !== undefined) {
        const fields = target as Fields;
        fields[field] = readPlaced(part, field, item(fields), nodes, cursor, context);
      }
      return null;
    },
    lua: ({ make, reader }) => {
      const args = [of, field, reader(part)] as const;
      if (!each) return make("placed", ...args);
      if (head === undefined) return make("placed_each", ...args);
      return make("placed_each", ...args, { [head[0]]: reader(head[1]) });
    },
    write(writer, _value, release, scope) {
      const target = scope[of];
      const items = (Array.isArray(target) ? target : [target]) as Fields[];
      if (head !== undefined) {
        const lengths = items.map((fields) => (fields[field] as unknown[]).length);
        if (lengths.every((length) => length === 0)) return;
        head[1].write(writer, lengths[0]!, release, scope);
      }
      for (const fields of items) part.write(writer, fields[field], release, fields);
    },
    sample: () => null,
  }, { op: "careful" });
}

function readPlaced(
  part: Kind<unknown>,
  name: string,
  scope: Fields,
  item: FieldNode | undefined,
  cursor: Cursor,
  context: ReadContext,
): unknown {
  const node = item?.children.find((child) => child.name === name);
  const { node: before, around } = context;
  const start = cursor.offset;
  if (node !== undefined) context.node = node;
  try {
    const value = part.read(cursor, context, scope, scope);
    if (node !== undefined) {
      node.value = value;
      node.offset = start;
      node.length = cursor.offset - start;
    }
    return value;
  } finally {
    context.node = before;
    context.around = around;
  }
}
