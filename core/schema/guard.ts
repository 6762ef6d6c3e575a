import { Cursor } from "../bytes/cursor.ts";
import type { Command } from "./command.ts";
import { describe, KindFault } from "./fault.ts";
import type { JsonOptions, Kind, ReadContext } from "./kind.ts";
import { walkFields } from "./walk.ts";

/** Time for one PDU after which a reading that still asks for bytes is stopped, ms. */
const LONGEST_MS = 1_000;
/** Time for all PDUs after which a command is not called any more, ms. */
const BUDGET_MS = 10_000;
/** Depth of values from which on they are taken for endless. */
const DEEPEST = 64;

const SHORT: JsonOptions = { maxBytes: 8, showSecrets: false };

/**
 * A command of someone else, made harmless: whatever its kinds do spoils only the PDU they
 * read, and an issue names the command. They read a copy of the PDU; what they throw, values
 * that have no JSON form and loops over the cursor end as `plugin NAME failed: …`. A loop that
 * never touches the cursor cannot be stopped.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { command } from "./command.ts";
 * import { decode } from "./decode.ts";
 * import { u8 } from "./integers.ts";
 * const careless = { ...u8(), read: () => NaN };
 * const { request } = guarded(command({
 *   name: "hello", doc: "Greets.", code: 9, request: { times: careless }, response: {},
 * }));
 * const { issues } = decode(request, new Uint8Array(1), 0);
 * assertEquals(issues[0]?.message, "plugin hello failed: times is NaN");
 * ```
 */
export function guarded<Request, Response>(
  command: Command<Request, Response>,
): Command<Request, Response> {
  const clock = { spent: 0 };
  return Object.freeze({
    ...command,
    request: guardedLayout(command.request, clock),
    response: guardedLayout(command.response, clock),
    prepare: command.prepare === null ? null : guardedLayout(command.prepare, clock),
  });
}

function guardedLayout<T>(layout: Kind<T>, clock: { spent: number }): Kind<T> {
  const floats = holdsFloats(layout);
  return {
    ...layout,
    read(cursor, context, scope, outer) {
      if (clock.spent > BUDGET_MS) {
        throw new KindFault(
          `it took ${seconds(clock.spent)} s and is not called any more`,
          cursor.offset,
        );
      }
      const start = cursor.offset;
      const started = performance.now();
      const own = new WatchedCursor(cursor, started + LONGEST_MS);
      let value: T;
      try {
        value = layout.read(own, context, scope, outer);
      } finally {
        clock.spent += performance.now() - started;
        tellSlow(context, performance.now() - started, start);
      }
      if (!(own.offset >= start && own.offset <= cursor.limit)) {
        throw new KindFault(`it left the cursor at ${own.offset}`, start);
      }
      const odd = oddity(value, floats) ?? oddJson(layout, value);
      if (odd !== null) throw new KindFault(odd, start);
      cursor.offset = own.offset;
      return value;
    },
    json: layout.json && ((value, options) => {
      try {
        return layout.json!(value, options);
      } catch {
        // What failed on the way was told when it was read.
        return null;
      }
    }),
  };
}

function tellSlow(context: ReadContext, took: number, offset: number): void {
  if (took < LONGEST_MS) return;
  context.note("undecoded", `its plugin took ${seconds(took)} s to read it`, offset);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

/** A cursor over a copy of the bytes that stops a loop when its time is over. */
class WatchedCursor extends Cursor {
  readonly #deadline: number;
  #asked = 0;

  constructor({ bytes, offset, limit }: Cursor, deadline: number) {
    super(bytes.slice(), offset, limit);
    this.#deadline = deadline;
  }

  override get remaining(): number {
    this.#watch();
    return super.remaining;
  }

  override u8(): number {
    this.#watch();
    return super.u8();
  }

  override take(length: number): Uint8Array {
    this.#watch();
    return super.take(length);
  }

  #watch(): void {
    if (++this.#asked % 4096 === 0 && performance.now() > this.#deadline) {
      throw new KindFault("it did not finish", this.offset);
    }
  }
}

function holdsFloats(layout: Kind<unknown>): boolean {
  let found = false;
  walkFields(layout, "", ({ kind }) => {
    found ||= kind.type === "float" || kind.type === "double" || kind.cases !== undefined;
  });
  return found;
}

/** What is wrong with a value as a plugin gave it, or null. */
function oddity(value: unknown, floats: boolean, path = "", depth = 0): string | null {
  const name = path === "" ? "what it read" : path;
  if (depth > DEEPEST) return `${name} has no end`;
  if (value === undefined) return `${name} is undefined`;
  if (typeof value === "function" || typeof value === "symbol") {
    return `${name} is a ${typeof value}`;
  }
  if (typeof value === "number" && !floats && !Number.isFinite(value)) {
    return `${name} is ${value}`;
  }
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) {
    return null;
  }
  const entries = Array.isArray(value)
    ? value.map((item, i) => [`${path}[${i}]`, item] as const)
    : Object.entries(value).map(([key, item]) =>
      [path === "" ? key : `${path}.${key}`, item] as const
    );
  for (const [where, item] of entries) {
    const odd = oddity(item, floats, where, depth + 1);
    if (odd !== null) return odd;
  }
  return null;
}

/** What is wrong with a value's JSON form, or null. */
function oddJson<T>(layout: Kind<T>, value: T): string | null {
  try {
    JSON.stringify(layout.json === undefined ? value : layout.json(value, SHORT));
    return null;
  } catch (error) {
    return `a value has no JSON form: ${describe(error)}`;
  }
}
