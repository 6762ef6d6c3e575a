import type { Fields, Kind } from "./kind.ts";

/** A length in bytes that follows from the fields beside it that it measures. */
export function lengthOf<T extends number | bigint>(
  kind: Kind<T>,
  ...names: string[]
): Kind<T> {
  return {
    ...kind,
    derive: (_scope, measure) =>
      sameType(kind, names.reduce((sum, name) => sum + measure(name), 0)),
  };
}

/** A count that follows from the first list beside it that is there. */
export function countOf<T extends number | bigint>(
  kind: Kind<T>,
  ...names: string[]
): Kind<T> {
  return {
    ...kind,
    derive(scope) {
      const lists = names.map((name) => scope[name]).filter(Array.isArray);
      return sameType(kind, lists[0]?.length ?? 0);
    },
  };
}

function sameType<T extends number | bigint>(kind: Kind<T>, value: number): T {
  return (kind.type === "uint64" ? BigInt(value) : value) as T;
}

/**
 * A generated field: the sum of a field of the structure around it and one beside it. It takes
 * no bytes.
 */
export function sumOf(
  outerField: string,
  field: string | null,
  kind: Kind<bigint>,
): Kind<bigint> {
  const sum = (scope: Fields, outer: Fields): bigint =>
    BigInt.asUintN(
      64,
      BigInt(outer[outerField] as bigint) +
        (field === null ? 0n : BigInt(scope[field] as number)),
    );
  return {
    ...kind,
    wire: "generated",
    minSize: 0,
    generated: true,
    read: (_cursor, _context, scope, outer) => sum(scope, outer),
    write: () => {},
    sample: () => 0n,
  };
}

/** Leaves the name of the structure around a field out of its path. */
export function hoist<T>(kind: Kind<T>): Kind<T> {
  return { ...kind, hoisted: true };
}
