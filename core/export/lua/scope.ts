import {
  type Kind,
  type LuaArg,
  luaLiteral,
  type LuaReader,
  type LuaScope,
} from "../../schema/mod.ts";
import { checkLua } from "./checks.ts";
import { Code, type Place, type Told, WIDTHS } from "./code.ts";
import type { LuaFields } from "./fields.ts";
import { numberOf, type Target, textOf } from "./leaf.ts";
import {
  type Collected,
  collectedBy,
  inRelease,
  type Plan,
  type PlanField,
  planOf,
} from "./plan.ts";

/** Thrown where a layout cannot be exported: its message names the field and its kind. */
export class LuaExportError extends Error {
  override name = "LuaExportError";
}

type Field = readonly [string, Kind<unknown>];

/** A function of the export, and the fields around its structure that it is given. */
export interface LuaFunction {
  readonly name: string;
  readonly outer: readonly string[];
}

/** What a structure's function gives beside the place where it ends. */
export interface Kept {
  readonly values: readonly string[];
  readonly count: string | undefined;
}

const NO_KEPT: Kept = { values: [], count: undefined };
const KEYWORDS = new Set(
  "and break do else elseif end false for function goto if in local nil not or repeat return then true until while"
    .split(" "),
);

/**
 * Writes the readers of layouts: one plain function a structure and release, and one for those
 * that the Info column shows. Functions with the same text are one.
 */
export class LuaWriter {
  readonly #fields: LuaFields;
  /** Names of functions and constants by their text. */
  readonly #byText = new Map<string, string>();
  readonly #names = new Set<string>();
  readonly #lines: string[] = [];
  /** Where in the layouts the writer is, for messages. */
  #path = "";

  constructor(fields: LuaFields) {
    this.#fields = fields;
  }

  readonly #scope: LuaScope = {
    reader: (kind) => this.#readerOf(kind),
    make: (maker: string, ...args: readonly LuaArg[]) => ({ maker, args }),
    structure: (fields) => ({ maker: "structure", args: [], fields }),
  };

  #readerOf(kind: Kind<unknown>): LuaReader {
    if (kind.lua === undefined) {
      throw new LuaExportError(
        `${this.#path} cannot be exported: its kind (${kind.wire}) has no Lua face`,
      );
    }
    const reader = kind.lua(this.#scope);
    if (!kind.secret) return reader;
    const size = kind.type === "uint128" ? 16 : "any";
    return { maker: "secret", args: [reader, size] };
  }

  /** Ends the export where a reader is of no form that is known. */
  refuse(maker: string): never {
    throw new LuaExportError(`${this.#path} cannot be exported: no reader ${maker}`);
  }

  /** The function of a layout as a whole. Throws {@link LuaExportError}. */
  layout(kind: Kind<unknown>, path: string, release: number, name = path): string {
    this.#path = path;
    const reader = inRelease(this.#readerOf(kind), release);
    return this.structureOf(reader, path, release, NO_KEPT, name).name;
  }

  /** The function that gives texts of a layout's fields, null where it has none of them. */
  texts(
    kind: Kind<unknown>,
    path: string,
    release: number,
    wanted: readonly string[],
  ): string | null {
    this.#path = path;
    const reader = inRelease(this.#readerOf(kind), release);
    const fields = reader.fields ?? [];
    const paths = wanted.filter((name) =>
      fields.some(([field]) => field === name.split(".")[0])
    );
    if (paths.length === 0) return null;
    const code = new Code(this, release, true);
    const plan = this.#plan(fields, path, release);
    const left = new Set(paths);
    const body = this.#body(plan, path, code, (field, text) => {
      if (left.delete(field.name)) code.add(`w.${field.name} = ${text}`);
      return left.size === 0;
    }, { told: { paths, within: "" } });
    return this.constant(`function(o, e, w)\n${body}\nend`, `I_${this.#freeName(path)}`);
  }

  /** The function that gives texts of fields of a part of a layout, by their paths. */
  textsWithin(reader: LuaReader, path: string, release: number, told: Told): LuaFunction {
    const plan = this.#plan(reader.fields ?? [], path, release);
    const code = new Code(this, release, true);
    const body = this.#body(plan, path, code, (field, text) => {
      const own = `${told.within}${field.name}`;
      if (told.paths.includes(own)) code.add(`w[${luaLiteral(own)}] = ${text}`);
      return false;
    }, { told });
    const params = ["o", "e", "w", ...plan.outer.map((field) => `q_${field}`)];
    const text = `function(${params.join(", ")})\n${body}\nreturn o\nend`;
    return {
      name: this.constant(text, `I_${this.#freeName(path)}`),
      outer: plan.outer,
    };
  }

  /** The function that reads a structure into the tree. */
  structureOf(
    reader: LuaReader,
    path: string,
    release: number,
    kept: Kept,
    name = path,
  ): LuaFunction {
    const plan = this.#plan(reader.fields ?? [], path, release, kept.values);
    const code = new Code(this, release, false);
    const body = this.#body(plan, path, code, () => false, { counted: kept.count });
    const results = ["o", ...kept.values.map((value) => `v_${value}`)];
    if (kept.count !== undefined) results.push(`k_${kept.count}`);
    const params = ["o", "e", "t", "n", ...plan.outer.map((field) => `q_${field}`)];
    const text = `function(${params.join(", ")})\n${body}\nreturn ${
      results.join(", ")
    }\nend`;
    return { name: this.constant(text, this.#freeName(name)), outer: plan.outer };
  }

  /** The function that tells a structure in few words. */
  textOf(reader: LuaReader, path: string, release: number): LuaFunction {
    const plan = this.#plan(reader.fields ?? [], path, release);
    const code = new Code(this, release, true);
    const body = this.#body(plan, path, code, (field, text) => {
      if (field.shown) code.add(`w = together(w, ${text})`);
      return false;
    });
    const params = ["o", "e", ...plan.outer.map((field) => `q_${field}`)];
    const text = `function(${params.join(", ")})\nlocal w\n${body}\nreturn o, w\nend`;
    return {
      name: this.constant(text, `T_${this.#freeName(path)}`),
      outer: plan.outer,
    };
  }

  /** The function of what may be kept as bytes. */
  part(
    reader: LuaReader,
    place: Place,
    release: number,
  ): { name: string; values: readonly string[] } {
    const kind = { lua: () => reader, minSize: 0, wire: "", doc: "" };
    const fields = [["part", kind as unknown as Kind<unknown>]] as const;
    const values = [...this.#plan(fields, place.path, release).values];
    const code = new Code(this, release, false);
    code.add("local b = o");
    code.field(reader, { ...place, from: "b" });
    const params = ["o", "e", "t", "n", ...values.map((value) => `v_${value}`)];
    const text = `function(${params.join(", ")})\n${
      code.lines.join("\n")
    }\nreturn o\nend`;
    return { name: this.constant(text, `${this.#freeName(place.path)}_part`), values };
  }

  /**
   * A table of functions by tag, each of which gives the text of one value, and one of their
   * sizes: of bytes, or 0 where a value takes all that there are. Others may fault.
   */
  cases(cases: Readonly<Record<string, LuaReader>>, release: number): string {
    const sizes: string[] = [];
    const entries = Object.entries(cases).map(([tag, reader]) => {
      const code = new Code(this, release, true);
      const place = { path: this.#path, node: "nil", from: "o", shown: false };
      code.tree = "HERE";
      const out = code.read(reader, place);
      if (out.type === "group") this.refuse("by_tag of structures");
      // A summary has no words for bytes: it asks with another value than true.
      const asks = out.type === "bytes" ? "t == true" : "t";
      const text = out.type === "none" ? "nil" : `${asks} and ${textOf(out)} or nil`;
      const body = [...code.lines, `return o, ${text}`].join("\n");
      const name = this.constant(`function(o, e, t)\n${body}\nend`, `V_${tag}`);
      const key = `[${/^\d+$/.test(tag) ? tag : luaLiteral(tag)}]`;
      const { maker } = inRelease(reader, release);
      const size = /_rest$/.test(maker) ? 0 : maker === "bool" ? 1 : WIDTHS[maker];
      if (size !== undefined) sizes.push(`${key} = ${size}`);
      return `${key} = ${name}`;
    });
    const table = this.constant(`{ ${entries.join(", ")} }`, "C");
    return `${table}, ${this.constant(`{ ${sizes.join(", ")} }`, "W")}`;
  }

  /** A value that is made once, when the file is loaded. */
  constant(text: string, wanted: string): string {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    let name = wanted;
    for (let i = 2; this.#names.has(name); i++) name = `${wanted}_${i}`;
    this.#names.add(name);
    const made = `S.${name}`;
    this.#byText.set(text, made);
    this.#lines.push(`${made} = ${text}`);
    return made;
  }

  /** How a field is declared. */
  target(path: string, node: string): Target {
    return this.#fields.target(path, node);
  }

  #freeName(path: string): string {
    return path.replaceAll(/\W+/g, "_").replace(/^[a-z]+_/, "");
  }

  #plan(
    fields: readonly Field[],
    path: string,
    release: number,
    kept: readonly string[] = [],
  ): Plan {
    const plan = planOf(fields, release, (name, kind) => {
      this.#path = `${path}.${name}`;
      return this.#readerOf(kind);
    });
    return { ...plan, values: new Set([...plan.values, ...kept]) };
  }

  /** The lines that read a structure's fields; `text` takes one, and says whether to stop. */
  #body(
    plan: Plan,
    path: string,
    code: Code,
    text: (field: PlanField, text: string) => boolean,
    { counted, told }: { readonly counted?: string; readonly told?: Told } = {},
  ): string {
    if (code.isText) code.tree = "nil";
    const collected = collectedBy(plan);
    const declared: string[] = [];
    for (const field of plan.fields) {
      const { name, kind, shown } = field;
      const base = kind.hoisted ? "n[-1]" : "n";
      const own = (kind.hoisted ? path.replace(/\.[^.]*$/, "") : path) + `.${name}`;
      const key = KEYWORDS.has(name) ? `["${name}"]` : `.${name}`;
      this.#path = own;
      const from = code.fresh("a");
      const place: Place = {
        path: own,
        node: base + key,
        from,
        shown,
        collected: collected.get(name),
        parts: partsOf(field.reader, collected),
        count: name === counted ? `k_${name}` : undefined,
        told: toldWithin(name, told),
      };
      code.name = name.replace(/^_/, "");
      code.add(conditionOf(kind, code.end), `local ${from} = o`);
      const out = code.field(field.reader, place);
      if (plan.values.has(name)) code.add(`v_${name} = ${named(out)}`);
      if (plan.places.has(name)) code.add(`q_${name} = ${from}`);
      let stops = false;
      if (code.isText && out.type !== "group" && out.type !== "none") {
        stops = text(field, shortText(out, kind));
      }
      code.add("end");
      if (stops) break;
    }
    for (const name of plan.values) declared.push(`v_${name}`);
    for (const name of plan.places) declared.push(`q_${name}`);
    for (const { list, sums, parts } of collected.values()) {
      declared.push(`c_${list}`, ...sums === undefined ? [] : [`s_${list}`]);
      if (parts !== undefined) declared.push(`i_${list}`);
    }
    if (counted !== undefined) declared.push(`k_${counted}`);
    for (const line of code.lines) {
      const limit = /^(e_\d+) = /.exec(line)?.[1];
      if (limit !== undefined) declared.push(limit);
    }
    const checks = code.isText
      ? []
      : plan.fields.flatMap((field) => checkLua(field, plan, code));
    const head = declared.length === 0
      ? []
      : [`local ${[...new Set(declared)].join(", ")}`];
    return [...head, ...code.lines, ...checks].join("\n");
  }

  /** The Lua of all functions that were asked for, each before those that use it. */
  text(): string {
    return this.#lines.join("\n");
  }
}

/** What the parts that a field reads refer to of the items that they belong to. */
function partsOf(
  { maker, args }: LuaReader,
  collected: ReadonlyMap<string, Collected>,
): readonly string[] | undefined {
  return maker === "placed_each" ? collected.get(args[0] as string)?.parts : undefined;
}

/** The texts that are wanted of a field's own fields; undefined where none are. */
function toldWithin(name: string, told: Told | undefined): Told | undefined {
  if (told === undefined) return undefined;
  const within = `${told.within}${name}.`;
  return told.paths.some((path) => path.startsWith(within))
    ? { ...told, within }
    : undefined;
}

/** What opens the block of a field: one that may be missing says when it is there. */
function conditionOf({ onlyIf, ifLeft }: Kind<unknown>, end: string): string {
  const conditions = ifLeft ? [`o < ${end}`] : [];
  if (onlyIf !== undefined) {
    const { field, values } = onlyIf;
    const each = values?.map((value) => `v_${field} == ${luaLiteral(value)}`);
    conditions.push(each === undefined ? `v_${field} ~= nil` : `(${each.join(" or ")})`);
  }
  return conditions.length === 0 ? "do" : `if ${conditions.join(" and ")} then`;
}

/** What sums, counts and tags are made of: a number, a text, or the name of an enumeration's. */
function named(out: Parameters<typeof numberOf>[0]): string {
  if (out.type === "text") return out.value!;
  if (out.type === "enum") return `${out.value} or ${numberOf(out)}`;
  const number = numberOf(out);
  return out.present === undefined ? number : `${out.present} and ${number}`;
}

/** A value in few words; nil where it says nothing. */
function shortText(out: Parameters<typeof textOf>[0], kind: Kind<unknown>): string {
  if (out.secret !== undefined || out.type === "bytes") return "nil";
  const text = kind.unit === "duration_us" && out.type === "u64"
    ? `span_text(u64le(B, ${out.at}))`
    : textOf(out);
  return out.present === undefined ? text : `${out.present} and ${text}`;
}
