import { udpId } from "../../core/flow/mod.ts";
import { isFailure, OUTCOMES } from "../../core/dissect/outcome.ts";
import { NANOSECONDS } from "../../core/filter/literal.ts";
import type { Expression, Operand } from "../../core/filter/syntax.ts";
import type { CommandTable } from "../../core/schema/mod.ts";
import type { KindNames } from "../store/kinds.ts";
import type { IndexRow, RowTest, RowView } from "../store/row_file.ts";

/** A condition that the index can answer. */
export interface Condition {
  readonly test: RowTest;
  /**
   * Whether rows pass it exactly where the filter lets them pass; else they are candidates,
   * of which the filter decides.
   */
  readonly isExact: boolean;
}

type Compare = Extract<Expression, { kind: "compare" }>;

/** A field that the index has. */
interface IndexedField {
  /** Its columns: that of the request and that of the response, where both have one. */
  readonly columns: readonly (keyof IndexRow)[];
  /** How a literal of it is read; null where the filter may know better. */
  literal(operand: Operand): number | string | null;
  /** The field's value, of the column's; NaN where it is not there. */
  readonly decode?: (stored: number) => number;
}

const RELATIONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a < b || a > b,
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
};
const FAILURES = OUTCOMES.filter(isFailure);

/** A plain number; other ways to write one are left to the filter. */
function whole(operand: Operand): number | null {
  const isPlain = operand.kind === "word" && /^(0|[1-9]\d{0,8})$/.test(operand.text);
  return isPlain ? Number(operand.text) : null;
}

function text(operand: Operand): string | null {
  return operand.kind === "string" ? operand.text : null;
}

/** A time in ns, as filters have it. */
function nanos(operand: Operand): number | null {
  if (operand.kind !== "word") return null;
  const match = /^(\d{1,9}(?:\.\d{1,9})?)(s|ms|us|µs|ns)?$/.exec(operand.text);
  return match === null
    ? null
    : Math.round(Number(match[1]) * NANOSECONDS[match[2] ?? "s"]!);
}

const toNanos = (us: number) => Math.round(us * 1000);
const span = (column: keyof IndexRow): IndexedField => {
  return { columns: [column], literal: nanos, decode: toNanos };
};
const number = (...columns: (keyof IndexRow)[]): IndexedField => {
  return { columns, literal: whole };
};
const word = (column: keyof IndexRow): IndexedField => {
  return { columns: [column], literal: text };
};

function fieldsOf(root: string): ReadonlyMap<string, IndexedField> {
  return new Map([
    [`${root}.transaction`, number("n")],
    [`${root}.command`, word("name")],
    [`${root}.code`, number("code")],
    [`${root}.outcome`, word("outcome")],
    [`${root}.status`, number("status")],
    [`${root}.length`, number("requestBytes", "responseBytes")],
    [`${root}.response_time`, span("responseTime")],
    [`${root}.server_time`, span("serverTime")],
    [`${root}.network_time`, span("networkTime")],
    [`${root}.think_time`, span("thinkTime")],
    [`${root}.request`, number("requestBytes")],
    [`${root}.response`, number("responseBytes")],
    ["frame.number", number("requestPacket", "responsePacket")],
    ["tcp.stream", { ...number("conversation"), decode: (n) => n < 0 ? NaN : n }],
    ["udp.stream", { ...number("conversation"), decode: (n) => n < 0 ? udpId(n) : NaN }],
  ]);
}

const EXISTS = () => true;
const SEVERITIES: Readonly<Record<string, keyof IndexRow>> = {
  chat: "chats",
  note: "notes",
  warn: "warns",
  error: "errors",
};

/** What of filters the index of captures can answer. */
export class Pushdown {
  readonly #root: string;
  readonly #fields: ReadonlyMap<string, IndexedField>;
  readonly #commands: CommandTable;
  readonly #kinds: KindNames;

  /** For the fields of a registry, which stand under its root. */
  constructor(root: string, commands: CommandTable, kinds: KindNames) {
    this.#root = root;
    this.#fields = fieldsOf(root);
    this.#commands = commands;
    this.#kinds = kinds;
  }

  /**
   * What of a filter the index can answer; null where that is nothing. What it lets pass is
   * all that the filter does, and where it is not exact perhaps more.
   */
  conditionOf(expression: Expression): Condition | null {
    switch (expression.kind) {
      case "and": {
        const found = expression.parts.map((part) => this.conditionOf(part));
        const known = found.filter((condition) => condition !== null);
        const isExact = known.length === found.length &&
          known.every((condition) => condition.isExact);
        return known.length === 0 ? null : { test: every(known), isExact };
      }
      case "or": {
        const found = expression.parts.map((part) => this.conditionOf(part));
        const known = found.filter((condition) => condition !== null);
        if (known.length < found.length) return null;
        return { test: some(known), isExact: known.every(({ isExact }) => isExact) };
      }
      case "not": {
        const inner = this.conditionOf(expression.part);
        if (inner === null || !inner.isExact) return null;
        return { ...inner, test: (view) => inner.test(view).map((passes) => 1 - passes) };
      }
      case "exists":
        return this.#presence(expression.operand);
      case "in": {
        const { operand, elements, quantifier } = expression;
        const field = operand.kind === "word"
          ? this.#fields.get(operand.text)
          : undefined;
        if (field === undefined || quantifier !== null) return this.#ofCommand(operand);
        const values = elements.map(({ from, to }) =>
          to === null ? field.literal(from) : null
        );
        if (!values.every((value) => value !== null)) return null;
        const isMember = values.map((value) => tested(field, RELATIONS["=="]!, value));
        return { test: some(isMember.map((test) => ({ test }))), isExact: true };
      }
      case "compare":
        return this.#comparison(expression);
    }
  }

  #presence(operand: Operand): Condition | null {
    if (operand.kind !== "word") return this.#ofCommand(operand);
    const { text } = operand;
    if (text === `${this.#root}.failed`) {
      const failed = FAILURES.map((outcome) =>
        tested(word("outcome"), RELATIONS["=="]!, outcome)
      );
      return { test: some(failed.map((test) => ({ test }))), isExact: true };
    }
    if (text === `${this.#root}.issue`) {
      const found = Object.values(SEVERITIES).map((column) =>
        tested(number(column), RELATIONS[">"]!, 0)
      );
      return { test: some(found.map((test) => ({ test }))), isExact: true };
    }
    const field = this.#fields.get(text);
    return field === undefined
      ? this.#ofCommand(operand)
      : { test: tested(field, EXISTS, 0), isExact: true };
  }

  #comparison({ quantifier, operands, relations }: Compare): Condition | null {
    const [left, right] = operands, [written] = relations;
    const relation = RELATIONS[written ?? ""];
    if (
      quantifier !== null || relations.length > 1 || left?.kind !== "word" || !right ||
      relation === undefined
    ) {
      return this.#ofCommand(left);
    }
    if (left.text === `${this.#root}.issue.severity` && written === "==") {
      const column = SEVERITIES[text(right) ?? ""];
      if (column === undefined) return null;
      return { test: tested(number(column), RELATIONS[">"]!, 0), isExact: true };
    }
    const field = this.#fields.get(left.text);
    if (field === undefined) return this.#ofCommand(left);
    const value = field.literal(right);
    if (
      value === null || left.text.endsWith(".request") || left.text.endsWith(".response")
    ) {
      return null;
    }
    // Texts are ordered as the filter orders them nowhere else.
    if (typeof value === "string" && written !== "==" && written !== "!=") return null;
    // Where there are two values, both have to differ.
    if (field.columns.length > 1 && written === "!=") return null;
    return { test: tested(field, relation, value), isExact: true };
  }

  /** Transactions that have a command's fields at all: a filter passes where they are. */
  /** Transactions that have a command's fields at all: a field that is not there passes none. */
  #ofCommand(operand: Operand | undefined): Condition | null {
    const path = operand === undefined ? null : pathOf(operand);
    if (path === null || !path.startsWith(`${this.#root}.`)) return null;
    const [name, part] = path.slice(this.#root.length + 1).split(".");
    const command = this.#commands.byName(name ?? "");
    if (command === undefined) return null;
    const layouts = part === "response" ? [] : [command.request, command.prepare]
      .map((kind) => this.#kinds.nameOf(kind)).filter((layout) => layout !== null);
    const tests = [
      tested(word("name"), RELATIONS["=="]!, command.name),
      ...layouts.map((layout) => tested(word("layout"), RELATIONS["=="]!, layout)),
    ];
    return { test: some(tests.map((test) => ({ test }))), isExact: false };
  }
}

/** The field that an operand looks at; null where it is a literal, or a function of one. */
function pathOf(operand: Operand): string | null {
  switch (operand.kind) {
    case "word":
      return operand.text;
    case "slice":
    case "mask":
      return pathOf(operand.of);
    default:
      return null;
  }
}

/** The rows with a value of a field that a relation lets pass. */
function tested(
  { columns, decode }: IndexedField,
  relation: (a: number, b: number) => boolean,
  literal: number | string,
): RowTest {
  return (view) => {
    const value = typeof literal === "string" ? view.idOf(literal) : literal;
    const passes = new Uint8Array(view.length);
    for (const name of columns) {
      const column = view.column(name);
      for (let i = 0; i < column.length; i++) {
        const stored = decode === undefined ? column[i]! : decode(column[i]!);
        if (stored === stored && relation(stored, value)) passes[i] = 1;
      }
    }
    return passes;
  };
}

function every(conditions: readonly { readonly test: RowTest }[]): RowTest {
  return (view: RowView) =>
    conditions.map(({ test }) => test(view)).reduce((all, passes) => {
      for (let i = 0; i < all.length; i++) all[i]! &= passes[i]!;
      return all;
    });
}

function some(conditions: readonly { readonly test: RowTest }[]): RowTest {
  return (view: RowView) =>
    conditions.reduce((any, { test }) => {
      const passes = test(view);
      for (let i = 0; i < any.length; i++) any[i]! |= passes[i]!;
      return any;
    }, new Uint8Array(view.length));
}
