import type { Transaction } from "../dissect/transaction.ts";
import { FilterError, quoted } from "./error.ts";
import { type FieldTable, NONE, type ValueType } from "./field.ts";
import { type LiteralTarget, typeName } from "./literal.ts";
import { nearest, nearestField } from "./suggest.ts";
import type { Operand } from "./syntax.ts";

/** A field, or a function of one, whose values a filter looks at. */
export interface Source extends LiteralTarget {
  read(transaction: Transaction): readonly unknown[];
}

type Word = Extract<Operand, { kind: "word" }>;
type Call = Extract<Operand, { kind: "call" }>;

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
      const { path, type, names } = field;
      return {
        type,
        names,
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
        `${source.label} is a secret: only its presence can be asked without --show-secrets.`,
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
