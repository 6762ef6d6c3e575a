/** A value that generated code has read: where it is, in names of that code. */
export type Value =
  | { readonly is: "number"; readonly code: string }
  | { readonly is: "long"; readonly low: string; readonly high: string }
  | {
    readonly is: "enum";
    readonly code: string;
    readonly names: ReadonlyMap<number, string>;
  }
  /** 128 bits. */
  | { readonly is: "wide"; readonly at: string }
  /** UTF-8 that lies at a place. */
  | { readonly is: "text"; readonly at: string; readonly length: string }
  | { readonly is: "list"; readonly count: string; readonly start: string }
  | { readonly is: "other" };

/** Thrown where a layout has no plan, or one that cannot be compiled. */
export class NotCompiled extends Error {
  override name = "NotCompiled";
}

/** Values of the fields of one structure that were read so far. */
export type Scope = Map<string, Value>;

/** A value of a field beside; it has to be there. */
export function valueOf(scope: Scope, name: string): Value {
  const value = scope.get(name);
  if (value === undefined) throw new NotCompiled(`${name} is not read before`);
  return value;
}

/** A count or length as a number. */
export function numberOf(value: Value): string {
  if (value.is === "number") return value.code;
  if (value.is === "long") return `(${value.high} * 4294967296 + ${value.low})`;
  throw new NotCompiled(`${value.is} is no number`);
}

/** Whether a value is this literal, as code. */
export function equals(value: Value, literal: unknown): string {
  switch (value.is) {
    case "number":
      return `${value.code} === ${Number(literal)}`;
    case "long": {
      const bits = BigInt.asUintN(64, BigInt(literal as bigint));
      return `${value.low} === ${bits & 0xffff_ffffn} && ${value.high} === ${
        bits >> 32n
      }`;
    }
    case "wide": {
      if (BigInt(literal as bigint) !== 0n) {
        throw new NotCompiled("a literal of 128 bits");
      }
      const parts = [0, 4, 8, 12].map((at) => `u32(b, ${value.at} + ${at})`);
      return `(${parts.join(" | ")}) === 0`;
    }
    case "enum": {
      const found = [...value.names].find(([, name]) => name === literal);
      if (found === undefined) throw new NotCompiled(`no value is named ${literal}`);
      return `${value.code} === ${found[0]}`;
    }
    default:
      throw new NotCompiled(`${value.is} does not compare`);
  }
}
