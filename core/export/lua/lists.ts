import type { LuaReader } from "../../schema/mod.ts";
import type { Code, Place } from "./code.ts";
import { numberOf, type Out, textOf } from "./leaf.ts";
import { inRelease } from "./plan.ts";

const LIST: Out = { type: "group", at: "o", whole: false };

/** Writes the Lua of lists: a plain loop for each. */
export class ListCode {
  readonly #code: Code;

  constructor(code: Code) {
    this.#code = code;
  }

  /** Reads a list; its items are in the tree then. */
  read({ maker, args }: LuaReader, place: Place): Out {
    const code = this.#code;
    const count = code.fresh("k");
    const begin = code.fresh("p");
    code.add(`local ${count}, ${begin} = 0, o`);
    const words = code.isText ? code.fresh("w") : null;
    if (words !== null) code.add(`local ${words} = nil`);
    this.#declare(place);
    const first = args[0] as LuaReader;
    let inner = first;
    switch (maker) {
      case "list": {
        code.add(`while o < ${code.end} do`, "local b = o");
        this.#item(first, count, place, words);
        code.add(
          `if o == b then malformed("empty list entry", b, o${code.ofField}) end`,
          "end",
        );
        this.#end(count);
        if (typeof args[1] === "string") {
          const said = `"${args[1]} is " .. v_${args[1]} .. ", but " .. ${count}`;
          const wrong = `v_${args[1]} ~= ${count}`;
          code.problem(wrong, "malformed", begin, `${said} .. " follow"`);
        }
        break;
      }
      case "list_of_count":
        this.#counted(`v_${args[1]}`, first, Number(args[2]), count, begin, place, words);
        break;
      case "counted": {
        const number = numberOf(code.read(first, place));
        inner = args[1] as LuaReader;
        this.#counted(number, inner, Number(args[2]), count, begin, place, words);
        break;
      }
      case "single":
        code.add("do", "local b = o");
        this.#item(first, count, place, words);
        code.add("end");
        break;
      case "chain":
        this.#chain(first, count, place, words);
        break;
      case "measured_list":
        this.#measured(first, Number(args[1]), count, begin, place, words);
        break;
    }
    if (place.count !== undefined) code.add(`${place.count} = ${count}`);
    if (words === null) return LIST;
    const isGroup = inRelease(inner, code.release).maker === "structure";
    const value = code.fresh("x");
    const text = isGroup ? `tostring(${count})` : `${words} or tostring(${count})`;
    code.add(`local ${value} = ${text}`);
    return { type: "variant", at: "o", value, whole: false };
  }

  #counted(
    number: string,
    item: LuaReader,
    least: number,
    count: string,
    begin: string,
    place: Place,
    words: string | null,
  ): void {
    const code = this.#code;
    const last = code.fresh("l");
    const size = Math.max(1, least);
    code.add(
      `local ${last} = ${number}`,
      `if ${last} * ${size} > ${code.end} - o then ` +
        `too_many(${last}, ${size}, ${begin}, o, ${code.end}${code.ofField}) end`,
      `for _ = 1, ${last} do`,
      "local b = o",
    );
    this.#item(item, count, place, words);
    code.add("end");
    this.#end(count);
  }

  #chain(entry: LuaReader, count: string, place: Place, words: string | null): void {
    const code = this.#code;
    code.add("while true do");
    const at = code.take(1);
    const flag = `byte(B, ${at} + 1)`;
    const message = `"flag byte " .. ${flag} .. " is neither 0 nor 1"`;
    code.problem(`${flag} > 1`, "protocol", at, message);
    code.add(
      `if ${flag} == 0 then break end`,
      `if ${count} == 0 and o == ${code.end} then`,
      `note(${code.tree}, "malformed", ${at}, ` +
        `"entries announced, none follows"${code.ofField})`,
      "break",
      "end",
      "local b = o",
    );
    this.#item(entry, count, place, words);
    code.add("end");
    this.#end(count);
  }

  /** A count and an entry length, then the entries; bytes that later releases add are skipped. */
  #measured(
    item: LuaReader,
    least: number,
    count: string,
    begin: string,
    place: Place,
    words: string | null,
  ): void {
    const code = this.#code;
    const last = code.fresh("l");
    const size = code.fresh("l");
    code.add(`local ${last} = u32le(B, ${code.take(4)})`);
    code.add(`local ${size} = byte(B, ${code.take(1)} + 1)`);
    code.add(
      `if ${size} < ${least} or ${last} * ${size} > ${code.end} - o then`,
      `malformed(${last} .. " entries of " .. ${size} .. " bytes", ${begin}, o` +
        `${code.ofField})`,
      "end",
      `if ${size} > ${least} then note(${code.tree}, "undecoded", ${begin} + 4, ` +
        `(${size} - ${least}) .. " more bytes in each entry") end`,
      `for _ = 1, ${last} do`,
      "local b = o",
    );
    const outer = code.end;
    const end = code.fresh("e");
    code.add(`local ${end} = o + ${size}`);
    code.end = end;
    this.#item(item, count, place, words);
    code.end = outer;
    code.add(`o = ${end}`, "end");
    this.#end(count);
  }

  /** What is kept of the items for a check at the structure's end. */
  #declare({ collected }: Place): void {
    const code = this.#code;
    if (code.isText || collected === undefined) return;
    const { list } = collected;
    if (collected.count !== undefined) code.add(`c_${list} = 0`);
    if (collected.each !== undefined) code.add(`c_${list} = {}`);
    if (collected.sums !== undefined) code.add(`c_${list}, s_${list} = {}, 0`);
    if (collected.parts !== undefined) code.add(`i_${list} = {}`);
  }

  /** Reads one item; beyond the limit of the preferences it is only counted. */
  #item(item: LuaReader, count: string, place: Place, words: string | null): void {
    const code = this.#code;
    const tree = code.tree;
    code.add(`${count} = ${count} + 1`);
    if (!code.isText && place.shown) {
      const inner = code.fresh("t");
      code.add(`local ${inner} = ${tree}`);
      code.add(`if ${count} > MAX_ITEMS then ${inner} = nil end`);
      code.tree = inner;
    }
    const out = code.field(item, { ...place, from: "b" });
    code.tree = tree;
    if (words !== null && out.type !== "group" && out.type !== "none") {
      code.add(`if ${count} <= 5 then ${words} = joined(${words}, ${textOf(out)}) end`);
    }
    const { collected } = place;
    if (code.isText || collected === undefined) return;
    const { list } = collected;
    if (collected.count !== undefined) code.add(`c_${list} = c_${list} + r_count`);
    if (collected.each !== undefined) {
      code.add(`c_${list}[${count}] = r_${collected.each}`);
    }
    if (collected.parts !== undefined) {
      const values = collected.parts.map((name) => `, ${name} = r_${name}`).join("");
      code.add(`i_${list}[${count}] = { tree = r_item${values} }`);
    }
    if (collected.sums !== undefined) {
      const { fixed, names } = collected.sums;
      const parts = [`s_${list}`, fixed, ...names.map((name) => `r_${name}`)];
      code.add(`s_${list} = ${parts.join(" + ")}`, `c_${list}[${count}] = s_${list}`);
    }
  }

  #end(count: string): void {
    const { tree, isText } = this.#code;
    if (isText) return;
    this.#code.add(
      `if ${tree} and ${count} > MAX_ITEMS then hidden(${tree}, ${count}) end`,
    );
  }
}
