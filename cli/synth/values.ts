import { nearest } from "../../core/filter/suggest.ts";
import { type Fields, isIn, type Kind, type Random } from "../../core/schema/mod.ts";
import { type Path, shown } from "./document.ts";

/** A value that does not fit its field, with the place it is at. */
export class UnfitValue extends Error {
  readonly path: Path;

  constructor(path: Path, message: string) {
    super(message);
    this.path = path;
  }
}

/** What values are made with. */
export interface ValueContext {
  readonly random: Random;
  readonly release: number;
}

/**
 * The value of a kind, of JSON as records show it: fields that are left out are drawn, and
 * lengths, counts and the like follow from the others. Bytes are a text, `{hex}`, as records
 * have them, or `{repeat, times}`; a list may be `{times, of}`. Throws {@link UnfitValue}.
 */
export function valueOf(
  kind: Kind<unknown>,
  given: unknown,
  context: ValueContext,
  path: Path,
  scope: Fields = {},
): unknown {
  const { release } = context;
  const form = kind.forms?.find((each) => isIn(each, release));
  if (form !== undefined) return valueOf(form, given, context, path, scope);
  if (given === undefined) return kind.sample(context, scope);
  if (given === null) return null;
  const tagged = kind.tagField === undefined
    ? undefined
    : kind.cases?.[String(scope[kind.tagField])];
  if (tagged !== undefined) return valueOf(tagged, given, context, path, scope);
  const items = repeated(given, path);
  if (items !== null && kind.inner !== undefined) {
    const { inner } = kind;
    return items.map((item, i) => valueOf(inner, item, context, [...path, i], scope));
  }
  if (kind.fields !== undefined && kind.inner === undefined) {
    if (isObject(given)) return fieldsOf(kind, given, context, path);
    throw new UnfitValue(path, `expected fields, not ${shown(given)}`);
  }
  if (kind.inner !== undefined) return valueOf(kind.inner, given, context, path, scope);
  const bytes = kind.type === "bytes" ? bytesOf(given) : null;
  if (bytes !== null) return bytes;
  const sample = kind.sample(context, scope);
  if (sample instanceof Uint8Array) {
    const message = `expected a text, {hex} or {repeat, times}, not ${shown(given)}`;
    throw new UnfitValue(path, message);
  }
  return leafOf(kind, given, sample, path);
}

/** A value without fields, which has to be such as the drawn one is. */
function leafOf(
  kind: Kind<unknown>,
  given: unknown,
  sample: unknown,
  path: Path,
): unknown {
  // A number or a name, and the like: writing it tells whether it has one of the forms.
  if (kind.cases !== undefined && typeof sample !== "bigint") return given;
  const [, sign, bits] = /^(u?)int(\d+)$/.exec(kind.type) ?? [];
  if (typeof sample === "bigint" || typeof sample === "number" && bits !== undefined) {
    const value = wholeOf(given, path);
    const most = 1n << BigInt(Number(bits ?? 128) - (sign === "u" ? 0 : 1));
    if (value >= (sign === "u" ? 0n : -most) && value < most) {
      return typeof sample === "bigint" ? value : Number(value);
    }
    throw new UnfitValue(path, `${given} does not fit ${bits} bits`);
  }
  const isNumberOfName = typeof given === "number" && kind.names !== undefined;
  if (typeof sample !== typeof given && !isNumberOfName && !isOpen(sample)) {
    throw new UnfitValue(path, `expected ${WANTED[typeof sample]}, not ${shown(given)}`);
  }
  return given;
}

/** What a value of another type may stand for. */
const isOpen = (sample: unknown) => !Object.hasOwn(WANTED, typeof sample);

const WANTED: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
};

/** The fields of a structure, those that are left out drawn or derived. */
function fieldsOf(
  kind: Kind<unknown>,
  given: Record<string, unknown>,
  context: ValueContext,
  path: Path,
): Fields {
  const fields = kind.fields!.filter(([name, each]) =>
    !name.startsWith("_") && !each.generated && isIn(each, context.release)
  );
  const values: Fields = {};
  for (const name of Object.keys(given)) {
    if (kind.fields!.some(([field]) => field === name)) continue;
    const names = fields.map(([field]) => field);
    const near = nearest(name, names);
    const hint = near === null
      ? `known are ${names.join(", ") || "none"}`
      : `did you mean ${near}?`;
    throw new UnfitValue([...path, name], `no field "${name}"; ${hint}`);
  }
  for (const [name, each] of fields) {
    if (given[name] === undefined && each.derive !== undefined) continue;
    values[name] = valueOf(each, given[name], context, [...path, name], values);
  }
  return values;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const MAX_ITEMS = 1_000_000, MAX_BYTES = 64 << 20;

/** The items of a list, also of `{times, of}`; null where it is no list. */
function repeated(given: unknown, path: Path): unknown[] | null {
  if (Array.isArray(given)) return given;
  if (!isObject(given) || !("of" in given)) return null;
  const times = Number(given.times);
  if (times >= 0 && times <= MAX_ITEMS) {
    return Array.from({ length: times }, () => given.of);
  }
  throw new UnfitValue([...path, "times"], `expected 0 to ${MAX_ITEMS} items`);
}

function bytesOf(given: unknown): Uint8Array | null {
  if (typeof given === "string") return new TextEncoder().encode(given);
  if (!isObject(given)) return null;
  const { hex, length, repeat, times } = given;
  if (typeof hex === "string" && /^([0-9a-f]{2})*$/.test(hex)) {
    const start = Uint8Array.fromHex(hex);
    const bytes = new Uint8Array(Math.min(MAX_BYTES, Number(length ?? start.length)));
    bytes.set(start.subarray(0, bytes.length));
    return bytes;
  }
  if (typeof repeat !== "string" || repeat === "") return null;
  const unit = new TextEncoder().encode(repeat);
  const total = unit.length * Number(times ?? 1);
  if (!(total <= MAX_BYTES)) return null;
  return Uint8Array.from({ length: total }, (_, i) => unit[i % unit.length]!);
}

function wholeOf(given: unknown, path: Path): bigint {
  if (typeof given === "number" && Number.isSafeInteger(given)) return BigInt(given);
  if (typeof given === "string" && /^-?\d{1,39}$/.test(given)) return BigInt(given);
  throw new UnfitValue(path, `expected a whole number, not ${shown(given)}`);
}
