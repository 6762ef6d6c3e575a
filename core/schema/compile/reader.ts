import { escapeJson } from "../../bytes/json_text.ts";
import type { Kind } from "../kind.ts";
import { isIn } from "../struct.ts";
import { condition, writeCheck } from "./checks.ts";
import { Code } from "./code.ts";
import { isSecret, type LengthPlan, type Plan, planOf } from "./plan.ts";
import { fixedSize, formOf, mayMiss, placeInItems } from "./sizes.ts";
import {
  equals,
  NotCompiled,
  numberOf,
  type Scope,
  type Value,
  valueOf,
} from "./values.ts";

/** What generated code is to give. */
export interface Output {
  /** Whether findings matter: then whatever is odd is left to the careful reader. */
  readonly verified: boolean;
  /** Passes over what is not wanted by its length, wherever it stands. */
  readonly hasty?: boolean;
  /** Whether values become JSON text. */
  readonly json: boolean;
  /** Bytes shown of a bytes value; the name of an argument of the code. */
  readonly most: string;
  readonly showSecrets: boolean;
  /** Takes a value at a path, where it is wanted. */
  readonly take?: (path: string, value: string, code: Code) => void;
  /** Whether something at or under this path is wanted; all is where this is left out. */
  readonly wants?: (path: string) => boolean;
}

const OTHER: Value = { is: "other" };

/** Where the kind being read stands. */
interface Place {
  readonly path: string;
  /** Fields of the structure it is in, and of the one around that. */
  readonly scope: Scope;
  readonly outer: Scope;
  /** Whether its value is part of the output. */
  readonly shown: boolean;
}

/** Writes the code that reads one layout as one release has it. */
export class ReaderWriter {
  readonly code = new Code();
  readonly release: number;
  readonly #output: Output;
  /** Names of the ends of the parts that are open. */
  readonly #limits: string[] = [];
  readonly #afterEach = new Map<string, ((item: Scope, index: string) => void)[]>();
  /** Fields of the structure that was read last. */
  #last: Scope = new Map();

  constructor(release: number, output: Output) {
    this.release = release;
    this.#output = output;
  }

  /** Writes the whole. */
  layout(kind: Kind<unknown>): void {
    const nothing: Scope = new Map();
    this.#read(kind, { path: "", scope: nothing, outer: nothing, shown: true });
    this.code.settle();
    this.code.flush();
    if (this.#output.verified) this.code.unless("p === e");
    this.code.line("return o;");
  }

  #read(kind: Kind<unknown>, place: Place): Value {
    const plan = planOf(kind);
    if (plan === null) throw new NotCompiled(`${place.path || "it"} has no plan`);
    if (isSecret(kind) && this.#output.json && !this.#output.showSecrets && place.shown) {
      return this.#redacted(kind, plan, place);
    }
    return this.#plan(plan, place);
  }

  /** What a kind reads before it is judged: a value of the output only where it is shown. */
  #plan(plan: Plan, place: Place): Value {
    const { code } = this;
    const { scope } = place;
    switch (plan.op) {
      case "uint":
      case "int":
      case "float":
      case "bool":
      case "idFrom":
      case "enum":
        return this.#simple(plan, place);
      case "absent":
        this.#null(place);
        return OTHER;
      case "zeros":
        this.#zeros(plan.length);
        this.#null(place);
        return OTHER;
      case "endOfPart":
        code.settle();
        if (this.#output.verified) code.unless("p === e");
        code.line(`p = e; e = ${this.#limits.pop()};`);
        this.#null(place);
        return OTHER;
      case "exactly": {
        const value = this.#read(plan.inner, place);
        if (this.#output.verified) code.unless(equals(value, plan.value));
        return value;
      }
      case "within": {
        const value = this.#read(plan.inner, place);
        const number = numberOf(value);
        if (this.#output.verified) {
          code.unless(`${number} >= ${plan.least} && ${number} <= ${plan.most}`);
        }
        return value;
      }
      case "sound": {
        const value = this.#read(plan.inner, place);
        if (this.#output.verified) code.unless(this.#where(plan, value, scope));
        return value;
      }
      case "nullable":
        return this.#nullable(plan, place);
      case "text":
        return this.#text(plan, place);
      case "bytes":
        return this.#bytes(plan, place);
      case "byRelease":
        return this.#read(formOf(plan.forms, this.release), place);
      case "struct":
        return this.#struct(plan.fields, place);
      case "sized": {
        const length = this.#read(plan.length as Kind<unknown>, {
          ...place,
          shown: false,
        });
        return this.#part(numberOf(length), place, () => this.#read(plan.inner, place));
      }
      case "sizedBy": {
        const length = `${numberOf(valueOf(scope, plan.field))} - ${plan.before}`;
        return this.#part(length, place, () => this.#read(plan.inner, place));
      }
      case "lengthOfPart": {
        const value = this.#read(plan.inner, place);
        this.#limits.push(this.#narrow(numberOf(value)));
        return value;
      }
      case "optional":
        return this.#optional(plan, place);
      case "sizedOrNull":
        return this.#sizedOrNull(plan, place);
      case "orZeros":
        return this.#orZeros(plan, place);
      case "unlessZeros":
        throw new NotCompiled(`${place.path} may be left out, and is no field`);
      case "secretIf":
        return this.#secretIf(plan, place);
      case "listed": {
        const value = this.#read(plan.inner, place);
        if (this.#output.verified) {
          code.unless(this.#isOneOf(value, plan.names(this.release)));
        }
        return value;
      }
      case "constant":
        return this.#constant(plan.value, place);
      case "careful":
        code.unless("false");
        this.#null(place);
        return OTHER;
      case "orBytes": {
        const value = this.#read(plan.inner, place);
        code.settle();
        code.unless("p === e");
        return value;
      }
      case "byTag":
        return this.#byTag(plan, place);
      case "oneOf":
        return this.#oneOf(plan, place);
      case "sumOf":
        return this.#sumOf(plan, place);
      default:
        return this.#list(plan, place);
    }
  }

  #where(plan: Plan & { op: "sound" }, value: Value, scope: Scope): string {
    // The field itself is not in the scope yet; its condition calls it "self".
    return condition(plan.where, new Map([...scope, ["self", value]]));
  }

  /** Whether a value is part of the output, and so has to be made. */
  #isTaken({ path, shown }: Place): boolean {
    const { take, wants } = this.#output;
    return shown && take !== undefined && (wants?.(path) ?? false);
  }

  /** Whether bytes are only passed over: nobody judges them, or wants what they say. */
  #isPassed(path: string): boolean {
    const { verified, json, wants } = this.#output;
    return !verified && !json && !(wants?.(path) ?? false);
  }

  /** Gives a value out: as text that `write` writes, or as what `value` says in JavaScript. */
  #give(place: Place, write: (code: Code) => void, value: () => string): void {
    const { json, take } = this.#output;
    if (json && place.shown) write(this.code);
    else if (this.#isTaken(place)) take!(place.path, value(), this.code);
  }

  #null(place: Place): void {
    this.#give(place, (code) => code.text("null"), () => "null");
  }

  #zeros(length: number): void {
    const { code } = this;
    if (!this.#output.verified) code.take(length);
    else if (length <= 8) {
      const at = code.take(length);
      const bytes = Array.from({ length }, (_, i) => `b[${at} + ${i}]`);
      code.unless(`(${bytes.join(" | ")}) === 0`);
    } else code.unless(`areZero(b, ${code.take(length)}, ${length})`);
  }

  #simple(
    plan: Extract<Plan, { op: "uint" | "int" | "float" | "bool" | "idFrom" | "enum" }>,
    place: Place,
  ): Value {
    const { code } = this;
    if (plan.op === "bool") return this.#bool(place);
    if (plan.op === "enum") return this.#enum(plan.names, place);
    if (plan.op === "float") {
      const at = this.#fix(code.take(plan.size), place.shown);
      this.#give(
        place,
        (code) => code.write(`o = putFloat(b, ${at}, ${plan.size}, o);`),
        () => `floatAt(b, ${at}, ${plan.size})`,
      );
      return OTHER;
    }
    if (plan.op === "idFrom") {
      const value = this.#number("u32", code.take(4), place, false);
      if (this.#output.verified && this.release < plan.since) {
        code.unless(`${numberOf(value)} !== 0`);
      }
      return value;
    }
    const signed = plan.op === "int";
    const at = code.take(plan.size);
    if (plan.size === 16) return this.#wide(this.#fix(at), place, signed);
    if (plan.size === 8) return this.#long(at, place, signed);
    const read = { 1: "u8", 2: "u16", 4: "u32" }[plan.size];
    return this.#number(signed ? read.replace("u", "i") : read, at, place, signed);
  }

  /** A name for a place that `p` may move on from. */
  #fix(place: string, needed = true): string {
    if (!needed) return place;
    const at = this.code.name("at");
    this.code.line(`const ${at} = ${place};`);
    return at;
  }

  #number(read: string, at: string, place: Place, signed: boolean): Value {
    const name = this.code.name("v");
    const value = read === "u8" ? `b[${at}]` : `${read}(b, ${at})`;
    this.code.line(`const ${name} = ${value};`);
    this.#give(
      place,
      (code) => code.write(`o = ${signed ? "putSigned" : "putNumber"}(${name}, o);`),
      () => name,
    );
    return { is: "number", code: name };
  }

  #long(at: string, place: Place, signed: boolean): Value {
    const { code } = this;
    const low = code.name("low"), high = code.name("high");
    const where = signed ? this.#fix(at) : at;
    const next = where.includes("+")
      ? where.replace(/\d+$/, (n) => `${+n + 4}`)
      : `${where} + 4`;
    code.line(`const ${low} = u32(b, ${where}), ${high} = u32(b, ${next});`);
    this.#give(
      place,
      (code) => {
        code.text('"');
        code.write(
          signed ? `o = putSigned64(b, ${where}, o);` : `o = put64(${low}, ${high}, o);`,
        );
        code.text('"');
      },
      () => signed ? `BigInt.asIntN(64, long(${low}, ${high}))` : `long(${low}, ${high})`,
    );
    return signed ? OTHER : { is: "long", low, high };
  }

  #wide(at: string, place: Place, signed: boolean): Value {
    this.#give(
      place,
      (code) => {
        code.text('"');
        code.write(`o = ${signed ? "putSigned128" : "put128"}(b, ${at}, o);`);
        code.text('"');
      },
      () => signed ? `BigInt.asIntN(128, bigAt(b, ${at}))` : `bigAt(b, ${at})`,
    );
    return signed ? OTHER : { is: "wide", at };
  }

  #bool(place: Place): Value {
    const { code } = this;
    const name = code.name("v");
    code.line(`const ${name} = b[${code.take(1)}];`);
    if (this.#output.verified) code.unless(`${name} <= 1`);
    this.#give(
      place,
      (code) =>
        code.write(`o = ${name} === 0 ? putAscii("false", o) : putAscii("true", o);`),
      () => `${name} !== 0`,
    );
    return { is: "number", code: name };
  }

  #enum(names: ReadonlyMap<number, string>, place: Place): Value {
    const { code } = this;
    const name = code.name("v");
    const table = code.name("names");
    code.line(`const ${name} = b[${code.take(1)}];`);
    const isTaken = place.shown && (this.#output.json || this.#isTaken(place));
    const literal = `namesOf(${JSON.stringify(Object.fromEntries(names))})`;
    this.constants.push(`const ${table} = ${literal};`);
    if (this.#output.verified) code.unless(`${table}[${name}] !== undefined`);
    if (isTaken) {
      this.#give(
        place,
        (code) => code.write(`o = putBytes(${table}[${name}].json, o);`),
        () => `${table}[${name}]?.text ?? ${name}`,
      );
    }
    return { is: "enum", code: name, names };
  }

  /** Lines that run once, before the function is made. */
  readonly constants: string[] = [];

  #nullable({ inner, absent }: Plan & { op: "nullable" }, place: Place): Value {
    const { code } = this;
    const value = this.#read(inner, { ...place, shown: false });
    const number = numberOf(value);
    this.#give(
      place,
      () => {
        const plain = `putNumber(${number}, o)`;
        code.write(`o = ${number} === ${absent} ? putAscii("null", o) : ${plain};`);
      },
      () => `${number} === ${absent} ? null : ${number}`,
    );
    return OTHER;
  }

  /** The length of a text or of bytes as a name, its prefix passed over. */
  #length(plan: LengthPlan, scope: Scope): string {
    const { code } = this;
    const name = code.name("n");
    if (plan === "rest") {
      code.settle();
      code.line(`const ${name} = e - p;`);
      return name;
    }
    if ("fixed" in plan) {
      code.need(plan.fixed);
      code.settle();
      code.line(`const ${name} = ${plan.fixed};`);
      return name;
    }
    if ("prefix" in plan) {
      const at = code.take(plan.prefix);
      code.line(`const ${name} = ${plan.prefix === 1 ? `b[${at}]` : `u32(b, ${at})`};`);
    } else code.line(`const ${name} = ${numberOf(valueOf(scope, plan.field))};`);
    code.settle();
    code.unless(`${name} <= e - p`);
    return name;
  }

  #text(plan: Plan & { op: "text" }, place: Place): Value {
    const { code } = this;
    if (plan.emptyIsNull === undefined) return this.#plainText(plan, place);
    const has = code.name("has");
    code.settle();
    // A prefix of 0 is no text; nor is the end of the part.
    const prefix = plan.length === "rest" || "fixed" in (plan.length as object)
      ? 0
      : (plan.length as { prefix: number }).prefix;
    if (prefix === 0) {
      throw new NotCompiled("a text that may be missing, without a prefix");
    }
    const first = prefix === 1 ? "b[p]" : "u32(b, p)";
    if (plan.emptyIsNull === "length") code.need(prefix);
    code.line(`const ${has} = e - p >= ${prefix} && ${first} !== 0;`);
    code.block(`if (${has})`, () => this.#plainText({ ...plan }, place), "} else {");
    if (plan.emptyIsNull === "end") code.unless(`p === e || e - p >= ${prefix}`);
    code.line(`if (p !== e) p += ${prefix};`);
    this.#null(place);
    code.flush();
    code.line("}");
    return OTHER;
  }

  #plainText(plan: Plan & { op: "text" }, place: Place): Value {
    const { code } = this;
    const length = this.#length(plan.length, place.scope);
    if (plan.least > 0 && this.#output.verified) {
      code.unless(`${length} >= ${plan.least}`);
    }
    const at = this.#fix("p");
    const { json } = this.#output;
    if (json && place.shown) {
      code.write(`o = putText(b, p, ${length}, o);`);
      code.unless("o >= 0");
    } else if (this.#isTaken(place)) {
      const text = code.name("text");
      code.line(`const ${text} = textAt(b, p, ${length});`);
      code.unless(`${text} !== null`);
      this.#output.take!(place.path, text, code);
    } else if (this.#output.verified) code.unless(`isText(b, p, ${length})`);
    code.line(`p += ${length};`);
    return { is: "text", at, length };
  }

  #bytes(plan: Plan & { op: "bytes" }, place: Place): Value {
    const { code } = this;
    const length = this.#length(plan.length, place.scope);
    this.#give(
      place,
      () => {
        code.text('{"length":');
        code.write(`o = putNumber(${length}, o);`);
        code.text(',"hex":"');
        code.write(`o = putHex(b, p, ${length}, ${this.#output.most}, o);`);
        code.unless("o >= 0");
      },
      () => `b.subarray(p, p + ${length})`,
    );
    code.line(`p += ${length};`);
    return OTHER;
  }

  /** A secret: read, and told only by its length. */
  #redacted(kind: Kind<unknown>, plan: Plan, place: Place): Value {
    const { code } = this;
    code.settle();
    const start = this.#fix("p");
    const value = this.#plan(plan, { ...place, shown: false });
    code.settle();
    const prefix = plan.op === "text" && typeof plan.length === "object" &&
        "prefix" in plan.length
      ? plan.length.prefix
      : 0;
    const isPlain = plan.op === "bytes" || plan.op === "uint" ||
      plan.op === "text" && plan.emptyIsNull === undefined;
    if (!isPlain || plan.op === "uint" && kind.type !== "uint128") {
      throw new NotCompiled("a secret of this form");
    }
    code.write(`o = putRedacted(p - ${start} - ${prefix}, o);`);
    return value;
  }

  #struct(fields: readonly (readonly [string, Kind<unknown>])[], place: Place): Value {
    const { code, release } = this;
    const { json, verified } = this.#output;
    const scope: Scope = new Map();
    const start = this.#fix(code.here, verified);
    const after: (() => void)[] = [];
    const hooked: string[] = [];
    if (json && place.shown) code.text("{");
    let separator = "";
    const inRelease = fields.filter(([, kind]) => isIn(kind, release));
    const present = place.path === "" ? this.#wantedOf(inRelease) : inRelease;
    const flags = new Map<string, string>();
    present.forEach(([name, kind], i) => {
      const shown = place.shown && !name.startsWith("_");
      const path = place.path === "" ? name : `${place.path}.${name}`;
      if (mayMiss(kind)) {
        if (separator === "" && json && shown) {
          throw new NotCompiled(`${name} may be missing, and is the first`);
        }
        const field = { path, scope, outer: place.scope, shown };
        flags.set(name, this.#maybe(name, kind, field, flags));
        return;
      }
      this.#ensureRun(present, i);
      if (json && shown) {
        code.text(`${separator}${escapeJson(JSON.stringify(name))}:`);
        separator = ",";
      }
      const isChecked = verified && kind.verify !== undefined && !name.startsWith("_");
      const at = this.#fix(code.here, isChecked);
      const value = this.#read(kind, { path, scope, outer: place.scope, shown });
      scope.set(name, value);
      if (!isChecked) return;
      const check = writeCheck({ kind, name, value, at, start }, scope, {
        code,
        release,
        afterEach: (list, work) => {
          const key = place.path === "" ? list : `${place.path}.${list}`;
          hooked.push(key);
          this.#afterEach.set(key, [...this.#afterEach.get(key) ?? [], work]);
        },
        placeIn: (list, field) => {
          const found = placeInItems(list, field, release);
          if (found === null) throw new NotCompiled(`${list.doc} differ in size`);
          return found;
        },
      });
      if (check !== null) after.push(check);
    });
    for (const check of after) check();
    for (const key of hooked) this.#afterEach.delete(key);
    if (json && place.shown) code.text("}");
    this.#last = scope;
    return OTHER;
  }

  /** A field that is not always there; gives the name of what says whether it is. */
  #maybe(
    name: string,
    kind: Kind<unknown>,
    place: Place,
    flags: ReadonlyMap<string, string>,
  ): string {
    const { code } = this;
    const { json, verified } = this.#output;
    if (verified && kind.verify !== undefined) {
      throw new NotCompiled(`${name} may be missing, and has a check`);
    }
    const plan = planOf(kind);
    const inner = plan?.op === "unlessZeros" ? plan.inner : null;
    code.settle();
    code.flush();
    const conditions = kind.onlyIf === undefined
      ? []
      : [isAsked(kind.onlyIf, place.scope, flags)];
    if (kind.ifLeft) conditions.push("p < e");
    if (inner !== null) {
      if (conditions.length > 0) throw new NotCompiled(`${name} may be missing twice`);
      code.need(inner.minSize);
      conditions.push(`!areZero(b, p, ${inner.minSize})`);
    }
    const flag = code.name("has");
    code.line(`const ${flag} = ${conditions.join(" && ")};`);
    code.block(`if (${flag})`, () => {
      if (json && place.shown) code.text(`,${escapeJson(JSON.stringify(name))}:`);
      this.#read(inner ?? kind, place);
    });
    if (inner !== null) code.line(`if (!${flag}) p += ${inner.minSize};`);
    return flag;
  }

  /** The fields up to the last that is wanted; all where all are to be judged. */
  #wantedOf(fields: readonly (readonly [string, Kind<unknown>])[]) {
    const last = fields.findLastIndex(([name]) => !this.#isPassed(name));
    return fields.slice(0, last + 1);
  }

  /** Checks once that the bytes of all fields of fixed length from the `from`th on are there. */
  #ensureRun(fields: readonly (readonly [string, Kind<unknown>])[], from: number): void {
    let length = 0;
    for (let i = from; i < fields.length; i++) {
      const size = fixedSize(fields[i]![1], this.release);
      if (size === null) break;
      length += size;
    }
    if (length > 0) this.code.need(length);
  }

  /** Limits reading to the next bytes; gives the name of the limit before. */
  #narrow(length: string): string {
    const { code } = this;
    const saved = code.name("end");
    const size = code.name("n");
    code.settle();
    code.line(`const ${size} = ${length};`);
    code.unless(`${size} >= 0 && ${size} <= e - p`);
    code.line(`const ${saved} = e; e = p + ${size};`);
    return saved;
  }

  #part(length: string, place: Place, read: () => Value): Value {
    const { code } = this;
    if (this.#output.hasty && this.#isPassed(place.path)) {
      code.settle();
      code.unless(`${length} >= 0 && ${length} <= e - p`);
      code.line(`p += ${length};`);
      return OTHER;
    }
    const saved = this.#narrow(length);
    const value = read();
    code.settle();
    if (this.#output.verified) code.unless("p === e");
    code.line(`p = e; e = ${saved};`);
    return value;
  }

  #constant(value: null | readonly [], place: Place): Value {
    for (const path of [place.path, `${place.path}#`]) {
      if (!this.#output.json && this.#isTaken({ ...place, path })) {
        throw new NotCompiled(`${path} stands elsewhere`);
      }
    }
    this.#give(place, (code) => code.text(JSON.stringify(value)), () => "null");
    return OTHER;
  }

  /** Read as any other value, where it is no secret. */
  #secretIf({ field, values, inner }: Plan & { op: "secretIf" }, place: Place): Value {
    if (!this.#isPassed(place.path)) {
      this.code.unless(`!${this.#isOneOf(valueOf(place.scope, field), values)}`);
    }
    return this.#read(inner, place);
  }

  /** Whether a text is one of some names, as code. */
  #isOneOf(text: Value, values: readonly unknown[]): string {
    const isAscii = (value: unknown) =>
      typeof value === "string" && /^[\x20-\x7e]*$/.test(value);
    if (text.is !== "text" || !values.every(isAscii)) {
      throw new NotCompiled("names that are no text");
    }
    const names = this.code.name("names");
    this.constants.push(`const ${names} = ${JSON.stringify(values)};`);
    return `isOneOf(b, ${text.at}, ${text.length}, ${names})`;
  }

  /** One of two ways to read a value: the second reads nothing of it, and gives null. */
  #either(condition: string, read: () => void, otherwise: () => void, place: Place) {
    const { code } = this;
    code.settle();
    code.block(`if (${condition})`, read, "} else {");
    otherwise();
    this.#null(place);
    code.settle();
    code.flush();
    code.line("}");
    return OTHER;
  }

  #sizedOrNull(
    { length, inner }: Plan & { op: "sizedOrNull" },
    place: Place,
  ): Value {
    const bytes = numberOf(
      this.#read(length as Kind<unknown>, { ...place, shown: false }),
    );
    const read = () => void this.#part(bytes, place, () => this.#read(inner, place));
    return this.#either(`${bytes} !== 0`, read, () => {}, place);
  }

  #orZeros({ field, wanted, inner }: Plan & { op: "orZeros" }, place: Place): Value {
    const isWanted = equals(valueOf(place.scope, field), wanted);
    const read = () => void this.#read(inner, place);
    return this.#either(isWanted, read, () => this.#zeros(inner.minSize), place);
  }

  #optional(
    { inner, padding, present }: Plan & { op: "optional" },
    place: Place,
  ): Value {
    const { code } = this;
    const flag = code.name("v");
    code.line(`const ${flag} = b[${code.take(1)}];`);
    if (this.#output.verified) code.unless(`${flag} <= 1`);
    const read = () => void this.#read(inner, place);
    const skip = () => padding > 0 && this.#zeros(padding);
    return this.#either(`${flag} === ${present}`, read, skip, place);
  }

  #byTag({ field, cases }: Plan & { op: "byTag" }, place: Place): Value {
    const tag = valueOf(place.scope, field);
    if (tag.is !== "enum") throw new NotCompiled(`${field} is no enum`);
    const kinds = [...tag.names].flatMap(([number, name]) => {
      const kind = cases[name];
      return kind === undefined ? [] : [[number, kind] as const];
    });
    return this.#choice(tag.code, kinds, place);
  }

  /** Reads what the number in `tag` chooses, which has to fill its part. */
  #choice(
    tag: string,
    kinds: Iterable<readonly [number: number, kind: Kind<unknown>]>,
    place: Place,
  ): Value {
    const { code } = this;
    code.settle();
    code.write(`switch (${tag}) {`);
    for (const [number, kind] of kinds) {
      code.block(`case ${number}:`, () => {
        this.#read(kind, place);
        code.settle();
        code.write("break;");
      });
    }
    code.line("default: return -1;");
    code.line("}");
    code.unless("p === e");
    return OTHER;
  }

  #oneOf({ forms }: Plan & { op: "oneOf" }, place: Place): Value {
    const { code } = this;
    const tag = code.name("v"), length = code.name("n");
    code.need(2);
    code.line(`const ${tag} = b[${code.take(1)}], ${length} = b[${code.take(1)}];`);
    return this.#part(length, place, () => {
      return this.#choice(tag, forms, place);
    });
  }

  #sumOf({ outer, field }: Plan & { op: "sumOf" }, place: Place): Value {
    const { code } = this;
    const base = valueOf(place.outer, outer);
    if (base.is !== "long") throw new NotCompiled("a sum of other than 64 bits");
    let { low, high } = base;
    if (field !== null) {
      const sum = code.name("sum");
      code.line(`const ${sum} = ${base.low} + ${numberOf(valueOf(place.scope, field))};`);
      low = code.name("low");
      high = code.name("high");
      const carry = `${sum} > 4294967295 ? 1 : 0`;
      code.line(
        `const ${low} = ${sum} >>> 0, ${high} = (${base.high} + (${carry})) >>> 0;`,
      );
    }
    this.#give(
      place,
      (code) => {
        code.text('"');
        code.write(`o = put64(${low}, ${high}, o);`);
        code.text('"');
      },
      () => `long(${low}, ${high})`,
    );
    return { is: "long", low, high };
  }

  #list(
    plan: Extract<Plan, { readonly item: Kind<unknown> }>,
    place: Place,
  ): Value {
    const { code } = this;
    const isOnlyCounted = !this.#isPassed(`${place.path}#`) &&
      this.#isPassed(`${place.path}.*`);
    if (this.#output.hasty && isOnlyCounted && plan.op === "list" && plan.countField) {
      // The field that counts them was judged before, or nobody minds.
      const count = numberOf(valueOf(place.scope, plan.countField));
      this.#output.take?.(`${place.path}#`, count, code);
      code.settle();
      code.line("p = e;");
      return OTHER;
    }
    if (this.#output.hasty && this.#isPassed(place.path) && this.#passList(plan, place)) {
      return OTHER;
    }
    if (plan.op === "chain") {
      const flag = code.name("v");
      code.line(`let ${flag};`);
      const more = `(${flag} = p < e ? b[p++] : 2) === 1`;
      const value = this.#items(plan.item, place, () => more, false);
      code.unless(`${flag} === 0`);
      return value;
    }
    if (plan.op === "list") {
      const value = this.#items(plan.item, place, () => "p < e", true);
      if (plan.countField !== undefined && this.#output.verified && value.is === "list") {
        const count = numberOf(valueOf(place.scope, plan.countField));
        code.unless(`${value.count} === ${count}`);
      }
      return value;
    }
    if (plan.op === "wholeItems") {
      const more = `e - p >= ${plan.item.minSize}`;
      return this.#items(plan.item, place, () => more, true);
    }
    const count = plan.op === "single"
      ? "1"
      : plan.op === "listOfCount"
      ? numberOf(valueOf(place.scope, plan.field))
      : numberOf(this.#read(plan.count as Kind<unknown>, { ...place, shown: false }));
    code.settle();
    const least = Math.max(1, plan.item.minSize);
    if (plan.op !== "single") code.unless(`${count} * ${least} <= e - p`);
    return this.#items(plan.item, place, (index) => `${index} < ${count}`, false);
  }

  /** Passes over a list by its length, where that is known without its items. */
  #passList(
    plan: Extract<Plan, { readonly item: Kind<unknown> }>,
    place: Place,
  ): boolean {
    const { code } = this;
    if (plan.op === "list") {
      code.settle();
      code.line("p = e;");
      return true;
    }
    const size = fixedSize(plan.item, this.release);
    if (plan.op !== "listOfCount" || size === null) return false;
    const length = `${numberOf(valueOf(place.scope, plan.field))} * ${size}`;
    code.settle();
    code.unless(`${length} <= e - p`);
    code.line(`p += ${length};`);
    return true;
  }

  #items(
    item: Kind<unknown>,
    place: Place,
    more: (index: string) => string,
    moves: boolean,
  ): Value {
    const { code } = this;
    const { json } = this.#output;
    const index = code.name("i");
    code.settle();
    const start = this.#fix("p");
    if (json && place.shown) code.text("[");
    code.flush();
    code.line(`let ${index} = 0;`);
    code.block(`for (; ${more(index)}; ${index}++)`, () => {
      const before = this.#fix("p", moves);
      if (json && place.shown) code.line(`if (${index} > 0) out[o++] = 44;`);
      this.#read(item, { ...place, path: `${place.path}[]` });
      const fields = this.#last;
      code.settle();
      code.flush();
      if (moves) code.unless(`p !== ${before}`);
      for (const work of this.#afterEach.get(place.path) ?? []) work(fields, index);
    });
    if (json && place.shown) code.text("]");
    else if (this.#isTaken({ ...place, path: `${place.path}#` })) {
      this.#output.take!(`${place.path}#`, index, code);
    }
    return { is: "list", count: index, start };
  }
}

/** Whether another field calls for one, as code. */
function isAsked(
  { field, values }: NonNullable<Kind<unknown>["onlyIf"]>,
  scope: Scope,
  flags: ReadonlyMap<string, string>,
): string {
  if (values === null) {
    const flag = flags.get(field);
    if (flag === undefined) throw new NotCompiled(`${field} is always there`);
    return flag;
  }
  const value = valueOf(scope, field);
  return `(${values.map((one) => equals(value, one)).join(" || ")})`;
}
