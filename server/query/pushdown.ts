import { isFailure, OUTCOMES } from "../../core/dissect/outcome.ts";
import type { Expression, Operand } from "../../core/filter/syntax.ts";

/** A condition that the index can answer. */
export interface Condition {
  /** SQL over the columns of `transactions`. */
  readonly sql: string;
  readonly values: readonly (string | number)[];
  /**
   * Whether rows pass it exactly where the filter lets them pass; else they are candidates,
   * of which the filter decides.
   */
  readonly isExact: boolean;
}

/** A field that the index has: its column, and how a literal of it is read. */
interface IndexedField {
  readonly column: string;
  value(operand: Operand): string | number | null;
}

/** The outcomes of transactions that failed, in SQL. */
export const FAILED = `(outcome IN (${
  OUTCOMES.filter(isFailure).map((outcome) => `'${outcome}'`).join(", ")
}))`;

const RELATIONS: Readonly<Record<string, string>> = {
  "==": "=",
  "!=": "<>",
  "<": "<",
  ">": ">",
  "<=": "<=",
  ">=": ">=",
};
const MICROSECONDS: Readonly<Record<string, number>> = {
  ns: 1e-3,
  us: 1,
  "µs": 1,
  ms: 1e3,
  s: 1e6,
};

/** A plain number; other ways to write one are left to the filter. */
function whole(operand: Operand): number | null {
  const isPlain = operand.kind === "word" && /^(0|[1-9]\d{0,8})$/.test(operand.text);
  return isPlain ? Number(operand.text) : null;
}

function text(operand: Operand): string | null {
  return operand.kind === "string" ? operand.text : null;
}

/** A time in µs, in which the column is. */
function micros(operand: Operand): number | null {
  if (operand.kind !== "word") return null;
  const match = /^(\d{1,9}(?:\.\d{1,9})?)(s|ms|us|µs|ns)?$/.exec(operand.text);
  return match === null ? null : Number(match[1]) * MICROSECONDS[match[2] ?? "s"]!;
}

function fieldsOf(root: string): ReadonlyMap<string, IndexedField> {
  return new Map([
    [`${root}.transaction`, { column: "n", value: whole }],
    [`${root}.command`, { column: "name", value: text }],
    [`${root}.code`, { column: "code", value: whole }],
    [`${root}.outcome`, { column: "outcome", value: text }],
    [`${root}.status`, { column: "status", value: whole }],
    [`${root}.response_time`, { column: "responseTime", value: micros }],
    ["tcp.stream", { column: "conversation", value: whole }],
  ]);
}

/**
 * What of a filter the index can answer, under the root of a registry's fields; null where
 * that is nothing. What it lets pass is all that the filter does, and where it is not exact
 * perhaps more.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parse } from "../../core/filter/mod.ts";
 * const found = conditionOf(parse("iggy.status != 0 && frame.number > 9")!, "iggy");
 * assertEquals(found?.sql, "(status <> 0)");
 * assertEquals(found?.isExact, false);
 * ```
 */
export function conditionOf(expression: Expression, root: string): Condition | null {
  const fields = fieldsOf(root);
  const walk = (part: Expression): Condition | null => {
    switch (part.kind) {
      case "and": {
        const found = part.parts.map(walk);
        const known = found.filter((condition) => condition !== null);
        return known.length === 0
          ? null
          : joined(known, " AND ", known.length === found.length);
      }
      case "or": {
        const found = part.parts.map(walk);
        const known = found.filter((condition) => condition !== null);
        return known.length < found.length ? null : joined(known, " OR ", true);
      }
      case "not": {
        const inner = walk(part.part);
        if (inner === null || !inner.isExact) return null;
        return { ...inner, sql: `NOT coalesce(${inner.sql}, 0)` };
      }
      case "exists": {
        const { operand } = part;
        if (operand.kind !== "word") return null;
        if (operand.text === `${root}.failed`) {
          return exact(FAILED);
        }
        const field = fields.get(operand.text);
        return field === undefined ? null : exact(`(${field.column} IS NOT NULL)`);
      }
      case "in": {
        const { operand, elements, quantifier } = part;
        const field = operand.kind === "word" ? fields.get(operand.text) : undefined;
        if (field === undefined || quantifier !== null) return null;
        const values = elements.map(({ from, to }) =>
          to === null ? field.value(from) : null
        );
        if (field.value === micros || !values.every((value) => value !== null)) {
          return null;
        }
        return exact(
          `(${field.column} IN (${values.map(() => "?").join(", ")}))`,
          ...values,
        );
      }
      case "compare":
        return comparison(part);
    }
  };
  const comparison = (part: Expression & { kind: "compare" }): Condition | null => {
    const { quantifier, operands, relations } = part;
    const [left, right] = operands, [written] = relations;
    if (quantifier !== null || relations.length > 1 || !left || !right || !written) {
      return null;
    }
    const field = left.kind === "word" ? fields.get(left.text) : undefined;
    const relation = RELATIONS[written];
    const value = field?.value(right) ?? null;
    if (field === undefined || relation === undefined || value === null) return null;
    if (field.value === micros) return near(field.column, relation, value as number);
    const isText = field.value === text;
    // Texts are ordered as the filter orders them nowhere else.
    if (isText && relation !== "=" && relation !== "<>") return null;
    // A number stands in the text, so that SQLite knows which partial index it fits.
    return typeof value === "number"
      ? exact(`(${field.column} ${relation} ${value})`)
      : exact(`(${field.column} ${relation} ?)`, value);
  };
  return walk(expression);
}

function exact(sql: string, ...values: (string | number)[]): Condition {
  return { sql, values, isExact: true };
}

/** Response times are µs with fractions here and ns in filters: a little more is let pass. */
function near(column: string, relation: string, value: number): Condition | null {
  const margin = 0.001;
  if (relation === "<>") return null;
  if (relation === "=") {
    const sql = `(${column} BETWEEN ? AND ?)`;
    return { sql, values: [value - margin, value + margin], isExact: false };
  }
  const limit = relation.startsWith(">") ? value - margin : value + margin;
  return { sql: `(${column} ${relation} ?)`, values: [limit], isExact: false };
}

function joined(parts: readonly Condition[], word: string, isWhole: boolean): Condition {
  return {
    sql: parts.length === 1
      ? parts[0]!.sql
      : `(${parts.map(({ sql }) => sql).join(word)})`,
    values: parts.flatMap(({ values }) => values),
    isExact: isWhole && parts.every(({ isExact }) => isExact),
  };
}
