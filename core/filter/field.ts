import type { Transaction } from "../dissect/transaction.ts";
import type { FieldType, Unit } from "../schema/mod.ts";

/**
 * What a filter may do with a field's values, and what those are: numbers or bigints, strings,
 * `Uint8Array`, booleans; `time` is bigint nanoseconds since the epoch, `span` nanoseconds,
 * `address` an `Address`, `variant` whatever the tag beside it says.
 */
export type ValueType = FieldType | "time" | "span" | "address" | "variant";

/** A field that filters know. */
export interface FilterField {
  /** `app.hello.request.name` */
  readonly path: string;
  readonly type: ValueType;
  /** Its paths in JSON, where those are others. */
  readonly aliases?: readonly string[];
  /** What it means. */
  readonly doc: string;
  /** The wire form in words; left out for what is not on the wire. */
  readonly wire?: string;
  readonly unit?: Unit;
  /** Names of an enum's numbers. */
  readonly names?: ReadonlyMap<number, string>;
  /** Texts that are likely, to be offered while typing. */
  readonly likely?: readonly string[];
  /** A password, token or key: only its presence may be asked without `showSecrets`. */
  readonly secret?: boolean;
  /** Its values in a transaction, none where it is not there. */
  read(transaction: Transaction): readonly unknown[];
}

/** The fields of a registry, sorted by path. */
export interface FieldTable {
  readonly all: readonly FilterField[];
  get(path: string): FilterField | undefined;
}

/** No values. */
export const NONE: readonly unknown[] = Object.freeze([]);
