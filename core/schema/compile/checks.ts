import type { Kind } from "../kind.ts";
import { isIn } from "../struct.ts";
import type { Code } from "./code.ts";
import { checkOf, type CheckPlan, type Condition } from "./plan.ts";
import {
  equals,
  NotCompiled,
  numberOf,
  type Scope,
  type Value,
  valueOf,
} from "./values.ts";

/** What checks need of the reader around them. */
export interface CheckHost {
  readonly code: Code;
  readonly release: number;
  /** Runs after each item of the list `name` beside the field, with the item's fields. */
  afterEach(name: string, work: (item: Scope, index: string) => void): void;
  /** The bytes that items of a list take, and where a field stands in them, if all fixed. */
  placeIn(
    list: Kind<unknown>,
    field: string,
  ): { readonly size: number; readonly at: number };
}

/** A field whose check is to be written. */
export interface Checked {
  readonly kind: Kind<unknown>;
  readonly name: string;
  readonly value: Value;
  /** Names of where the field, and the structure around it, begin. */
  readonly at: string;
  readonly start: string;
}

/**
 * Writes what has to run before the fields that follow, and gives what has to run behind the
 * last field of the structure; null where there is nothing to check.
 */
export function writeCheck(
  field: Checked,
  scope: Scope,
  host: CheckHost,
): (() => void) | null {
  const plan = checkOf(field.kind);
  if (plan === null) return null;
  if (plan === "unknown") {
    throw new NotCompiled(`${field.name} has a check without a plan`);
  }
  return checkOfPlan(plan, field, scope, host);
}

function checkOfPlan(
  plan: CheckPlan,
  field: Checked,
  scope: Scope,
  host: CheckHost,
): (() => void) | null {
  const { code, release } = host;
  const { value } = field;
  switch (plan.check) {
    case "byRelease": {
      const form = plan.forms.find((form) => isIn(form, release)) ?? plan.forms.at(-1)!;
      return writeCheck({ ...field, kind: form }, scope, host);
    }
    case "sound":
      return () =>
        code.unless(condition(plan.where, new Map([...scope, ["self", value]])));
    case "idUnlessZero":
      if (release >= plan.since) return null;
      return () => {
        const other = equals(valueOf(scope, plan.field), 0);
        code.unless(`${other} || ${numberOf(value)} !== 0`);
      };
    case "hashOfRest":
      return () => hashOfRest(plan, field, code);
    case "countOf":
      return countOf(plan, value, scope, host);
    case "endsOf":
      return endsOf(plan, field, host);
    case "hashOfParts":
      return hashOfParts(plan, field, host);
  }
}

/** A condition on fields as code. */
export function condition(where: Condition, scope: Scope): string {
  if ("all" in where) {
    return `(${where.all.map((one) => condition(one, scope)).join(" && ")})`;
  }
  if ("any" in where) {
    return `(${where.any.map((one) => condition(one, scope)).join(" || ")})`;
  }
  const value = valueOf(scope, where.field);
  return "is" in where
    ? `(${equals(value, where.is)})`
    : `!(${equals(value, where.not)})`;
}

function hashOfRest(
  { hash, fits32 }: CheckPlan & { check: "hashOfRest" },
  { value, at }: Checked,
  code: Code,
): void {
  if (value.is !== "long") throw new NotCompiled("a hash of other than 64 bits");
  const { low, high } = value;
  const legal = fits32 === null ? "" : `${high} ${fits32 ? "===" : "!=="} 0 && `;
  code.settle();
  const matches = `hashIs("${hash}", b, ${at} + 8, p, ${low}, ${high})`;
  code.unless(`(${low} | ${high}) === 0 || ${legal}${matches}`);
}

/** Counts the inner items of each route; one of a route is passed once it was read. */
function countOf(
  { routes }: CheckPlan & { check: "countOf" },
  value: Value,
  scope: Scope,
  { code, afterEach }: CheckHost,
): () => void {
  const counters = routes.map(([list, inner]) => {
    const sum = code.name("sum");
    code.line(`let ${sum} = 0;`);
    afterEach(list!, (item) => {
      const counted = item.get(inner!);
      if (counted?.is === "list") code.line(`${sum} += ${counted.count};`);
    });
    return { list: list!, sum };
  });
  return () => {
    for (const { list, sum } of counters) {
      if (scope.has(list)) code.unless(`${sum} === ${numberOf(value)}`);
    }
  };
}

function endsOf(
  { field, items, fixed, lengths }: CheckPlan & { check: "endsOf" },
  { value, kind }: Checked,
  { code, afterEach, placeIn }: CheckHost,
): null {
  if (value.is !== "list") throw new NotCompiled("ends that are no list");
  const { size, at } = placeIn(kind, field);
  const end = code.name("end");
  code.line(`let ${end} = 0;`);
  afterEach(items, (item, index) => {
    const sum = lengths.map((length) => numberOf(valueOf(item, length))).join(" + ");
    code.line(`${end} += ${fixed} + ${sum};`);
    const entry = `u32(b, ${value.start} + ${index} * ${size} + ${at})`;
    code.unless(`${index} >= ${value.count} || ${entry} === ${end}`);
  });
  return null;
}

function hashOfParts(
  { ranges, flagged, list, field }: CheckPlan & { check: "hashOfParts" },
  { value, start }: Checked,
  { code, afterEach }: CheckHost,
): () => void {
  if (value.is !== "long") throw new NotCompiled("a hash of other than 64 bits");
  const { low, high } = value;
  const length = code.name("n");
  code.line(`let ${length} = 0;`);
  for (const [from, to] of ranges) {
    code.line(`${length} = gather(b, ${start} + ${from}, ${to - from}, ${length});`);
  }
  if (flagged !== undefined) {
    const more = flagged.ranges.map(([from, to]) =>
      `${length} = gather(b, ${start} + ${from}, ${to - from}, ${length});`
    );
    code.line(`if (b[${start} + ${flagged.at}] !== 0) { ${more.join(" ")} }`);
  }
  afterEach(list, (item) => {
    const part = valueOf(item, field);
    if (part.is !== "long") throw new NotCompiled("parts of other than 64 bits");
    code.line(`${length} = gather64(${part.low}, ${part.high}, ${length});`);
  });
  return () => {
    const matches = `hashIs("xxh3", parts, 0, ${length}, ${low}, ${high})`;
    code.unless(`(${low} | ${high}) === 0 || ${length} <= parts.length && ${matches}`);
  };
}
