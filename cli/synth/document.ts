import process from "node:process";
import { LineCounter, parseDocument } from "yaml";
import { nearest } from "../../core/filter/suggest.ts";
import { UsageError } from "../command.ts";

/** A place in a document: keys and indexes from its top. */
export type Path = readonly (string | number)[];

/** What a scenario is read of, which knows where its values stand. */
export interface ScenarioSource {
  readonly name: string;
  readonly value: unknown;
  /** The error to throw about the value at a place. */
  fault(path: Path, message: string): UsageError;
}

/** A YAML or JSON text whose errors are told with line and column. */
export class ScenarioDocument implements ScenarioSource {
  readonly name: string;
  readonly value: unknown;
  readonly #document: ReturnType<typeof parseDocument>;
  readonly #lines = new LineCounter();

  /** Throws {@link UsageError} where the text is not YAML; JSON is. */
  constructor(name: string, text: string) {
    this.name = name;
    this.#document = parsed(text, this.#lines);
    const [error] = this.#document.errors;
    if (error !== undefined) throw this.#fault(error.pos[0], error.message);
    try {
      this.value = this.#document.toJS({ maxAliasCount: 100 });
      JSON.stringify(this.value); // Throws where a value holds itself.
    } catch {
      throw this.#fault(0, "an alias names nothing, too much, or what holds it");
    }
  }

  /** The {@link UsageError} to throw about the value at a place. */
  fault(path: Path, message: string): UsageError {
    for (let length = path.length; length >= 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true);
      const range = (node as { range?: readonly number[] } | null)?.range;
      if (range) return this.#fault(range[0]!, message);
    }
    return this.#fault(0, message);
  }

  #fault(offset: number, message: string): UsageError {
    const { line, col } = this.#lines.linePos(offset);
    return new UsageError(`${this.name}:${line || 1}:${col || 1}: ${message}`);
  }
}

/**
 * The parser asks the environment whether to log its tokens, which would need a permission: it
 * is shown an empty environment.
 */
function parsed(text: string, lineCounter: LineCounter) {
  const { env } = process;
  process.env = {};
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false });
  } finally {
    process.env = env;
  }
}

/** Reads the value at a place as what it should be; throws {@link UsageError} otherwise. */
export type Reader<T> = (value: unknown, path: Path, document: ScenarioSource) => T;

/** Readers of an object's values, by key; what is left out is undefined. */
export type Readers = Readonly<Record<string, Reader<unknown>>>;

/** What {@link object} gives. */
export type ReadObject<R extends Readers> = {
  [Key in keyof R]?: R[Key] extends Reader<infer T> ? T : never;
};

/** An object with no other keys than those of `readers`. */
export function object<R extends Readers>(readers: R): Reader<ReadObject<R>> {
  return (value, path, document) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw document.fault(
        path,
        `expected keys and values, such as ${Object.keys(readers)[0]}:`,
      );
    }
    const read: Record<string, unknown> = {};
    for (const [key, inner] of Object.entries(value)) {
      const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
      if (reader === undefined) {
        const near = nearest(key, Object.keys(readers));
        const hint = near === null
          ? `known are ${Object.keys(readers).join(", ")}`
          : `did you mean ${near}?`;
        throw document.fault([...path, key], `unknown key "${key}"; ${hint}`);
      }
      read[key] = reader(inner, [...path, key], document);
    }
    return read as ReadObject<R>;
  };
}

/** A list of one thing. */
export function list<T>(item: Reader<T>): Reader<T[]> {
  return (value, path, document) => {
    if (!Array.isArray(value)) throw document.fault(path, "expected a list");
    return value.map((entry, i) => item(entry, [...path, i], document));
  };
}

/** One of some words. */
export function choice<const T extends string>(...words: readonly T[]): Reader<T> {
  return (value, path, document) => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw document.fault(
      path,
      `expected one of ${words.join(", ")}, not ${shown(value)}`,
    );
  };
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number): Reader<number> {
  return (value, path, document) => {
    const fits = Number.isSafeInteger(value) && Number(value) >= least &&
      Number(value) <= most;
    if (fits) return Number(value);
    throw document.fault(
      path,
      `expected a whole number from ${least} to ${most}, not ${shown(value)}`,
    );
  };
}

/** True or false. */
export const flag: Reader<boolean> = (value, path, document) => {
  if (typeof value === "boolean") return value;
  throw document.fault(path, `expected true or false, not ${shown(value)}`);
};

/** Any text. */
export const text: Reader<string> = (value, path, document) => {
  if (typeof value === "string") return value;
  throw document.fault(path, `expected a text, not ${shown(value)}`);
};

/** Anything; read later, when it is known what it is for. */
export const anything: Reader<unknown> = (value) => value;

/** A chance as a number from 0 to 1 or a percentage: `0.01`, `1%`. */
export const chance: Reader<number> = (value, path, document) => {
  const match = typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value) : null;
  const number = match === null ? value : Number(match[1]) / 100;
  if (typeof number === "number" && number >= 0 && number <= 1) return number;
  throw document.fault(
    path,
    `expected a chance from 0 to 1, or such as 1%, not ${shown(value)}`,
  );
};

const NANOS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  "µs": 1e3,
  ms: 1e6,
  s: 1e9,
};
const BYTES: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Longest duration: a day. */
const MAX_NANOS = 86_400e9;

/** A duration, such as `5ms`, in nanoseconds. */
export const duration: Reader<number> = (value, path, document) => {
  const match = /^(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s)$/.exec(String(value));
  const nanos = value === 0
    ? 0
    : match === null
    ? NaN
    : Number(match[1]) * NANOS[match[2]!]!;
  if (nanos <= MAX_NANOS) return Math.round(nanos);
  throw document.fault(
    path,
    `expected a time such as 5ms, at most a day, not ${shown(value)}`,
  );
};

/** A number of bytes, such as `64KiB` or `10GB`. */
export const size: Reader<number> = (value, path, document) => {
  const match = /^(\d+(?:\.\d+)?)\s*([kMG]?B|[KMG]iB|)$/.exec(String(value));
  const bytes = match === null ? NaN : Math.round(Number(match[1]) * BYTES[match[2]!]!);
  if (bytes >= 0 && bytes <= Number.MAX_SAFE_INTEGER) return bytes;
  throw document.fault(
    path,
    `expected a size such as 64KiB or 1000, not ${shown(value)}`,
  );
};

/** A time with date and zone, in seconds since the epoch. */
export const instant: Reader<number> = (value, path, document) => {
  const millis = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(String(value))
    ? Date.parse(String(value))
    : NaN;
  if (millis >= 0) return millis / 1000;
  throw document.fault(
    path,
    `expected a time such as 2026-05-04T12:00:00Z, not ${shown(value)}`,
  );
};

/** A value as JSON, cut where it is long. */
export function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 60)}…` : json;
}
