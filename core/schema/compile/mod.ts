/**
 * Layouts compiled to plain functions: what a {@link Plan} says of each kind becomes straight
 * code for one release, with one check of the length before each run of fields of fixed
 * length, and without an object for each value.
 *
 * The careful readers of the kinds stay the definition. A compiled reader gives up, and the
 * careful one is asked, wherever bytes are odd in any way: so it reports nothing itself. A
 * layout that holds a kind without a plan has no compiled reader, nor has any where the
 * machine forbids code made of text, as some pages do; both are read carefully, only slower.
 * A property test holds both equal.
 *
 * @module
 */
import type { Kind } from "../kind.ts";
import { u32le } from "../../bytes/integers.ts";
import { escapeJson } from "../../bytes/json_text.ts";
import { hashIs } from "../checksums.ts";
import * as json from "./json_writer.ts";
import { NotCompiled } from "./values.ts";
import { type Output, ReaderWriter } from "./reader.ts";

export {
  type CheckPlan,
  type Condition,
  type Plan,
  planned,
  plannedCheck,
} from "./plan.ts";
export { out } from "./json_writer.ts";
export * as jsonWriter from "./json_writer.ts";

/**
 * Writes `bytes[start..end)` as JSON text to {@link out} from `at` on; gives the place behind
 * it, or -1 where the careful reader has to be asked. At most `most` bytes of a bytes value
 * are shown.
 */
export type JsonReader = (
  bytes: Uint8Array,
  start: number,
  end: number,
  at: number,
  most: number,
) => number;

/** Whether `bytes[start..end)` are as the layout says, in all that the careful reader judges. */
export type SoundCheck = (bytes: Uint8Array, start: number, end: number) => boolean;

/** Lines of the code of one layout; a longer one is left to the careful reader. */
const MAX_LINES = 20_000;

/** What the code calls, besides what writes JSON. */
const LIBRARY = {
  ...json,
  view: new DataView(json.out.buffer),
  hashIs,
  u32: u32le,
  u16: (b: Uint8Array, at: number) => b[at]! | b[at + 1]! << 8,
  i8: (b: Uint8Array, at: number) => b[at]! << 24 >> 24,
  i16: (b: Uint8Array, at: number) => (b[at]! | b[at + 1]! << 8) << 16 >> 16,
  i32: (b: Uint8Array, at: number) => u32le(b, at) | 0,
  long,
  namesOf,
  areZero,
  isText,
  isOneOf,
  added,
  ...partsLibrary(),
};

/** 64 bits as their halves. */
function long(low: number, high: number): bigint {
  return high < 0x20_0000
    ? BigInt(high * 0x1_0000_0000 + low)
    : BigInt(high) << 32n | BigInt(low);
}

/** Names of an enum by number, each as text and as JSON in bytes. */
function namesOf(names: Readonly<Record<string, string>>) {
  const table: { text: string; json: Uint8Array }[] = [];
  for (const [number, text] of Object.entries(names)) {
    const json = new TextEncoder().encode(escapeJson(JSON.stringify(text)));
    table[Number(number)] = { text, json };
  }
  return table;
}

/** A list with one more value, unless that is null. */
function added(list: unknown[] | undefined, value: unknown): unknown[] | undefined {
  if (value === null) return list;
  if (list === undefined) return [value];
  list.push(value);
  return list;
}

function areZero(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (bytes[i] !== 0) return false;
  return true;
}

function isText(bytes: Uint8Array, from: number, length: number): boolean {
  for (let i = from; i < from + length; i++) {
    if (bytes[i]! >= 128 || bytes[i] === 0) {
      return json.textAt(bytes, from, length) !== null;
    }
  }
  return true;
}

/** Whether bytes are one of some ASCII texts. */
function isOneOf(
  bytes: Uint8Array,
  from: number,
  length: number,
  texts: readonly string[],
): boolean {
  return texts.some((text) => {
    if (text.length !== length) return false;
    for (let i = 0; i < length; i++) {
      if (bytes[from + i] !== text.charCodeAt(i)) return false;
    }
    return true;
  });
}

/** Gathers what one checksum is over; what is too long is left to the careful reader. */
function partsLibrary() {
  const parts = new Uint8Array(1 << 16);
  const words = new DataView(parts.buffer);
  return {
    parts,
    gather(bytes: Uint8Array, from: number, length: number, at: number): number {
      if (at + length > parts.length) return Infinity;
      for (let i = 0; i < length; i++) parts[at + i] = bytes[from + i]!;
      return at + length;
    },
    gather64(low: number, high: number, at: number): number {
      if (at + 8 > parts.length) return Infinity;
      words.setUint32(at, low, true);
      words.setUint32(at + 4, high, true);
      return at + 8;
    },
  };
}

const jsonReaders = new WeakMap<Kind<unknown>, Map<string, JsonReader | null>>();
const checks = new WeakMap<Kind<unknown>, Map<string, SoundCheck | null>>();

/** The compiled reader that writes a layout's JSON; null where there is none. */
export function jsonReader(
  layout: Kind<unknown>,
  release: number,
  showSecrets: boolean,
): JsonReader | null {
  return known(jsonReaders, layout, `${release} ${showSecrets}`, () => {
    const output = { verified: true, json: true, most: "most", showSecrets };
    const source = sourceOf(layout, release, output);
    const run = source === null
      ? null
      : compiled(source, "b, p, e, o, most") as JsonReader;
    return run && ((bytes, start, end, at, most) => {
      try {
        const to = run(bytes, start, end, at, most);
        return to > json.out.length ? -1 : to;
      } catch (error) {
        // Words that do not fit the buffer.
        if (error instanceof RangeError) return -1;
        throw error;
      }
    });
  });
}

/** The compiled check of a layout; null where there is none. */
export function soundCheck(layout: Kind<unknown>, release: number): SoundCheck | null {
  return known(checks, layout, `${release}`, () => {
    const output = { verified: true, json: false, most: "0", showSecrets: true };
    const source = sourceOf(layout, release, output);
    const run = source === null ? null : compiled(source, "b, p, e, o") as JsonReader;
    return run && ((bytes, start, end) => run(bytes, start, end, 0, 0) >= 0);
  });
}

/** A value to be taken out of a payload. */
export interface Wanted {
  /** Names of fields, outermost first, with dots between; lists are entered by their name. */
  readonly path: string;
  /**
   * Of several, in the items of lists: the first, the sum of the numbers, or all that are not
   * null, as a list. Of a list, how many items it has.
   */
  readonly take: "first" | "sum" | "all" | "count";
}

/** How a {@link ValueReader} goes about what is not wanted. */
export interface ValueOptions {
  /**
   * Passes over parts and lists by their length, even if something wanted follows: then it may
   * find values behind bytes at which the careful reader ends.
   */
  readonly hasty?: boolean;
  /** Judges all else as well: gives values only of what a {@link SoundCheck} passes. */
  readonly judges?: boolean;
}

/**
 * Gives the wanted values of `bytes[start..end)`, each at its place in the list of what is
 * wanted, undefined where the release has no such field, and where no item of a list has it;
 * null where the careful reader has to be asked. What is not wanted is passed over, and judged
 * only where {@link ValueOptions} say so.
 */
export type ValueReader = (
  bytes: Uint8Array,
  start: number,
  end: number,
) => readonly unknown[] | null;

/** The compiled reader of some values of a layout; null where there is none. */
export function valueReader(
  layout: Kind<unknown>,
  release: number,
  wanted: readonly Wanted[],
  { hasty = false, judges = false }: ValueOptions = {},
): ValueReader | null {
  const plain = (path: string) => path.replaceAll("[]", "");
  const paths = new Set<string>();
  for (const { path } of wanted) {
    const names = path.split(".");
    names.forEach((_, i) => {
      const prefix = names.slice(0, i + 1).join(".");
      paths.add(prefix);
      if (i + 1 < names.length) paths.add(`${prefix}.*`);
    });
    paths.add(`${path}#`);
  }
  const source = sourceOf(layout, release, {
    verified: judges,
    json: false,
    hasty,
    most: "0",
    showSecrets: true,
    wants: (path) => paths.has(plain(path)),
    take(path, value, code) {
      const isCount = path.endsWith("#");
      wanted.forEach((one, i) => {
        if (`${one.path}${one.take === "count" ? "#" : ""}` !== plain(path)) return;
        const isInList = path.includes("[]");
        if (isCount || !isInList && one.take !== "all") code.line(`r${i} = ${value};`);
        else if (one.take === "sum") {
          code.line(`r${i} = (r${i} ?? 0) + Number(${value});`);
        } else if (one.take === "all") code.line(`r${i} = added(r${i}, ${value});`);
        else code.line(`if (r${i} === undefined) r${i} = ${value};`);
      });
    },
  });
  if (source === null) return null;
  const results = wanted.map((_, i) => `r${i}`).join(", ");
  const lines = source.lines.map((line) =>
    line === "return o;" ? `return [${results}];` : line
  )
    .map((line) => line.replaceAll("return -1;", "return null;"));
  if (wanted.length > 0) lines.unshift(`let ${results};`);
  return compiled({ ...source, lines }, "b, p, e") as ValueReader | null;
}

/** Readers are made once for each layout, release and use. */
function known<T>(
  cache: WeakMap<Kind<unknown>, Map<string, T | null>>,
  layout: Kind<unknown>,
  key: string,
  make: () => T | null,
): T | null {
  let byKey = cache.get(layout);
  if (byKey === undefined) cache.set(layout, byKey = new Map());
  let found = byKey.get(key);
  if (found === undefined) byKey.set(key, found = make());
  return found;
}

/**
 * The code that reads a layout as one release has it: JavaScript to be read by people too.
 * Null where a kind in it has no plan.
 */
export function sourceOf(
  layout: Kind<unknown>,
  release: number,
  output: Output,
): { readonly constants: readonly string[]; readonly lines: readonly string[] } | null {
  const writer = new ReaderWriter(release, output);
  try {
    writer.layout(layout);
  } catch (error) {
    if (error instanceof NotCompiled) return null;
    throw error;
  }
  const { lines } = writer.code;
  return lines.length > MAX_LINES ? null : { constants: writer.constants, lines };
}

/** Makes a function of code; null where the machine forbids it. */
function compiled(
  { constants, lines }: NonNullable<ReturnType<typeof sourceOf>>,
  args: string,
): CallableFunction | null {
  const text = [...constants, `return function (${args}) {`, ...lines, "};"].join("\n");
  try {
    const make = new Function(...Object.keys(LIBRARY), text);
    return make(...Object.values(LIBRARY)) as CallableFunction;
  } catch (error) {
    if (error instanceof EvalError) return null;
    throw error;
  }
}
