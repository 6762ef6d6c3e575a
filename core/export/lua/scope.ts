import {
  EARLIEST,
  type Kind,
  LATEST,
  luaLiteral,
  type LuaReader,
  luaRelease,
  type LuaScope,
} from "../../schema/mod.ts";

/** Thrown where a layout cannot be exported: its message names the field and its kind. */
export class LuaExportError extends Error {
  override name = "LuaExportError";
}

type Field = readonly [string, Kind<unknown>];

/**
 * Writes the readers of layouts. Readers made of others are made once, when the script is
 * loaded, and structures that are alike share one function.
 */
export class LuaWriter implements LuaScope {
  /** Names of constants and structures by their text. */
  readonly #byText = new Map<string, string>();
  readonly #names = new Set<string>();
  readonly #lines: string[] = [];
  /** Where in the layouts the writer is, for names and messages. */
  #path: string[] = [];
  #makers = new Map<string, number>();

  /** The reader of a layout as a whole. Throws {@link LuaExportError}. */
  layout(kind: Kind<unknown>, path: string): LuaReader {
    this.#path = [path];
    return this.reader(kind);
  }

  /** The reader of a structure made of these fields. */
  fields(fields: readonly Field[], path: string): LuaReader {
    this.#path = [path];
    return this.structure(fields, "");
  }

  readonly reader = (kind: Kind<unknown>): LuaReader => {
    if (kind.lua === undefined) {
      throw new LuaExportError(
        `${
          this.#path.join(".")
        } cannot be exported: its kind (${kind.wire}) has no Lua face`,
      );
    }
    const reader = kind.lua(this);
    if (!kind.secret) return reader;
    return this.make("secret", reader, kind.type === "uint128" ? "16" : "nil");
  };

  readonly make = (maker: string, ...args: readonly string[]): LuaReader =>
    this.#constant(`R.${maker}(${args.join(", ")})`, () => {
      const count = (this.#makers.get(maker) ?? 0) + 1;
      this.#makers.set(maker, count);
      return `K.${maker}_${count}`;
    });

  readonly structure = (fields: readonly Field[], doc: string): LuaReader => {
    const body = fields.map((field) => this.#field(field));
    const checks = fields.flatMap((field) => this.#check(field));
    const places = checks.length === 0 ? [] : [
      `  local ${fields.filter(isChecked).map(([name]) => `at_${name}`).join(", ")}`,
    ];
    const lines = [...places, ...body, ...checks].join("\n");
    const text = lines === ""
      ? "structure(function() end)"
      : `structure(function(c, v, outer)\n${lines}\nend)`;
    return this.#constant(text, () => `S.${this.#freeName()}`, doc);
  };

  #constant(text: string, name: () => string, doc = ""): string {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const made = name();
    this.#byText.set(text, made);
    if (doc !== "") this.#lines.push(`-- ${doc.replaceAll("\n", " ")}`);
    this.#lines.push(`${made} = ${text}`);
    return made;
  }

  #freeName(): string {
    const base = this.#path.join("_").replaceAll(/\W+/g, "_").replace(/^iggy_/, "");
    let name = base;
    for (let i = 2; this.#names.has(name); i++) name = `${base}_${i}`;
    this.#names.add(name);
    return name;
  }

  #field([name, kind]: Field): string {
    this.#path.push(name);
    const reader = this.reader(kind);
    this.#path.pop();
    const hoisted = kind.hoisted ? ", true" : "";
    const call = name.startsWith("_")
      ? `${reader}(c, v, outer)`
      : `read(c, v, outer, ${luaLiteral(name)}, ${reader}${hoisted})`;
    const kept = isChecked([name, kind]) ? `at_${name} = ${call}` : call;
    const condition = releaseCondition(kind);
    return condition === null ? `  ${kept}` : `  if ${condition} then ${kept} end`;
  }

  #check([name, kind]: Field): string[] {
    if (kind.luaVerify === undefined || name.startsWith("_")) return [];
    const [check, ...args] = kind.luaVerify;
    const all = [`c, v, v.${name}, at_${name}`, ...args].join(", ");
    return [`  if v.${name} ~= nil then check.${check}(${all}) end`];
  }

  /** The Lua of all readers that were asked for, each before those that use it. */
  text(): string {
    return this.#lines.join("\n");
  }
}

function isChecked([name, kind]: Field): boolean {
  return kind.luaVerify !== undefined && !name.startsWith("_");
}

function releaseCondition({ from, to }: Kind<unknown>): string | null {
  const parts = [];
  if (from !== undefined && from !== EARLIEST) parts.push(`c.release >= ${from}`);
  if (to !== undefined && to !== LATEST) parts.push(`c.release <= ${luaRelease(to)}`);
  return parts.length === 0 ? null : parts.join(" and ");
}
