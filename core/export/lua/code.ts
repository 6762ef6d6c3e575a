import { luaLiteral, type LuaReader } from "../../schema/mod.ts";
import { addLeaf, namesLua, numberOf, type Out, textOf } from "./leaf.ts";
import { ListCode } from "./lists.ts";
import { type Collected, inRelease } from "./plan.ts";
import type { LuaWriter } from "./scope.ts";

/** Where a field's value goes. */
export interface Place {
  /** Its path, for names and messages. */
  readonly path: string;
  /** The Lua of its node among the protocol's fields. */
  readonly node: string;
  /** The local with the place where the field, or list item, begins. */
  readonly from: string;
  /** Whether the tree shows it. */
  readonly shown: boolean;
  /** What is kept of a list's items. */
  readonly collected?: Collected;
  /** The local that takes the number of a list's items. */
  readonly count?: string;
  /** Fields of the items of a list that the parts of this one refer to. */
  readonly parts?: readonly string[];
  /** Of texts, those that are wanted of the field's own fields. */
  readonly told?: Told;
}

/** Which texts of a structure are wanted by their paths in its layout. */
export interface Told {
  readonly paths: readonly string[];
  /** What the paths of this structure's fields begin with. */
  readonly within: string;
}

/** Bytes of the numbers. */
export const WIDTHS: Readonly<Record<string, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  u128: 16,
  i8: 1,
  i16: 2,
  i32: 4,
  i64: 8,
  i128: 16,
  f32: 4,
  f64: 8,
};

const NONE: Out = { type: "none", at: "nil", whole: false };

/**
 * Writes the straight Lua of one function: `o` is where the next byte is, the local that `end`
 * names where the part ends, and `t` the tree item that fields go to, nil where none is wanted.
 */
export class Code {
  readonly lines: string[] = [];
  /** The local that holds the end of the part being read. */
  end = "e";
  /** The local that holds the tree item. */
  tree = "t";
  /** The name of the field being read. */
  name = "";
  /** Ends of the parts around those that `end_of_part` closes. */
  readonly #ends: string[] = [];
  #count = 0;
  readonly #lists: ListCode;

  constructor(
    readonly writer: LuaWriter,
    readonly release: number,
    /** Gives texts for the Info column, and fills no tree. */
    readonly isText: boolean,
  ) {
    this.#lists = new ListCode(this);
  }

  /** The last argument of what tells of malformed bytes: the field; texts have no use for it. */
  get ofField(): string {
    return this.isText || this.name === "" ? "" : `, ${luaLiteral(this.name)}`;
  }

  /** Adds lines. */
  add(...lines: string[]): void {
    this.lines.push(...lines);
  }

  /** A name that no other local of the function has. */
  fresh(prefix: string): string {
    return `${prefix}${++this.#count}`;
  }

  /** Takes bytes; gives the local with their place. */
  take(length: string | number): string {
    const at = this.fresh("p");
    this.add(
      `local ${at} = o`,
      `o = o + ${length}`,
      `if o > ${this.end} then short(${at}, ${length}, ${this.end}${this.ofField}) end`,
    );
    return at;
  }

  /** Reports what speaks against the release. */
  problem(condition: string, group: string, at: string, message: string): void {
    const field = group === "malformed" ? this.ofField : "";
    const call = `problem(${this.tree}, ${luaLiteral(group)}, ${at}, ${message}${field})`;
    this.add(`if ${condition} then ${call} end`);
  }

  /** Reads a value and puts it into the tree. */
  field(reader: LuaReader, place: Place): Out {
    const out = this.read(reader, place);
    if (this.isText || !place.shown || out.type === "group" || out.type === "none") {
      return out;
    }
    const target = this.writer.target(place.path, place.node);
    const add = addLeaf(out, target, this.tree, place.from).join(" ");
    const present = out.present === undefined ? "" : ` and ${out.present}`;
    this.add(`if ${this.tree}${present} then ${add} end`);
    return out;
  }

  /** Reads a value by its wire form. */
  read(given: LuaReader, place: Place): Out {
    const reader = inRelease(given, this.release);
    const { maker } = reader;
    const width = WIDTHS[maker];
    if (width !== undefined) return { type: maker, at: this.take(width), whole: true };
    const args = reader.args as [LuaReader, never, never, never];
    switch (maker) {
      case "bool":
        return this.#bool();
      case "enumeration":
        return this.#enumeration(
          reader.args[0] as unknown as Record<string, string>,
          reader.args[1] === 1,
        );
      case "id_from": {
        const at = this.take(4);
        if (this.release < Number(reader.args[0])) {
          const message = luaLiteral("id 0, though ids count from 1");
          this.problem(`u32le(B, ${at}) == 0`, "protocol", at, message);
        }
        return { type: "u32", at, whole: true };
      }
      case "exactly":
        return this.#exactly(args[0], String(args[1]), place);
      case "within":
        return this.#within(args[0], args[1], args[2], place);
      case "nullable": {
        const out = this.read(args[0], place);
        return { ...out, present: `${numberOf(out)} ~= ${args[1]}` };
      }
      case "secret":
        return { ...this.read(args[0], place), secret: args[1] };
      case "listed":
        return this.#listed(reader, place);
      case "secret_if":
        return this.#secretIf(reader, place);
      case "zeros":
        this.add(`zeros(${this.tree}, ${this.take(args[0] as never)}, o)`);
        return NONE;
      case "unless_zeros": {
        const at = this.take(args[0] as never);
        const length = String(args[0]);
        const present = `not is_zero(B, ${at}, ${at} + ${length})`;
        return { type: "bytes", at, length, whole: true, present };
      }
      case "absent":
        return NONE;
      case "sum_of":
        return this.#sum(args[0] as never as string, args[1] as string | undefined);
      case "call":
        return this.#call(reader);
      case "structure":
        return this.#structure(reader, place);
      case "list":
      case "list_of_count":
      case "counted":
      case "single":
      case "chain":
      case "measured_list":
        return this.#lists.read(reader, place);
      case "optional":
        return this.#optional(args[0], Number(args[1]), Number(args[2]), place);
      case "sized": {
        const length = this.read(args[0], place);
        return this.#part(numberOf(length), args[1], place);
      }
      case "sized_or_nil": {
        const length = this.fresh("l");
        this.add(`local ${length} = ${numberOf(this.read(args[0], place))}`);
        this.add(`if ${length} > 0 then`);
        this.#part(length, args[1], place);
        this.add("end");
        return NONE;
      }
      case "or_zeros": {
        const size = Number(args[3]);
        this.add(`if v_${args[0]} == ${luaLiteral(String(args[1]))} then`);
        this.read(args[2], place);
        this.add("else");
        const at = this.take(size);
        this.add(`zeros(${this.tree}, ${at}, o)`, "end");
        return NONE;
      }
      case "whole_items": {
        const size = Number(args[1]);
        const length = `floor((${this.end} - o) / ${size}) * ${size}`;
        return this.#part(length, { maker: "list", args: [args[0]] }, place);
      }
      case "placed": {
        const around = place.path.replace(/\.[^.]*$/, "");
        const path = `${around}.${args[0]}.${args[1]}`;
        const node = `n.${args[0]}.${args[1]}`;
        return this.read(args[2], { ...place, path, node, shown: true });
      }
      case "placed_each":
        return this.#placedEach(reader, place);
      case "rest":
        this.add(`o = ${this.end}`);
        return NONE;
      case "sized_by": {
        const before = Number(args[2]);
        const length = `v_${args[0]}${before === 0 ? "" : ` - ${before}`}`;
        return this.#part(length, args[1], place);
      }
      case "length_of_part":
        return this.#lengthOfPart(args[0], place);
      case "end_of_part":
        return this.#endOfPart();
      case "or_bytes":
        return this.#orBytes(args[0], String(args[1]), place);
      case "by_tag":
        return this.#byTag(String(args[0]), args[1]);
      case "by_tag_structures":
        for (const [tag, each] of Object.entries(args[1] as Record<string, LuaReader>)) {
          this.add(`if v_${args[0]} == ${luaLiteral(tag)} then`);
          this.read(each, place);
          this.add("end");
        }
        // A tag that nobody knows yet: its bytes are passed over.
        this.add(`if o == ${place.from} + 4 then o = ${this.end} end`);
        return NONE;
      case "one_of":
        return this.#oneOf(args[0] as never);
    }
    return this.#text(reader, place);
  }

  /** Reads the parts of a list's items, each into the tree of its item. */
  #placedEach({ args }: LuaReader, place: Place): Out {
    const [list, field, part, head] = args as readonly [
      string,
      string,
      LuaReader,
      Readonly<Record<string, LuaReader>>?,
    ];
    if (this.isText) {
      this.add(`o = ${this.end}`);
      return NONE;
    }
    for (const [name, reader] of Object.entries(head ?? {})) {
      this.add(`v_${name} = ${numberOf(this.read(reader, place))}`);
    }
    const item = this.fresh("i");
    const from = this.fresh("a");
    const tree = this.fresh("t");
    const outer = this.tree;
    this.add(`for _, ${item} in ipairs(i_${list}) do`);
    this.add(`local ${from}, ${tree} = o, ${item}.tree`);
    for (const name of place.parts ?? []) this.add(`v_${name} = ${item}.${name}`);
    const around = place.path.replace(/\.[^.]*$/, "");
    this.tree = tree;
    this.field(part, {
      path: `${around}.${list}.${field}`,
      node: `n.${list}.${field}`,
      from,
      shown: true,
    });
    this.tree = outer;
    this.add("end");
    return NONE;
  }

  /** Hides a value where the field beside it has one of the values that make it a secret. */
  #secretIf({ args: [field, inner, ...values] }: LuaReader, place: Place): Out {
    const from = this.fresh("p");
    this.add(`local ${from} = o`);
    const out = this.read(inner as LuaReader, place);
    if (out.type !== "variant") return this.writer.refuse(`secret_if of ${out.type}`);
    const isSecret = values.map((value) => `v_${field} == ${luaLiteral(value)}`);
    this.add(
      `if ${out.value} and not settings.show_secrets and (${isSecret.join(" or ")}) then`,
      `${out.value} = redacted(o - ${from})`,
      "end",
    );
    return out;
  }

  /** Looks a name up in a list with the first release that has each. */
  #listed({ args: [inner, what, ...begins] }: LuaReader, place: Place): Out {
    const out = this.read(inner as LuaReader, place);
    const names: string[] = [];
    for (let i = 0; i < begins.length; i += 2) {
      names.push(`[${luaLiteral(begins[i])}] = ${begins[i + 1]}`);
    }
    const table = this.writer.constant(`{ ${names.join(", ")} }`, "L");
    const text = `${luaLiteral(what)}, ${table}, ${out.value}`;
    this.add(`check.listed(${this.tree}, ${place.from}, ${text})`);
    return out;
  }

  #bool(): Out {
    const at = this.take(1);
    const byte = `byte(B, ${at} + 1)`;
    const message = `"flag byte " .. ${byte} .. " is neither 0 nor 1"`;
    this.problem(`${byte} > 1`, "protocol", at, message);
    return { type: "bool", at, whole: true };
  }

  #enumeration(names: Record<string, string>, open: boolean): Out {
    const at = this.take(1);
    const value = this.fresh("x");
    const table = this.writer.constant(namesLua(names), "N");
    this.add(`local ${value} = ${table}[byte(B, ${at} + 1)]`);
    const call = open ? "check.new_value" : "check.unknown_value";
    this.add(`if ${value} == nil then ${call}(${this.tree}, ${at}) end`);
    return { type: "enum", at, value, whole: true };
  }

  #exactly(inner: LuaReader, wanted: string, place: Place): Out {
    const out = this.read(inner, place);
    const isText = out.type === "text" || out.type === "enum";
    const wide = out.type === "u64" || out.type === "u128";
    const differs = isText
      ? `${out.value} ~= ${luaLiteral(wanted)}`
      : wide && wanted === "0"
      ? `not is_zero(B, ${out.at}, ${out.at} + ${WIDTHS[out.type]})`
      : wide
      ? `${textOf(out)} ~= ${luaLiteral(wanted)}`
      : `${numberOf(out)} ~= ${wanted}`;
    const message = `${textOf(out)} .. ${luaLiteral(`, where only ${wanted} is legal`)}`;
    this.problem(differs, "protocol", out.at, message);
    return out;
  }

  #within(inner: LuaReader, least: number, most: number, place: Place): Out {
    const out = this.read(inner, place);
    const value = this.fresh("l");
    this.add(`local ${value} = ${numberOf(out)}`);
    const message = `${value} .. " is not in ${least}..${most}"`;
    this.problem(
      `${value} < ${least} or ${value} > ${most}`,
      "protocol",
      out.at,
      message,
    );
    return { ...out, number: value };
  }

  #sum(outer: string, name: string | undefined): Out {
    const value = this.fresh("x");
    const base = `u64le(B, q_${outer})`;
    const sum = name === undefined ? base : `${base} + UInt64(v_${name})`;
    // The tree and the Info column are all that looks at it.
    const needed = this.isText ? sum : `${this.tree} and ${sum}`;
    this.add(`local ${value} = ${needed}`);
    return { type: "sum", at: "o", value, whole: false };
  }

  #call({ args: [name, ...fields] }: LuaReader): Out {
    const at = this.fresh("p");
    const places = fields.map((field) => `, q_${field}`).join("");
    this.add(`local ${at} = o`);
    this.add(`o = R.${name}(o, ${this.end}, ${this.tree}${places})`);
    return { type: "bytes", at, length: `(o - ${at})`, whole: true };
  }

  #structure(reader: LuaReader, place: Place): Out {
    if (this.isText) return this.#structureText(reader, place);
    const { collected } = place;
    const kept = {
      values: [
        ...collected?.sums?.names ?? [],
        ...collected?.each === undefined ? [] : [collected.each],
        ...collected?.parts ?? [],
      ],
      count: collected?.count,
    };
    const { name, outer } = this.writer.structureOf(
      reader,
      place.path,
      this.release,
      kept,
    );
    const places = outer.map((field) => `, q_${field}`).join("");
    const results = kept.values.map((field) => `r_${field}`);
    if (kept.count !== undefined) results.push("r_count");
    const locals = collected?.parts === undefined ? results : [...results, "r_item"];
    if (locals.length > 0) this.add(`local ${locals.join(", ")}`);
    const call = (tree: string, node: string) =>
      `${["o", ...results].join(", ")} = ` +
      `${name}(o, ${this.end}, ${tree}, ${node}${places})`;
    if (!place.shown) {
      this.add(call("nil", "nil"));
      return NONE;
    }
    const group = this.fresh("g");
    const { tree } = this;
    const opened = `open(${tree}, ${place.node}[0], ${place.from}, ${this.end})`;
    this.add(
      `local ${group} = ${tree} and ${opened}`,
      call(group, `${group} and ${place.node}`),
      `if ${group} then close(${group}, ${place.from}, o) end`,
    );
    if (collected?.parts !== undefined) this.add(`r_item = ${group}`);
    return { type: "group", at: "o", whole: false };
  }

  #structureText(reader: LuaReader, place: Place): Out {
    if (place.told !== undefined) {
      const { path, told } = place;
      const { name, outer } = this.writer.textsWithin(reader, path, this.release, told);
      const places = outer.map((field) => `, q_${field}`).join("");
      this.add(`o = ${name}(o, ${this.end}, w${places})`);
      return NONE;
    }
    const { name, outer } = this.writer.textOf(reader, place.path, this.release);
    const places = outer.map((field) => `, q_${field}`).join("");
    const value = this.fresh("x");
    this.add(`local ${value}`, `o, ${value} = ${name}(o, ${this.end}${places})`);
    return { type: "variant", at: "o", value, whole: false, present: value };
  }

  #optional(inner: LuaReader, padding: number, present: number, place: Place): Out {
    const flag = this.take(1);
    const byte = `byte(B, ${flag} + 1)`;
    const message = `"presence byte " .. ${byte} .. " is neither 0 nor 1"`;
    this.problem(`${byte} > 1`, "protocol", flag, message);
    const at = this.fresh("p");
    const value = this.fresh("x");
    const length = this.fresh("l");
    this.add(`local ${at}, ${value}, ${length}`, `if ${byte} == ${present} then`);
    const out = this.read(inner, place);
    this.add(
      `${at} = ${out.present === undefined ? "" : `${out.present} and `}${out.at}`,
    );
    if (out.value !== undefined) this.add(`${value} = ${out.value}`);
    if (out.length !== undefined) this.add(`${length} = ${out.length}`);
    if (padding > 0) {
      this.add("else");
      const zeros = this.take(padding);
      this.add(`padding(${this.tree}, ${zeros}, o)`);
    }
    this.add("end");
    if (out.type === "group" || out.type === "none") return out;
    return { ...out, at, value: out.value && value, length, present: at, whole: false };
  }

  /** Reads what has to fill the next `length` bytes. */
  #part(length: string, inner: LuaReader, place: Place): Out {
    const outer = this.end;
    const end = this.fresh("e");
    const size = this.fresh("l");
    this.add(
      `local ${size} = ${length}`,
      `if ${size} < 0 then malformed("length " .. ${size} .. " of a part", o, o` +
        `${this.ofField}) end`,
      `local ${end} = o + ${size}`,
      `if ${end} > ${outer} then short(o, ${size}, ${outer}${this.ofField}) end`,
    );
    this.end = end;
    const out = this.read(inner, place);
    this.end = outer;
    this.add(
      `if o < ${end} then o = left_over(${this.tree}, o, ${end}${this.ofField}) end`,
    );
    return { ...out, whole: false };
  }

  #lengthOfPart(length: LuaReader, place: Place): Out {
    const out = this.read(length, place);
    const end = this.fresh("e_");
    const size = this.fresh("l");
    this.add(
      `local ${size} = ${numberOf(out)}`,
      `${end} = o + ${size}`,
      `if ${end} > ${this.end} then short(o, ${size}, ${this.end}${this.ofField}) end`,
    );
    this.#ends.push(this.end);
    this.end = end;
    return out;
  }

  #endOfPart(): Out {
    this.add(
      `if o < ${this.end} then ` +
        `o = left_over(${this.tree}, o, ${this.end}${this.ofField}) end`,
    );
    this.end = this.#ends.pop() ?? this.end;
    return NONE;
  }

  #orBytes(inner: LuaReader, what: string, place: Place): Out {
    const { name, values } = this.writer.part(inner, place, this.release);
    const at = this.fresh("p");
    const begin = this.fresh("p");
    const args = [name, "o", this.end, this.tree, this.isText ? "nil" : "n"];
    const extra = values.map((value) => `, v_${value}`).join("");
    this.add(
      `local ${at}, ${begin} = nil, o`,
      `o, ${at} = or_bytes(${args.join(", ")}, ${luaLiteral(what)}${extra})`,
    );
    return {
      type: "bytes",
      at,
      length: `(o - ${begin})`,
      whole: true,
      present: at,
    };
  }

  #byTag(tag: string, cases: Record<string, LuaReader>): Out {
    const value = this.fresh("x");
    const at = this.fresh("p");
    const table = this.writer.cases(cases, this.release);
    this.add(
      `local ${at}, ${value} = o, nil`,
      `o, ${value} = by_tag(${table}, o, ${this.end}, ${this.tree}, ` +
        `${luaLiteral(tag)}, v_${tag}${this.isText ? `, nil, "words"` : this.ofField})`,
    );
    return { type: "variant", at, value, whole: false, present: value };
  }

  #oneOf(forms: Record<string, LuaReader>): Out {
    const value = this.fresh("x");
    const at = this.fresh("p");
    const table = this.writer.cases(forms, this.release);
    this.add(
      `local ${at}, ${value} = o, nil`,
      `o, ${value} = one_of(${table}, o, ${this.end}, ${this.tree}` +
        `${this.isText ? `, nil, "words"` : this.ofField})`,
    );
    return { type: "variant", at, value, whole: false, present: value };
  }

  /** Texts and bytes. */
  #text({ maker, args }: LuaReader, place: Place): Out {
    const length = this.fresh("l");
    const text = (at: string): Out => {
      const value = this.fresh("x");
      const nul = maker === "text_rest" ? "true" : "false";
      this.add(`local ${value} = text(${this.tree}, ${at}, o, ${nul}${this.ofField})`);
      return { type: "text", at, value, whole: false };
    };
    switch (maker) {
      case "text8":
      case "name8": {
        const byte = this.take(1);
        this.add(`local ${length} = byte(B, ${byte} + 1)`);
        if (maker === "name8") {
          this.problem(`${length} == 0`, "protocol", byte, `"empty name"`);
        }
        return text(this.take(length));
      }
      case "text32": {
        this.add(`local ${length} = u32le(B, ${this.take(4)})`);
        return text(this.take(length));
      }
      case "optional_text32": {
        const at = this.fresh("p");
        const value = this.fresh("x");
        this.add(`local ${at}, ${value}`, `if o < ${this.end} then`);
        this.add(`local ${length} = u32le(B, ${this.take(4)})`, `if ${length} > 0 then`);
        const out = text(this.take(length));
        this.add(`${at}, ${value} = ${out.at}, ${out.value}`, "end", "end");
        return { ...out, at, value, present: at };
      }
      case "empty_is_nil": {
        const out = this.read(args[0] as LuaReader, place);
        return { ...out, present: `${out.value} ~= ""` };
      }
      case "text_rest":
      case "name_rest":
        if (maker === "name_rest") {
          this.problem(`o == ${this.end}`, "protocol", "o", `"empty name"`);
        }
        return { ...text(this.take(`(${this.end} - o)`)), whole: true };
      case "fixed_text":
        return text(this.take(Number(args[0])));
      case "magic": {
        const wanted = String(args[0]);
        const at = this.take(wanted.length);
        const value = this.fresh("x");
        this.add(`local ${value} = sub(B, ${at} + 1, o)`);
        const message = luaLiteral(`no ${wanted}`);
        this.problem(`${value} ~= ${luaLiteral(wanted)}`, "malformed", at, message);
        return { type: "text", at, value, whole: false };
      }
      case "bytes_rest":
        this.add(`local ${length} = ${this.end} - o`);
        return { type: "bytes", at: this.take(length), length, whole: true };
      case "bytes_of":
        this.add(`local ${length} = v_${args[0]}`);
        return { type: "bytes", at: this.take(length), length, whole: true };
      case "fixed_bytes":
        this.add(`local ${length} = ${args[0]}`);
        return { type: "bytes", at: this.take(length), length, whole: true };
    }
    return this.writer.refuse(maker);
  }
}
