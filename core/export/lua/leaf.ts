import { luaLiteral } from "../../schema/mod.ts";

/** What reading a value left behind: its type, and the Lua names that tell of it. */
export interface Out {
  /**
   * `u8` to `i128`, `f32`, `f64`, `bool`, `enum`, `text`, `bytes`, `sum`; `variant` for a text of
   * any value; `group` where the fields are in the tree already; `none` where there is nothing.
   */
  readonly type: string;
  /** The local with the place of the value's bytes; nil at run time where there is no value. */
  readonly at: string;
  /** The local with the value, of a text, an enumeration's name or a variant. */
  readonly value?: string;
  /** The local with the length of bytes. */
  readonly length?: string;
  /** The value's bytes are all that the field takes. */
  readonly whole: boolean;
  /** The value may be missing: what tells that it is there. */
  readonly present?: string;
  /** The local with the value as a number, where there is one already. */
  readonly number?: string;
  /** A secret's size, where all values have the same. */
  readonly secret?: number | "any";
}

/** How the export declares the field that a value goes to. */
export interface Target {
  /** The Lua of its ProtoField. */
  readonly field: string;
  /** Its type, as of `fields.ts`. */
  readonly kind: string;
  /** Its numbers have names in Wireshark. */
  readonly named: boolean;
}

const NUMBERS: Record<string, string> = {
  u8: "byte(B, AT + 1)",
  enum: "byte(B, AT + 1)",
  bool: "byte(B, AT + 1)",
  u16: "u16le(B, AT)",
  u32: "u32le(B, AT)",
  u64: "u64_number(B, AT)",
  i8: "i8(B, AT)",
  i16: "i16le(B, AT)",
  i32: "i32le(B, AT)",
};

/** The value as a Lua number. */
export function numberOf({ type, at, value, number }: Out): string {
  return number ?? NUMBERS[type]?.replace("AT", at) ?? `tonumber(${value ?? at})`;
}

/** The value as what Wireshark's `add` takes for a number's field. */
function wireshark(out: Out): string {
  if (out.type === "u64") return `u64le(B, ${out.at})`;
  if (out.type === "i64") return `i64le(B, ${out.at})`;
  return out.type === "sum" ? out.value! : numberOf(out);
}

/** The value as text, equal to that of JSON. */
export function textOf({ type, at, value, length }: Out): string {
  switch (type) {
    case "text":
      return `visible(${value})`;
    case "variant":
      return value!;
    case "enum":
      return `(${value} or tostring(byte(B, ${at} + 1)))`;
    case "bytes":
      return `hex(B, ${at}, ${length})`;
    case "bool":
      return `tostring(byte(B, ${at} + 1) ~= 0)`;
    case "u128":
      return `decimal_of_16(B, ${at}, false)`;
    case "i128":
      return `decimal_of_16(B, ${at}, true)`;
    case "f32":
    case "f64":
      return `float_text(B, ${at}, ${type === "f32" ? 4 : 8})`;
    case "u64":
    case "i64":
      return `tostring(${type}le(B, ${at}))`;
    default:
      return `tostring(${type === "sum" ? value : NUMBERS[type]!.replace("AT", at)})`;
  }
}

/** Lua that adds a value to the tree item `t`; `from` is where its field begins. */
export function addLeaf(out: Out, target: Target, t: string, from: string): string[] {
  const { field, kind } = target;
  const range = `range(TVB, BASE + ${from}, o - ${from})`;
  const add = (value: string) => `add(${t}, ${field}, ${range}, ${value})`;
  if (out.type === "sum") {
    const value = kind === "time" ? `nstime(${out.value})` : out.value!;
    return [`set_generated(add(${t}, ${field}, range(TVB, BASE, 0), ${value}))`];
  }
  if (out.secret !== undefined) {
    const size = out.secret === "any"
      ? out.length ?? `#${out.value ?? `(${textOf(out)})`}`
      : `${out.secret}`;
    return [add(`settings.show_secrets and ${textOf(out)} or redacted(${size})`)];
  }
  if (kind === "string" || kind === "text" || kind === "variant" || kind === "secret") {
    return [add(textOf(out))];
  }
  if (kind === "group") return [`add(${t}, ${field}, ${range})`];
  if (kind === "bytes") {
    const item = `add(${t}, ${field}, range(TVB, BASE + ${out.at}, ${out.length}))`;
    return [out.whole ? item : `set_len(${item}, o - ${from})`];
  }
  if (kind === "time") return [add(`time_at(B, ${out.at})`)];
  if (kind === "duration") {
    const text = `" (" .. span_text(u64le(B, ${out.at})) .. ")"`;
    return [`append_text(add_le(${t}, ${field}, ${range}), ${text})`];
  }
  if (/^(bool|f)/.test(out.type)) return [`add_le(${t}, ${field}, ${range})`];
  const item = out.whole ? `add_le(${t}, ${field}, ${range})` : add(wireshark(out));
  if (out.type !== "enum" || target.named) return [item];
  return [
    `local i = ${item}`,
    `if ${out.value} then append_text(i, " (" .. ${out.value} .. ")") end`,
  ];
}

/** A Lua table of names by number. */
export function namesLua(names: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(names).map(([number, name]) =>
    `[${number}] = ${luaLiteral(name)}`
  );
  return `{ ${entries.join(", ")} }`;
}
