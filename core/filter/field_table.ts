import type { Registry } from "../dissect/registry.ts";
import type { Transaction } from "../dissect/transaction.ts";
import type { Framing } from "../framing/framing.ts";
import type { Pdu } from "../framing/pdu.ts";
import {
  type Command,
  type FieldPath,
  type Kind,
  SecretBytes,
  type ValueReader,
  valueReader,
  walkFields,
} from "../schema/mod.ts";
import { type FieldTable, type FilterField, NONE, type ValueType } from "./field.ts";
import { frameFields, transactionFields } from "./frame_fields.ts";

const tables = new WeakMap<Registry, FieldTable>();

/**
 * Every field that filters, completion and listings know: those of frames and transactions,
 * and all fields of the registry's commands. A command's own path, and its request and
 * response, are groups that are there where the transaction has them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createRegistry } from "../dissect/registry.ts";
 * import { command, name8 } from "../schema/mod.ts";
 * const hello = command({
 *   name: "hello", doc: "Greets.", code: 9, request: { name: name8("Who.") }, response: {},
 * });
 * const table = fieldTable(createRegistry({ commands: [hello], framings: [] }));
 * assertEquals(table.get("app.hello.request.name")?.type, "string");
 * ```
 */
export function fieldTable(registry: Registry): FieldTable {
  let table = tables.get(registry);
  if (table === undefined) {
    table = build(registry);
    tables.set(registry, table);
  }
  return table;
}

function build(registry: Registry): FieldTable {
  const byPath = new Map<string, FilterField>();
  const byAlias = new Map<string, FilterField>();
  const add = (field: FilterField) => {
    if (!byPath.has(field.path)) byPath.set(field.path, field);
    for (const alias of field.aliases ?? []) byAlias.set(alias, field);
  };
  const { commands, root } = registry;
  const likely: Readonly<Record<string, readonly string[]>> = {
    [`${root}.command`]: commands.all.map(({ name }) => name),
    [`${root}.framing`]: registry.framings.map(({ name }) => name),
  };
  for (const field of [...frameFields, ...transactionFields(root)]) {
    add({ ...field, likely: likely[field.path] ?? field.likely });
  }
  // Most filters name few fields: those of a command are made when one of them is asked for.
  const waiting = new Map<string, (() => void)[]>();
  /** Names in the longest path that waits: a longer one that is asked for is cut. */
  let depth = 0;
  const later = (name: string, make: () => void) => {
    const path = `${root}.${name}`;
    depth = Math.max(depth, path.split(".").length);
    waiting.set(path, [...waiting.get(path) ?? [], make]);
  };
  const makeUnder = (path: string) => {
    for (const make of waiting.get(path) ?? []) make();
    waiting.delete(path);
  };
  for (const command of commands.all) {
    later(command.name, () => commandFields(command, root, add));
  }
  for (const framing of registry.framings) {
    const make = once(() => framingFields(framing, root, add));
    for (const name of [framing.name, ...Object.keys(framing.bodies ?? {})]) {
      // A command of that name goes before.
      makeUnder(`${root}.${name}`);
      later(name, make);
    }
  }
  const listed = once(() => {
    for (const path of [...waiting.keys()]) makeUnder(path);
    const all = [...byPath.values()].sort((a, b) => a.path < b.path ? -1 : 1);
    return Object.freeze(all);
  });
  return Object.freeze({
    get all() {
      return listed();
    },
    get(path: string) {
      let end = 0;
      for (let i = 0; i < depth && end < path.length; i++) {
        const dot = path.indexOf(".", end + 1);
        end = dot < 0 ? path.length : dot;
        makeUnder(path.slice(0, end));
      }
      return byPath.get(path) ?? byAlias.get(path);
    },
  });
}

/** A function that does its work at the first call, and gives the same again at later ones. */
function once<T>(work: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: work() }).value;
}

type Part = "request" | "response" | "prepare";

function commandFields(
  command: Command,
  root: string,
  add: (field: FilterField) => void,
): void {
  const path = `${root}.${command.name}`;
  const parts = (["request", "response", "prepare"] as const).flatMap((part) => {
    const layout = command[part];
    return layout === null ? [] : [{ part, layout, pdu: pduOf(command, part, layout) }];
  });
  add({
    path,
    type: "group",
    doc: command.doc,
    read: (transaction) =>
      transaction.command === command ||
        parts.some(({ pdu }) => pdu(transaction) !== null)
        ? [true]
        : NONE,
  });
  for (const { part, layout, pdu } of parts) {
    add({
      path: `${path}.${part}`,
      type: "group",
      doc: `The ${part} of ${command.name}.`,
      read: (transaction) => pdu(transaction) === null ? NONE : [true],
    });
    layoutFields(
      [layout],
      `${path}.${part}`,
      (transaction) => {
        const found = pdu(transaction);
        return found === null ? null : fieldsOf(found, layout);
      },
      (transaction) => {
        const found = pdu(transaction);
        return found?.layout === layout && !found.isEmpty ? found : null;
      },
    ).forEach(add);
  }
}

function fieldsOf(pdu: Pdu, layout: Kind<unknown>): unknown {
  return pdu.layout !== layout || pdu.isEmpty ? null : pdu.decoded!.fields;
}

/**
 * Finds the PDU of one part of a command. What a primary replicates is laid out as a request,
 * or as the command's prepare, and has its fields under that path.
 */
function pduOf(
  command: Command,
  part: "request" | "response" | "prepare",
  layout: Kind<unknown>,
) {
  return (transaction: Transaction): Pdu | null => {
    const { request, response } = transaction;
    const isOurs = transaction.command === command;
    if (part === "response") return isOurs ? response : null;
    return isOurs && part === "request" || request?.layout === layout ? request : null;
  };
}

/** The fields of a framing's own: its headers and the bodies that are no command's. */
function framingFields(
  framing: Framing,
  root: string,
  add: (field: FilterField) => void,
): void {
  const { name, headers = [], bodies = {} } = framing;
  const isThere = ({ request, response }: Transaction) =>
    [request, response].filter((pdu) => pdu !== null && pdu.headerKind !== null);
  if (headers.length > 0) {
    const doc = `The header of a PDU in ${name} framing.`;
    add({ path: `${root}.${name}`, type: "group", doc, read: isThere });
  }
  layoutFields(
    headers,
    `${root}.${name}`,
    (transaction) => isThere(transaction).map((pdu) => pdu!.header),
  ).forEach(add);
  for (const [own, layout] of Object.entries(bodies)) {
    const doc = `The ${own} PDU.`;
    const path = `${root}.${own}`;
    const read: FilterField["read"] = (transaction) =>
      transaction.name === own ? [true] : NONE;
    add({ path, type: "group", doc, read });
    add({ path: `${path}.request`, type: "group", doc, read });
    layoutFields(
      [layout],
      `${path}.request`,
      ({ request }) => request === null ? null : fieldsOf(request, layout),
    ).forEach(add);
  }
}

/**
 * The fields under layouts; `root` gives the values they were read to, or null. Where `pdu`
 * gives one PDU of a single layout, single values are taken out of it by compiled readers.
 */
export function layoutFields(
  layouts: readonly Kind<unknown>[],
  path: string,
  root: (transaction: Transaction) => unknown,
  pdu?: (transaction: Transaction) => Pdu | null,
): FilterField[] {
  const paths = new Map<string, FieldPath[]>();
  for (const layout of layouts) {
    walkFields(layout, path, (found) => {
      const forms = paths.get(found.path);
      if (forms === undefined) paths.set(found.path, [found]);
      else forms.push(found);
    });
  }
  return [...paths.values()].map((forms) => ({
    ...schemaField(forms, root, pdu),
    aliases: aliasesOf(forms, path),
  }));
}

/** Where JSON has a field that stands nearer to its root in filters. */
function aliasesOf(forms: readonly FieldPath[], root: string): string[] | undefined {
  const paths = forms.map(({ names }) => `${root}.${names.join(".")}`)
    .filter((path) => path !== forms[0]!.path);
  return paths.length === 0 ? undefined : [...new Set(paths)];
}

/** One field of its forms: those of several releases, or of several structures around it. */
function schemaField(
  forms: readonly FieldPath[],
  root: (transaction: Transaction) => unknown,
  pdu?: (transaction: Transaction) => Pdu | null,
): FilterField {
  const [{ path, kind }] = forms as [FieldPath];
  const kinds = forms.flatMap((form) => form.kind.forms ?? [form.kind]);
  const type = commonType([...new Set(kinds.map(typeOf))]);
  const names = new Map(kinds.flatMap((form) => [...namesOf(form)]));
  const numbers = new Map([...names].map(([number, name]) => [name, number]));
  const routes = [
    ...new Map(forms.map((form) => [form.names.join("."), form.names])).values(),
  ];
  const convert = names.size > 0
    ? (value: unknown) => numbers.get(String(value)) ?? value
    : type === "string"
    ? text
    : null;
  const isSingle = pdu !== undefined && kinds.every((form) => form.type !== "group");
  const takeAll = isSingle ? quickValues(pdu, routes) : null;
  return {
    path,
    type,
    doc: kinds.find(({ doc }) => doc !== "")?.doc ?? kind.doc,
    wire: kind.wire,
    unit: kind.unit,
    names: names.size > 0 ? names : undefined,
    likely: names.size > 0 ? [...names.values()] : undefined,
    secret: kinds.some(({ secret }) => secret) || undefined,
    read(transaction) {
      const quick = takeAll?.(transaction) ?? null;
      if (quick !== null) return convert === null ? quick : quick.map(convert);
      const fields = root(transaction);
      if (fields === null || fields === undefined) return NONE;
      const found: unknown[] = [];
      for (const route of routes) collect(fields, route, 0, found);
      return convert === null ? found : found.map(convert);
    },
  };
}

/**
 * Takes the values at the end of routes out of a PDU without reading what stands behind them;
 * null where the PDU has to be read carefully.
 */
function quickValues(
  pdu: (transaction: Transaction) => Pdu | null,
  routes: readonly (readonly string[])[],
): (transaction: Transaction) => readonly unknown[] | null {
  const wanted = routes.map((names) => ({ path: names.join("."), take: "all" as const }));
  const readers = new Map<number, ValueReader | null>();
  return (transaction) => {
    const found = pdu(transaction);
    if (found === null) return NONE;
    const { layout, release, bytes, start, end } = found;
    let reader = readers.get(release);
    if (reader === undefined) {
      readers.set(release, reader = valueReader(layout!, release, wanted));
    }
    const values = reader?.(bytes, start, end) ?? null;
    if (values === null) return null;
    return values.length === 1
      ? (values[0] as unknown[] | undefined) ?? NONE
      : values.flatMap((one) => (one as unknown[] | undefined) ?? []);
  };
}

/** Types whose values are plain numbers: one field may have several, and be compared as any. */
const NUMBERS: ReadonlySet<ValueType> = new Set(["uint8", "uint16", "uint32"]);

function commonType(types: readonly ValueType[]): ValueType {
  if (types.length === 1) return types[0]!;
  return types.every((type) => NUMBERS.has(type)) ? "uint32" : "variant";
}

/** Names of an enum's numbers, also of one that a list repeats. */
function namesOf({ names, inner }: Kind<unknown>): Iterable<readonly [number, string]> {
  if (names !== undefined) return names;
  return inner === undefined ? [] : namesOf(inner);
}

function typeOf(kind: Kind<unknown>): ValueType {
  return kind.tagField === undefined ? kind.type : "variant";
}

/** An identifier's number as text: such fields hold names and numbers alike. */
function text(value: unknown): string {
  if (value instanceof SecretBytes) return `[redacted ${value.length} bytes]`;
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
}

/** Gathers what stands at the end of a route; lists on the way fan out. */
function collect(
  value: unknown,
  route: readonly string[],
  at: number,
  found: unknown[],
): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, route, at, found);
  } else if (at === route.length) found.push(value);
  else if (typeof value === "object" && !(value instanceof Uint8Array)) {
    collect((value as Record<string, unknown>)[route[at]!], route, at + 1, found);
  }
}
