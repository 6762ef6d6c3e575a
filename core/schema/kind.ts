import type { Cursor } from "../bytes/cursor.ts";
import type { Writer } from "../bytes/writer.ts";
import { LATEST, NEWEST_OR_LATER } from "./releases.ts";
import type { IssueGroup, Severity } from "../issue.ts";

/** The values of one structure, by wire name, in wire order. */
export type Fields = Record<string, unknown>;

/** What JSON can hold; records printed as NDJSON are made of it. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | JsonValue[]
  | { [name: string]: JsonValue };

/** How values are turned into JSON and text. */
export interface JsonOptions {
  /** Bytes shown of a bytes value before it is cut. */
  maxBytes: number;
  /** Show passwords and tokens instead of "[redacted N bytes]". */
  showSecrets: boolean;
}

/** What a display filter may ask of a field, and how Wireshark stores it. */
export type FieldType =
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "uint128"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "int128"
  | "float"
  | "double"
  | "boolean"
  | "string"
  | "bytes"
  | "group";

/** What a number measures; text output shows it in human units beside the raw value. */
export type Unit = "timestamp_us" | "duration_us" | "bytes" | "percent";

/** A finding while reading fields; the PDU's packet is added later. */
export interface FieldIssue {
  severity: Severity;
  group: IssueGroup;
  message: string;
  offset: number;
  /** The field it is about while its reading goes on, with those around it. */
  field?: string;
}

/** Says of which field of a structure, or item of a list, the findings from `since` on are. */
export function nameField(
  context: ReadContext,
  since: number,
  name: string,
): void {
  const { issues } = context;
  for (let i = since; i < issues.length; i++) {
    const found = issues[i]!;
    if (found.group === "malformed") found.field = fieldPath(name, found.field);
  }
}

/** The path of a field inside another. */
export function fieldPath(name: string, inside: string | null | undefined): string {
  // Hidden fields take bytes without a name of their own.
  const own = name.startsWith("_") ? name.slice(1) : name;
  return inside === null || inside === undefined ? own : `${own}.${inside}`;
}

/** One decoded field with the bytes it was read from; a node of the field tree. */
export interface FieldNode {
  name: string;
  kind: Kind<unknown>;
  value: unknown;
  /** Bytes from the start of the PDU. */
  offset: number;
  /** Length in bytes, length prefixes included; 0 for generated fields. */
  length: number;
  children: FieldNode[];
}

/** What a reading of one PDU carries along. */
export class ReadContext {
  /** The release whose layout is read, as of `releases.ts`. */
  readonly release: number;
  readonly issues: FieldIssue[] = [];
  /** Counts what speaks against this layout: 0 means that the bytes fit the release. */
  problems = 0;
  /** Limits of the parts around the one being read, innermost last. */
  readonly limits: number[] = [];
  /** The node that fields are added to, or null where no tree is wanted. */
  node: FieldNode | null = null;
  /** The node of the structure around the field being read. */
  around: FieldNode | null = null;

  constructor(release: number, root: FieldNode | null = null) {
    this.release = release;
    this.node = root;
  }

  /** Reports a finding that also speaks against this layout. */
  problem(group: IssueGroup, message: string, offset: number): void {
    this.problems++;
    this.issues.push({ severity: "warn", group, message, offset });
  }

  /**
   * Reports bytes behind the last field of a payload or part. A release to come may have added
   * them, unless something tells that the release is an older one.
   */
  leftOver(count: number, offset: number, known: string): void {
    const newer = `${count} bytes after the last field: newer than this program knows`;
    if (this.release === LATEST) this.note("undecoded", newer, offset);
    else if (this.release === NEWEST_OR_LATER) {
      this.problem("undecoded", `${newer}, or malformed`, offset);
    } else this.problem("malformed", `${count} ${known}`, offset);
  }

  /** Counts what speaks against this layout where it is nothing to report: other clients differ. */
  doubt(): void {
    this.problems++;
  }

  /** Reports a fault that says nothing against the layout: a wrong checksum. */
  warn(group: IssueGroup, message: string, offset: number): void {
    this.issues.push({ severity: "warn", group, message, offset });
  }

  /** Reports a finding that leaves the layout in no doubt. */
  note(group: IssueGroup, message: string, offset: number): void {
    this.issues.push({ severity: "note", group, message, offset });
  }
}

/** A source of choices for samples; tests drive it from fast-check. */
export interface Random {
  /** A whole number from 0 to `below - 1`. */
  below(below: number): number;
}

/** Choices for a sample of one release. */
export interface SampleContext {
  readonly random: Random;
  readonly release: number;
}

/** Bytes that a field beside this one takes, or one item of a list there. */
export type Measure = (name: string, item?: unknown) => number;

/**
 * A field kind: one idea of the wire with all its faces. Kinds are plain values, so marks such
 * as `since` or `secret` make a new kind by spreading an old one; one that reads otherwise
 * spreads its {@link basisOf}.
 */
export interface Kind<T> {
  /** How filters and Wireshark see the value. */
  readonly type: FieldType;
  /** The wire form in words, for `fields` and the docs: `u32`, `u8 length, UTF-8`. */
  readonly wire: string;
  /** What the field means. */
  readonly doc: string;
  readonly unit?: Unit;
  /** Names of an enum's numbers. */
  readonly names?: ReadonlyMap<number, string>;
  /** Fewest bytes one value takes, so that counts are checked before a loop. */
  readonly minSize: number;
  /** Not to be shown without `--show-secrets`. */
  readonly secret?: boolean;
  /** The value differs from run to run of the same work: an id drawn, a place in a log. */
  readonly volatile?: boolean;
  /** The order of a list's items says nothing: it is the map of a server or client. */
  readonly unordered?: boolean;
  /** Bytes of the length that a value begins with; they are no part of a secret. */
  readonly prefix?: number;
  /** Its value is a secret where another field has one of these values. */
  readonly secretIf?: { readonly field: string; readonly values: readonly unknown[] };
  /** The field is computed from others and takes no bytes of its own. */
  readonly generated?: boolean;
  /** Its path leaves out the name of the structure around it. */
  readonly hoisted?: boolean;
  /** The value may be null. */
  readonly nullable?: true;
  /** The value may be bytes where it cannot be read as what it is. */
  readonly orBytes?: true;
  /** First and last release that has the field. */
  readonly from?: number;
  readonly to?: number;
  /**
   * Of a structure's field: it is only there where another one has one of these values, or any
   * where there is no list.
   */
  readonly onlyIf?: {
    readonly field: string;
    readonly values: readonly unknown[] | null;
  };
  /** It may read as undefined: the field is left out then. */
  readonly mayLack?: true;
  /** Of a structure's field: it is only there where bytes are left. */
  readonly ifLeft?: true;
  /** Releases from which the same bytes are judged differently. */
  readonly changesAt?: readonly number[];
  /** The command whose layout it is. */
  readonly owner?: string;
  /** The parts of a structure, for walks over schemas. */
  readonly fields?: readonly (readonly [string, Kind<unknown>])[];
  /** What a list, an option or a sized part holds, for walks over schemas. */
  readonly inner?: Kind<unknown>;
  /** The forms of a field that differ by release, for walks over schemas. */
  readonly forms?: readonly Kind<unknown>[];
  /** The kinds of a value by its tag: a name in `tagField` beside it, or a byte of its own. */
  readonly cases?: Readonly<Record<string, Kind<unknown>>>;
  readonly tagField?: string;

  /**
   * Reads one value. `scope` holds the fields of the same structure read before, `outer` those
   * of the structure around it. Throws `Malformed` where the bytes end too early.
   */
  read(cursor: Cursor, context: ReadContext, scope: Fields, outer: Fields): T;
  /** Writes one value; throws `TypeError` or `RangeError` on a value that has no wire form. */
  write(writer: Writer, value: T, release: number, scope: Fields): void;
  /** The value as JSON; left out where it already is. */
  json?(value: T, options: JsonOptions): JsonValue;
  /** A value that the wire can carry and that reads back as itself. */
  sample(context: SampleContext, scope: Fields): T;
  /** The value that the fields beside it imply, such as a length; used where none is given. */
  derive?(scope: Fields, measure: Measure): T;
  /**
   * What the Lua export reads as `read` does; a kind without it cannot be exported.
   */
  lua?(scope: LuaScope): LuaReader;
  /** Checks a value against the bytes of its structure from `start` to `end`. */
  verify?(
    value: T,
    bytes: Uint8Array,
    start: number,
    end: number,
    scope: Fields,
    context: ReadContext,
    offset: number,
  ): void;
  /**
   * The value that the bytes of its structure, from `start` on, imply where the field is a
   * checksum; null where some are lost.
   */
  seal?(bytes: Uint8Array, start: number, place: SealPlace): T | null;
  /** The text is the protocol's own, such as a version: it names nobody and nothing. */
  readonly open?: boolean;
  /**
   * What `verify` finds that speaks against a layout, as a check of the Lua runtime with its
   * further arguments; left out where it finds nothing of that sort.
   */
  readonly luaVerify?: LuaCheck;
}

/** Where a checksum stands. */
export interface SealPlace {
  /** The end of its structure, and its own place, in bytes of the PDU. */
  readonly end: number;
  readonly offset: number;
  /** The fields of its structure. */
  readonly scope: Fields;
  /** The release whose layout it is read by. */
  readonly release: number;
}

/** How a value stands on the wire, in words that the Lua export makes code of. */
export interface LuaReader {
  /** Name of the wire form: `u32`, `optional`; made by {@link LuaScope.make}. */
  readonly maker: string;
  readonly args: readonly LuaArg[];
  /** The fields of a structure, in wire order. */
  readonly fields?: readonly (readonly [string, Kind<unknown>])[];
}

/** What a wire form is made with: other readers, names of fields beside it, numbers. */
export type LuaArg =
  | string
  | number
  | LuaReader
  | readonly LuaForm[]
  | Readonly<Record<string, LuaReader | string>>;

/** One of several readers, for a range of releases. */
export interface LuaForm {
  readonly from: number;
  readonly to: number;
  readonly reader: LuaReader;
}

/** A check of the export, by its name, with what it is made with. */
export type LuaCheck = readonly [check: string, ...args: LuaCheckArg[]];

/** Numbers and names, lists of them, and checks by release. */
export type LuaCheckArg =
  | string
  | number
  | readonly LuaCheckArg[]
  | { readonly from: number; readonly to: number; readonly check: LuaCheck };

/** What the kinds of a Wireshark export are given, to write their Lua with. */
export interface LuaScope {
  /** The reader of a kind inside this one. */
  reader(kind: Kind<unknown>): LuaReader;
  /**
   * A reader by the name of its wire form: `make("optional", inner, 4)`. The form `call` asks
   * a function `R.<name>` of a framing's own Lua: `make("call", "name", "field beside it")`.
   */
  make(maker: string, ...args: readonly LuaArg[]): LuaReader;
  /** The reader of a structure: one Lua function for all structures that are alike. */
  structure(
    fields: readonly (readonly [string, Kind<unknown>])[],
    doc: string,
  ): LuaReader;
}

/** A Lua literal of a number, a bigint or a text. */
export function luaLiteral(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** The TypeScript type of what a kind, or the fields of a command, read. */
export type Infer<K> = K extends Kind<infer T> ? T
  : K extends Shape ? InferShape<K>
  : never;

/** Fields by wire name, in wire order. */
export type Shape = Record<string, Kind<unknown>>;

/** A field that a value may lack: only some releases have it, or it is generated. */
export interface Versioned {
  readonly optional: true;
}

type OptionalKeys<S extends Shape> = {
  [K in keyof S]: S[K] extends Versioned ? K : never;
}[keyof S];

/**
 * The type of a structure; fields marked `since` or `upTo` are optional, those whose name
 * begins with "_" have no value.
 */
export type InferShape<S extends Shape> =
  & { [K in Exclude<keyof S, OptionalKeys<S> | `_${string}`>]: Infer<S[K]> }
  & { [K in OptionalKeys<S>]?: Infer<S[K]> };

/**
 * A kind whose values differ from run to run of the same work, so that comparisons of two
 * captures leave them out unless asked. Moments, durations and secrets are left out anyway.
 */
export function volatile<T>(kind: Kind<T>): Kind<T> {
  return { ...kind, volatile: true };
}

/** A list whose order says nothing, so that comparisons of two captures disregard it. */
export function unordered<T>(kind: Kind<T>): Kind<T> {
  return { ...kind, unordered: true };
}

/** A text that is the protocol's own, so that `anonymize` leaves it as it is. */
export function open<T>(kind: Kind<T>): Kind<T> {
  return { ...kind, open: true };
}

/** What holds for one way of reading bytes, and for no other. */
type ReadingFaces = "read" | "lua" | "verify" | "luaVerify" | "seal";

/** See {@link basisOf}. */
export type Basis<T> = Omit<Kind<T>, ReadingFaces>;

/**
 * What a kind that reads in another way takes over of this one: all but `read` and what only
 * holds for that, so that a new kind says it anew or has none. What the compiler knows goes by
 * `read` itself.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { u8, u16 } from "./integers.ts";
 * const wide: Kind<number> = { ...basisOf(u8("Size.")), read: u16().read, minSize: 2 };
 * assertEquals([wide.doc, wide.lua], ["Size.", undefined]);
 * ```
 */
export function basisOf<T>(kind: Kind<T>): Basis<T> {
  const {
    read: _read,
    lua: _lua,
    verify: _verify,
    luaVerify: _luaVerify,
    seal: _seal,
    ...basis
  } = kind;
  return basis;
}
