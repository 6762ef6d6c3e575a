import { planned, plannedCheck } from "./compile/plan.ts";
import { basisOf, type Fields, type Kind, type Measure, type Versioned } from "./kind.ts";

/** A length in bytes that follows from what it measures: fields beside it, and fixed bytes. */
export function lengthOf<T extends number | bigint>(
  kind: Kind<T>,
  ...parts: (string | number)[]
): Kind<T> {
  const length = (measure: Measure) =>
    parts.reduce<number>(
      (sum, part) => sum + (typeof part === "number" ? part : measure(part)),
      0,
    );
  return { ...kind, derive: (_scope, measure) => sameType(kind, length(measure)) };
}

/**
 * A count that follows from the first list beside it that is there. `batches.messages` counts
 * the messages of all batches; a count that disagrees with such a list is reported.
 */
export function countOf<T extends number | bigint>(
  kind: Kind<T>,
  ...paths: string[]
): Kind<T> {
  const routes = paths.map((path) => path.split("."));
  const total = (scope: Fields, [name, inner]: readonly string[]): number | null => {
    const list = scope[name!];
    if (!Array.isArray(list)) return null;
    if (inner === undefined) return list.length;
    return list.reduce<number>((sum, item) => sum + lengthIn(item, inner), 0);
  };
  const nested = routes.filter((route) => route.length > 1);
  return plannedCheck({
    ...kind,
    derive(scope) {
      const totals = routes.map((route) => total(scope, route));
      return sameType(kind, totals.find((count) => count !== null) ?? 0);
    },
    luaVerify: nested.length === 0 ? undefined : [
      "count_of",
      nested,
    ],
    verify: nested.length === 0
      ? undefined
      : (value, _bytes, _start, _end, scope, context, offset) => {
        for (const route of nested) {
          const count = total(scope, route);
          if (count === null || count === Number(value)) continue;
          context.problem(
            "malformed",
            `${value} announced, but ${route.join(".")} are ${count}`,
            offset,
          );
        }
      },
  }, { check: "countOf", routes: nested });
}

function lengthIn(item: Fields, name: string): number {
  const list = item[name];
  return Array.isArray(list) ? list.length : 0;
}

function sameType<T extends number | bigint>(kind: Kind<T>, value: number): T {
  return (kind.type === "uint64" ? BigInt(value) : value) as T;
}

/** What {@link endsOf} needs to know of the items whose ends are listed. */
export interface EndsOf {
  /** The field of each entry that holds the end, in bytes from the first item's start. */
  readonly field: string;
  /** The other fields of an entry that is derived. */
  readonly others: Fields;
  /** The list of items beside this one. */
  readonly items: string;
  /** Bytes of each item, and its fields that hold the lengths of the rest. */
  readonly fixed: number;
  readonly lengths: readonly string[];
}

/**
 * A list of where the items of another list end. It follows from them; an end that differs is
 * noted.
 */
export function endsOf(
  entries: Kind<Fields[]>,
  { field, others, items, fixed, lengths }: EndsOf,
): Kind<Fields[]> {
  return plannedCheck({
    ...entries,
    derive(scope, measure) {
      let end = 0;
      return (scope[items] as Fields[] | undefined ?? [])
        .map((item) => ({ ...others, [field]: end += measure(items, item) }));
    },
    luaVerify: [
      "ends_of",
      field,
      items,
      fixed,
      lengths,
    ],
    verify(value, _bytes, _start, _end, scope, context, offset) {
      const listed = scope[items];
      if (!Array.isArray(listed)) return;
      let end = 0;
      const wrong = value.findIndex((entry, i) => {
        const item: Fields | undefined = listed[i];
        if (item === undefined) return false;
        end += lengths.reduce((sum, name) => sum + Number(item[name]), fixed);
        return entry[field] !== end;
      });
      if (wrong < 0) return;
      context.note(
        "protocol",
        `${field} ${value[wrong]![field]} of entry ${wrong}, but its item ends at ${end}`,
        offset,
      );
    },
  }, { check: "endsOf", field, items, fixed, lengths });
}

/**
 * A generated field: the sum of a field of the structure around it and one beside it. It takes
 * no bytes.
 */
export function sumOf(
  outerField: string,
  field: string | null,
  kind: Kind<bigint>,
): Kind<bigint> & Versioned {
  const sum = (scope: Fields, outer: Fields): bigint =>
    BigInt.asUintN(
      64,
      BigInt(outer[outerField] as bigint) +
        (field === null ? 0n : BigInt(scope[field] as number)),
    );
  const made: Kind<bigint> & Versioned = {
    ...basisOf(kind),
    optional: true,
    wire: "generated",
    minSize: 0,
    generated: true,
    read: (_cursor, _context, scope, outer) => sum(scope, outer),
    lua: ({ make }) => make("sum_of", outerField, ...field === null ? [] : [field]),
    write: () => {},
    sample: () => 0n,
  };
  planned(made, { op: "sumOf", outer: outerField, field });
  return made;
}

/** Leaves the name of the structure around a field out of its path. */
export function hoist<T>(kind: Kind<T>): Kind<T> {
  return { ...kind, hoisted: true };
}

/** Says what a kind means where it is used. */
export function described<T>(kind: Kind<T>, doc: string): Kind<T> {
  return { ...kind, doc };
}
