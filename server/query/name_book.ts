import type { Transaction } from "../../core/dissect/transaction.ts";
import type { Fields } from "../../core/schema/mod.ts";

/** Names kept; streams and topics beyond are called by their ids. */
const MAX_NAMES = 20_000;
/** Commands whose answers tell ids together with names. */
const TELLING = /^(create|get)_(stream|streams|topic|topics)$/;

/** What each command's answers tell of; null for most. */
const told = new Map<string, string | null>();

function tellingOf(command: string): string | null {
  let what = told.get(command);
  if (what === undefined) {
    what = TELLING.exec(command)?.[2] ?? null;
    told.set(command, what);
  }
  return what;
}

/**
 * The names of streams and topics that requests call by number, as answers tell them: `0` is
 * `orders`, and topic `0` of that is `orders/eu`.
 */
export class NameBook {
  readonly #names = new Map<string, string | null>();

  /** Learns from an answer that lists streams or topics. */
  learn({ command, request, response }: Transaction): void {
    if (command === null || response === null || response.isEmpty) return;
    const what = tellingOf(command.name);
    if (what === null) return;
    const fields = response.decoded?.fields as Fields | undefined;
    if (fields === undefined) return;
    if (what.startsWith("stream")) {
      for (const stream of partsOf(fields, "streams")) {
        const name = this.#note("", stream);
        if (name === null) continue;
        for (const topic of listOf(stream.topics)) this.#note(`${name}/`, topic);
      }
      return;
    }
    const asked = request?.decoded?.fields as Fields | undefined;
    const stream = asked?.stream_id;
    if (typeof stream !== "string" && typeof stream !== "number") return;
    const name = this.streamOf(String(stream));
    for (const topic of partsOf(fields, "topics")) this.#note(`${name}/`, topic);
  }

  /** The name of `0`, a stream, or `orders/0`, a topic of one; undefined where none is known. */
  nameOf(key: string): string | undefined {
    return this.#names.get(key) ?? undefined;
  }

  /** The name of a stream that is called by name or number. */
  streamOf(stream: string): string {
    return this.#names.get(stream) ?? stream;
  }

  /** All that are known: ids to names. Ids that were of several are left out. */
  finish(): Record<string, string> {
    const known = [...this.#names].filter((entry): entry is [string, string] =>
      entry[1] !== null
    );
    return Object.fromEntries(known.sort(([a], [b]) => a < b ? -1 : 1));
  }

  #note(prefix: string, { id, name }: Fields): string | null {
    if (typeof id !== "number" || typeof name !== "string" || name === "") return null;
    const key = `${prefix}${id}`, full = `${prefix}${name}`;
    const known = this.#names.get(key);
    if (known === undefined && this.#names.size >= MAX_NAMES) return full;
    // An id that was given out again is neither the one nor the other.
    this.#names.set(key, known === undefined || known === full ? full : null);
    return full;
  }
}

/** The items of a list, or the fields themselves where they are of one. */
function partsOf(fields: Fields, list: string): readonly Fields[] {
  return list in fields ? listOf(fields[list]) : [fields];
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value : [];
}
