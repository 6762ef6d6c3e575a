import type { Transaction } from "../dissect/transaction.ts";
import { FilterError, quoted } from "./error.ts";
import { type FieldTable, NONE, type ValueType } from "./field.ts";
import { type LiteralTarget, maskOf, typeName } from "./literal.ts";
import { slice } from "./range.ts";
import { nearest, nearestField } from "./suggest.ts";
import type { Operand } from "./syntax.ts";

/** A field, or a function of one, whose values a filter looks at. */
export interface Source extends LiteralTarget {
  read(transaction: Transaction): readonly unknown[];
}

type Word = Extract<Operand, { kind: "word" }>;
type Call = Extract<Operand, { kind: "call" }>;
type Slice = Extract<Operand, { kind: "slice" }>;
type Mask = Extract<Operand, { kind: "mask" }>;

const encoder = new TextEncoder();

/** A function that filters may call: what it takes and what it makes of the values. */
interface FilterFunction {
  readonly doc: string;
  readonly takes: (type: ValueType) => boolean;
  readonly gives: ValueType;
  apply(values: readonly unknown[], source: Source): readonly unknown[];
}

const isText = (type: ValueType) => type === "string" || type === "variant";

/** The functions by name. */
export const FUNCTIONS: Readonly<Record<string, FilterFunction>> = {
  len: {
    doc: "Length in bytes of a string or bytes.",
    takes: (type) => isText(type) || type === "bytes",
    gives: "uint32",
    apply: (values) =>
      values.flatMap((value) =>
        value instanceof Uint8Array
          ? [value.length]
          : typeof value === "string"
          ? [encoder.encode(value).length]
          : []
      ),
  },
  count: {
    doc: "How often the field is there, where it is.",
    takes: () => true,
    gives: "uint32",
    apply: (values) => values.length === 0 ? NONE : [values.length],
  },
  lower: {
    doc: "A string in lower case.",
    takes: isText,
    gives: "string",
    apply: (values) => strings(values).map((value) => value.toLowerCase()),
  },
  upper: {
    doc: "A string in upper case.",
    takes: isText,
    gives: "string",
    apply: (values) => strings(values).map((value) => value.toUpperCase()),
  },
  string: {
    doc: "A number as text: its name where it has one.",
    takes: (type) => /^(u?int|string|boolean|float|double|variant)/.test(type),
    gives: "string",
    apply: (values, { names }) =>
      values.flatMap((value) =>
        value instanceof Uint8Array ? [] : [names?.get(Number(value)) ?? String(value)]
      ),
  },
};

function strings(values: readonly unknown[]): string[] {
  return values.filter((value) => typeof value === "string");
}

/** Looks up what the names of a filter stand for. */
export class Resolver {
  readonly #table: FieldTable;
  readonly #showSecrets: boolean;

  constructor(table: FieldTable, showSecrets: boolean) {
    this.#table = table;
    this.#showSecrets = showSecrets;
  }

  /** Whether a word names a field. */
  knows(word: string): boolean {
    return this.#table.get(word) !== undefined;
  }

  /** The field that a word names, for questions about its presence. */
  field({ text, offset, length }: Word): Source {
    const field = this.#table.get(text);
    if (field !== undefined) {
      const { path, type, names, unit } = field;
      return {
        type,
        names,
        unit,
        label: path,
        read: (transaction) => field.read(transaction),
      };
    }
    throw new FilterError(
      `${quoted(text)} is neither a field nor a protocol name.`,
      { offset, length },
      nearestField(text, this.#table),
    );
  }

  /** The source of values that an operand names; literals are none. */
  source(operand: Operand, relation: string): Source {
    if (operand.kind === "call") return this.#call(operand, relation);
    if (operand.kind === "slice") return this.#slice(operand, relation);
    if (operand.kind === "mask") return this.#mask(operand, relation);
    if (operand.kind !== "word") {
      throw new FilterError(
        `Left side of "${relation}" expression must be a field or function.`,
        operand,
      );
    }
    const source = this.field(operand);
    if (source.type === "group") {
      throw new FilterError(
        `${source.label} (type=${typeName("group")}) cannot participate in ` +
          `"${relation}" comparison.`,
        operand,
      );
    }
    if (this.#table.get(operand.text)?.secret && !this.#showSecrets) {
      throw new FilterError(
        `${source.label} is a secret: only its presence can be tested without --show-secrets.`,
        operand,
      );
    }
    return source;
  }

  #call(operand: Call, relation: string): Source {
    const { name, of, offset } = operand;
    const found = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (found === undefined) {
      throw new FilterError(
        `Function ${quoted(name)} does not exist.`,
        { offset, length: name.length },
        nearest(name, Object.keys(FUNCTIONS)),
      );
    }
    const [first] = of;
    if (first === undefined || of.length > 1) {
      throw new FilterError(`Function ${name} takes one field.`, operand);
    }
    if (name === "count" && first.kind === "word") return this.#count(first, name);
    const source = this.source(first, relation);
    if (!found.takes(source.type)) {
      throw new FilterError(
        `${source.label} (type=${typeName(source.type)}) cannot be used in ${name}().`,
        first,
      );
    }
    return {
      type: found.gives,
      label: `${name}(${source.label})`,
      read: (transaction) => found.apply(source.read(transaction), source),
    };
  }

  #slice({ of, ranges }: Slice, relation: string): Source {
    const source = this.source(of, relation);
    if (!isText(source.type) && source.type !== "bytes") {
      throw new FilterError(
        `${source.label} (type=${typeName(source.type)}) cannot be sliced into a ` +
          "sequence of bytes.",
        of,
      );
    }
    const part = (value: unknown) => {
      const bytes = typeof value === "string" ? encoder.encode(value) : value;
      const found = bytes instanceof Uint8Array ? slice(bytes, ranges) : null;
      return found === null ? [] : [found];
    };
    return {
      type: "bytes",
      label: `${source.label}[]`,
      read: (transaction) => source.read(transaction).flatMap(part),
    };
  }

  #mask({ of, mask }: Mask, relation: string): Source {
    const source = this.source(of, relation);
    if (!/^u?int\d+$/.test(source.type)) {
      throw new FilterError(
        `${source.label} (type=${
          typeName(source.type)
        }) does not support the bitwise and.`,
        of,
      );
    }
    const bits = maskOf(mask, source.type);
    const masked = (value: unknown) =>
      typeof value === "number" || typeof value === "bigint"
        ? [BigInt(value) & bits]
        : [];
    return {
      type: source.type,
      label: `${source.label} & ${bits}`,
      read: (transaction) => source.read(transaction).flatMap(masked),
    };
  }

  /** Groups and secrets can be counted too. */
  #count(word: Word, name: string): Source {
    const source = this.field(word);
    return {
      type: "uint32",
      label: `${name}(${source.label})`,
      read: (transaction) => FUNCTIONS[name]!.apply(source.read(transaction), source),
    };
  }
}
