import type { Pdu } from "../framing/pdu.ts";
import type { Transaction } from "../dissect/transaction.ts";
import { type JsonValue, type Kind, walkFields } from "../schema/mod.ts";

/** Values by path: `request.name`, `response.topics.0.id`. */
export type Leaves = ReadonlyMap<string, string>;

/** Which fields are compared besides those that stay the same for the same work. */
export interface Compared {
  /** Paths, as in output without indices, that are compared although they are volatile. */
  readonly also: readonly string[];
  /** Paths that are not compared, with all below them. */
  readonly ignore: readonly string[];
}

/** Paths of a layout, without indices, that are not compared as they stand. */
interface Marks {
  /** Values that differ from run to run: moments, checksums, secrets, what is marked so. */
  readonly volatile: ReadonlySet<string>;
  /** Lists whose order says nothing. */
  readonly unordered: ReadonlySet<string>;
}

const marksOfLayouts = new WeakMap<Kind<unknown>, Marks>();

function marksOf(layout: Kind<unknown>): Marks {
  let marks = marksOfLayouts.get(layout);
  if (marks === undefined) {
    const [volatile, unordered] = [new Set<string>(), new Set<string>()];
    walkFields(layout, "", ({ kind, names }) => {
      const path = names.join(".");
      for (const form of layersOf(kind)) {
        if (isVolatile(form)) volatile.add(path);
        if (form.unordered) unordered.add(path);
      }
    });
    marksOfLayouts.set(layout, marks = { volatile, unordered });
  }
  return marks;
}

/** A kind, its forms of single releases, and what it is an option or a part of. */
function layersOf(kind: Kind<unknown>): Kind<unknown>[] {
  const inner = kind.inner === undefined || kind.unordered ? [] : layersOf(kind.inner);
  return [kind, ...(kind.forms ?? []).flatMap(layersOf), ...inner];
}

function isVolatile(kind: Kind<unknown>): boolean {
  return kind.volatile === true || kind.unit === "timestamp_us" ||
    kind.secret === true || kind.seal !== undefined;
}

/** The values of a transaction that are compared: of both PDUs, and what was answered. */
export function leavesOf(transaction: Transaction, compared: Compared): Leaves {
  const leaves = new Map<string, string>();
  const { request, response } = transaction;
  if (request !== null) pduLeaves(request, "request", compared, leaves);
  if (response !== null) {
    const answer = response.evicted ?? transaction.statusName ?? String(response.status);
    if (!isUnder("response.status", compared.ignore)) {
      leaves.set("response.status", answer);
    }
    pduLeaves(response, "response", compared, leaves);
  }
  return leaves;
}

function pduLeaves(
  pdu: Pdu,
  side: string,
  compared: Compared,
  leaves: Map<string, string>,
): void {
  if (pdu.isEmpty || pdu.layout === null || pdu.decoded === null) return;
  const { layout } = pdu;
  const options = { maxBytes: Infinity, showSecrets: false };
  const json = layout.json?.(pdu.decoded.fields, options) ?? pdu.decoded.fields;
  const { volatile, unordered } = marksOf(layout);
  const isLeftOut = (form: string) => {
    const path = `${side}.${form}`;
    if (isUnder(path, compared.ignore)) return true;
    return !isUnder(path, compared.also) && volatile.has(form);
  };
  const rules = { isLeftOut, isUnordered: (form: string) => unordered.has(form) };
  flatten(json as JsonValue, side, "", rules, leaves);
}

/** What is asked of a path while values are laid out flat. */
interface Rules {
  isLeftOut(form: string): boolean;
  isUnordered(form: string): boolean;
}

function flatten(
  value: JsonValue | undefined,
  path: string,
  form: string,
  rules: Rules,
  leaves: Map<string, string>,
): void {
  if (value === undefined || form !== "" && rules.isLeftOut(form)) return;
  if (Array.isArray(value)) {
    leaves.set(`${path}.count`, String(value.length));
    const items = rules.isUnordered(form) ? sorted(value) : value;
    items.forEach((item, i) => flatten(item, `${path}.${i}`, form, rules, leaves));
  } else if (typeof value === "object" && value !== null && !("hex" in value)) {
    for (const [name, part] of Object.entries(value)) {
      const below = form === "" ? name : `${form}.${name}`;
      flatten(part, `${path}.${name}`, below, rules, leaves);
    }
  } else leaves.set(path, JSON.stringify(value));
}

function sorted(items: readonly JsonValue[]): readonly JsonValue[] {
  const texts = new Map(items.map((item) => [item, JSON.stringify(item)]));
  return items.toSorted((a, b) => texts.get(a)! < texts.get(b)! ? -1 : 1);
}

function isUnder(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}.`));
}
