import type { Kind } from "../kind.ts";
import { isIn } from "../struct.ts";
import { type Plan, planOf } from "./plan.ts";

/** Whether a field of a structure is there in some values of a release and not in others. */
export function mayMiss(kind: Kind<unknown>): boolean {
  return kind.onlyIf !== undefined || kind.ifLeft === true || kind.mayLack === true;
}

/** Bytes that every value of a kind takes in a release; null where they differ. */
export function fixedSize(kind: Kind<unknown>, release: number): number | null {
  if (mayMiss(kind)) return null;
  const plan = planOf(kind);
  return plan === null ? null : sizeOfPlan(plan, release);
}

function sizeOfPlan(plan: Plan, release: number): number | null {
  switch (plan.op) {
    case "uint":
    case "int":
    case "float":
      return plan.size;
    case "bool":
    case "enum":
      return 1;
    case "idFrom":
      return 4;
    case "absent":
    case "constant":
    case "sumOf":
      return 0;
    case "zeros":
      return plan.length;
    case "text":
    case "bytes":
      return typeof plan.length === "object" && "fixed" in plan.length
        ? plan.length.fixed
        : null;
    case "exactly":
    case "within":
    case "nullable":
    case "sound":
      return fixedSize(plan.inner, release);
    case "byRelease":
      return fixedSize(formOf(plan.forms, release), release);
    case "struct":
      return plan.fields.reduce<number | null>((sum, [, kind]) => {
        if (sum === null || !isIn(kind, release)) return sum;
        const size = fixedSize(kind, release);
        return size === null ? null : sum + size;
      }, 0);
    default:
      return null;
  }
}

/** The form that a release has. */
export function formOf(forms: readonly Kind<unknown>[], release: number): Kind<unknown> {
  return forms.find((form) => isIn(form, release)) ?? forms[forms.length - 1]!;
}

/** The item of a list, however deep the list is wrapped; null where it is none. */
export function itemOf(kind: Kind<unknown>, release: number): Kind<unknown> | null {
  const plan = planOf(kind);
  if (plan === null) return null;
  switch (plan.op) {
    case "list":
    case "listOfCount":
    case "counted":
    case "single":
    case "wholeItems":
    case "chain":
      return plan.item;
    case "byRelease":
      return itemOf(formOf(plan.forms, release), release);
    case "sized":
    case "sizedBy":
    case "orBytes":
      return itemOf(plan.inner, release);
    default:
      return null;
  }
}

/** Where a field stands in the items of a list whose bytes are always as many. */
export function placeInItems(list: Kind<unknown>, field: string, release: number) {
  const item = itemOf(list, release);
  const plan = item === null ? null : planOf(item);
  if (plan?.op !== "struct") return null;
  let at = 0;
  for (const [name, kind] of plan.fields) {
    if (!isIn(kind, release)) continue;
    if (name === field) {
      const size = fixedSize(item!, release);
      return size === null ? null : { size, at };
    }
    const size = fixedSize(kind, release);
    if (size === null) return null;
    at += size;
  }
  return null;
}
