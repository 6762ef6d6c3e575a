import type { Pdu } from "../framing/pdu.ts";
import type { Transaction } from "../dissect/transaction.ts";
import { type JsonValue, type Kind, walkFields } from "../schema/mod.ts";

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

/** Told of each value that is compared: its path without indices, its path, and the value. */
export type LeafSink = (form: string, path: string, value: string) => void;

/** Tells the values of a transaction that are compared, in the order of its layouts. */
export function eachLeaf(
  transaction: Transaction,
  compared: Compared,
  leaf: LeafSink,
): void {
  const { request, response } = transaction;
  if (request !== null) pduLeaves(request, "request", compared, leaf);
  if (response !== null) {
    const answer = response.evicted ?? transaction.statusName ?? String(response.status);
    if (!isUnder("response.status", compared.ignore)) {
      leaf("response.status", "response.status", answer);
    }
    pduLeaves(response, "response", compared, leaf);
  }
}

function pduLeaves(pdu: Pdu, side: string, compared: Compared, leaf: LeafSink): void {
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
  const rules = { side, isLeftOut, isUnordered: (form: string) => unordered.has(form) };
  flatten(json as JsonValue, side, "", rules, leaf);
}

/** What is asked of a path while values are laid out flat. */
interface Rules {
  readonly side: string;
  isLeftOut(form: string): boolean;
  isUnordered(form: string): boolean;
}

function flatten(
  value: JsonValue | undefined,
  path: string,
  form: string,
  rules: Rules,
  leaf: LeafSink,
): void {
  if (value === undefined || form !== "" && rules.isLeftOut(form)) return;
  if (Array.isArray(value)) {
    leaf(`${rules.side}.${form}.count`, `${path}.count`, String(value.length));
    const items = rules.isUnordered(form) ? sorted(value) : value;
    items.forEach((item, i) => flatten(item, `${path}.${i}`, form, rules, leaf));
  } else if (typeof value === "object" && value !== null && !("hex" in value)) {
    for (const [name, part] of Object.entries(value)) {
      const below = form === "" ? name : `${form}.${name}`;
      flatten(part, `${path}.${name}`, below, rules, leaf);
    }
  } else leaf(`${rules.side}.${form}`, path, JSON.stringify(value));
}

function sorted(items: readonly JsonValue[]): readonly JsonValue[] {
  const texts = new Map(items.map((item) => [item, JSON.stringify(item)]));
  return items.toSorted((a, b) => texts.get(a)! < texts.get(b)! ? -1 : 1);
}

function isUnder(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}.`));
}
