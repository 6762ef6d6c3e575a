import { type FieldType, type Kind, luaLiteral, walkFields } from "../../schema/mod.ts";
import type { Target } from "./leaf.ts";

/** A field of the export, made of all forms that have its path. */
interface LuaField {
  readonly path: string;
  kind: string;
  doc: string;
  names: Map<number, string> | null;
}

/** Types whose values Wireshark cannot hold as numbers are texts, equal to those of JSON. */
const KINDS: Partial<Record<FieldType, string>> = {
  uint128: "text",
  int128: "text",
};

/** The fields of an export: one for each path, as Wireshark wants it. */
export class LuaFields {
  readonly #fields = new Map<string, LuaField>();
  /** Paths that others lie under. */
  readonly #parents = new Set<string>();

  /** Adds a group that has no layout of its own. */
  group(path: string, doc: string): void {
    this.#add({ path, kind: "group", doc, names: null });
  }

  /** Adds a layout's fields, with the group around them. */
  layout(layout: Kind<unknown>, path: string, doc: string): void {
    this.group(path, doc);
    walkFields(layout, path, ({ path, kind }) => {
      for (const form of kind.forms ?? [kind]) this.#kind(path, form, kind.doc);
    });
  }

  #kind(path: string, kind: Kind<unknown>, doc: string): void {
    this.#add({
      path,
      kind: luaKind(kind),
      doc: doc || kind.doc,
      names: kind.names === undefined ? null : new Map(kind.names),
    });
  }

  #add(field: LuaField): void {
    const known = this.#fields.get(field.path);
    if (known === undefined) {
      this.#fields.set(field.path, field);
      this.#parents.add(field.path.replace(/\.[^.]*$/, ""));
      return;
    }
    known.kind = common(known.kind, field.kind);
    known.doc ||= field.doc;
    if (known.names === null || field.names === null) known.names = null;
    else {
      for (const [number, name] of field.names) {
        // One number with two names: the tree tells the name beside the number.
        if ((known.names.get(number) ?? name) !== name) {
          known.names = null;
          return;
        }
        known.names.set(number, name);
      }
    }
  }

  /** How the field of a path is declared; `node` is the Lua of its place among the fields. */
  target(path: string, node: string): Target {
    const { kind, names } = this.#fields.get(path)!;
    const isParent = kind === "group" || this.#parents.has(path);
    return { field: isParent ? `${node}[0]` : node, kind, named: names !== null };
  }

  /** One line of Lua for each field. */
  text(): string {
    return [...this.#fields.values()].map(({ path, kind, doc, names }) => {
      const args = [luaLiteral(path), luaLiteral(kind), luaLiteral(doc)];
      if (names !== null) args.push(luaNames(names));
      return `field(${args.join(", ")})`;
    }).join("\n");
  }
}

/** Names by number as a Lua table. */
export function luaNames(names: Iterable<readonly [number, string]>): string {
  const entries = [...names].map(([number, name]) => `[${number}] = ${luaLiteral(name)}`);
  const short = `{ ${entries.join(", ")} }`;
  return short.length < 80 ? short : `{\n  ${entries.join(",\n  ")},\n}`;
}

function luaKind(kind: Kind<unknown>): string {
  if (kind.secret) return "secret";
  if (kind.tagField !== undefined) return holdsStructures(kind) ? "group" : "variant";
  if (kind.unit === "timestamp_us") return "time";
  if (kind.unit === "duration_us") return "duration";
  return KINDS[kind.type] ?? kind.type;
}

function holdsStructures({ cases }: Kind<unknown>): boolean {
  return Object.values(cases ?? {}).some(({ fields }) => fields !== undefined);
}

/** The kind that can hold values of both; Wireshark has one type for a path. */
function common(a: string, b: string): string {
  if (a === b) return a;
  if (a === "secret" || b === "secret") return "secret";
  const integers = ["uint8", "uint16", "uint32", "uint64"];
  const widest = Math.max(integers.indexOf(a), integers.indexOf(b));
  const both = integers.includes(a) && integers.includes(b);
  return both ? integers[widest]! : "variant";
}
