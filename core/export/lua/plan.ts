import {
  isIn,
  type Kind,
  type LuaArg,
  type LuaCheck,
  type LuaForm,
  type LuaReader,
} from "../../schema/mod.ts";

/** A field of a structure with its wire form in one release. */
export interface PlanField {
  readonly name: string;
  readonly kind: Kind<unknown>;
  readonly reader: LuaReader;
  /** A name that begins with "_" takes its bytes and is not shown. */
  readonly shown: boolean;
  /** What its structure checks of it once it is read. */
  readonly check: LuaCheck | null;
}

/** What the rest of a structure needs of one of its fields. */
export interface Needs {
  /** Its value as a Lua number, or the name of an enumeration's. */
  readonly values: ReadonlySet<string>;
  /** Where its bytes are. */
  readonly places: ReadonlySet<string>;
}

/** A structure in one release: its fields, and what stands between them. */
export interface Plan extends Needs {
  readonly fields: readonly PlanField[];
  /** Fields of the structure around it that its own are made of. */
  readonly outer: readonly string[];
}

/** Lists inside a structure of which a check needs more than their number. */
export interface Collected {
  /** The list. */
  readonly list: string;
  /** Fields of each item whose sum is kept, item by item. */
  readonly sums?: { readonly names: readonly string[]; readonly fixed: number };
  /** The field of each item that is kept. */
  readonly each?: string;
  /** The list inside of each item whose items are counted over all. */
  readonly count?: string;
  /** Fields of each item that its part further back on the wire refers to. */
  readonly parts?: readonly string[];
}

/** The form of a reader that a release has. */
export function inRelease(reader: LuaReader, release: number): LuaReader {
  if (reader.maker !== "by_release") return reader;
  const forms = reader.args[0] as readonly LuaForm[];
  const fits = forms.find(({ from, to }) => from <= release && release <= to);
  return inRelease((fits ?? forms[forms.length - 1]!).reader, release);
}

function checkIn(check: LuaCheck | undefined, release: number): LuaCheck | null {
  if (check === undefined) return null;
  if (check[0] !== "by_release") return check;
  for (const form of check.slice(1)) {
    if (typeof form !== "object" || !("check" in form)) continue;
    if (form.from <= release && release <= form.to) return checkIn(form.check, release);
  }
  return null;
}

/** The plan of a structure's fields as one release has them. */
export function planOf(
  fields: readonly (readonly [string, Kind<unknown>])[],
  release: number,
  readerOf: (name: string, kind: Kind<unknown>) => LuaReader,
): Plan {
  const present = fields.filter(([, kind]) => isIn(kind, release)).map((
    [name, kind],
  ) => ({
    name,
    kind,
    reader: inRelease(readerOf(name, kind), release),
    shown: !name.startsWith("_"),
    check: name.startsWith("_") ? null : checkIn(kind.luaVerify, release),
  }));
  const values = new Set<string>();
  const places = new Set<string>();
  const outer = new Set<string>();
  const scan = (reader: LuaReader): void => {
    const { maker, args } = inRelease(reader, release);
    const names = args.filter((arg) => typeof arg === "string");
    if (maker === "structure") {
      const inner = planOf(reader.fields!, release, readerOf);
      inner.outer.forEach((name) => places.add(name));
      return;
    }
    if (maker === "sum_of") {
      outer.add(names[0]!);
      names.slice(1).forEach((name) => values.add(name));
    } else if (REFERS.has(maker)) values.add(names[0]!);
    else if (maker === "call") names.slice(1).forEach((name) => places.add(name));
    if (maker === "list") names.forEach((name) => values.add(name));
    args.flatMap(readersIn).forEach(scan);
  };
  present.forEach(({ reader, kind }) => {
    scan(reader);
    if (kind.onlyIf !== undefined) values.add(kind.onlyIf.field);
  });
  for (const { name, check } of present) {
    if (check === null) continue;
    places.add(name);
    if (check[0] === "id_unless_zero") values.add(check[2] as string);
    else if (check[0] === "count_of") values.add(name);
    else if (!OWN_CHECKS.has(check[0])) {
      check.slice(1).forEach((other) => places.add(other as string));
    }
  }
  return { fields: present, values, places, outer: [...outer] };
}

/** Forms whose first name is a field beside them. */
const REFERS = new Set([
  "list_of_count",
  "sized_by",
  "bytes_of",
  "by_tag",
  "by_tag_structures",
  "or_zeros",
  "secret_if",
]);
/** Checks that need nothing of the fields beside, or are made by the writer itself. */
const OWN_CHECKS = new Set(["crc32", "not_crc32", "ends_of"]);

/** The readers that a form is made with. */
export function readersIn(arg: LuaArg): LuaReader[] {
  if (typeof arg !== "object") return [];
  if (Array.isArray(arg)) return (arg as readonly LuaForm[]).map(({ reader }) => reader);
  if ("maker" in arg) return [arg as LuaReader];
  return Object.values(arg).filter((each) => typeof each === "object");
}

/** The fields that a form refers to, its inner forms included. */
function referred({ maker, args }: LuaReader): string[] {
  const own = REFERS.has(maker) ? args.filter((arg) => typeof arg === "string") : [];
  return [...own.slice(0, 1), ...args.flatMap(readersIn).flatMap(referred)];
}

/** What a structure needs of its lists' items once they are read. */
export function collectedBy(plan: Plan): Map<string, Collected> {
  const found = new Map<string, Collected>();
  for (const { name, check } of plan.fields) {
    if (check?.[0] === "count_of") {
      for (const [list, inner] of check[1] as readonly string[][]) {
        found.set(list!, { list: list!, count: inner! });
      }
    } else if (check?.[0] === "ends_of") {
      const [, field, items, fixed, names] = check;
      found.set(name, { list: name, each: field as string });
      found.set(items as string, {
        list: items as string,
        sums: { names: names as string[], fixed: fixed as number },
      });
    }
  }
  for (const { reader: { maker, args } } of plan.fields) {
    if (maker !== "placed_each") continue;
    const [list, , part, head] = args as readonly [string, string, LuaReader, LuaArg?];
    const stated = Object.keys(head ?? {});
    const parts = referred(part).filter((name) => !stated.includes(name));
    found.set(list, { ...found.get(list), list, parts });
  }
  return found;
}
