import type { Registry } from "../../core/dissect/registry.ts";
import { releaseText } from "../../core/schema/mod.ts";
import { UsageError } from "../command.ts";
import type { Path, ScenarioSource } from "./document.ts";

/** What is read of a record; as `dissect -T ndjson` and {@link Truth} print it. */
interface RecordLine {
  conversation?: number;
  release?: string | null;
  framing?: string | null;
  command?: string | null;
  request?: { time?: string | null; fields?: unknown } | null;
  response?: { status?: number | null; fields?: unknown; evicted?: unknown } | null;
  response_time_us?: number | null;
  issues?: readonly ({ group?: string } | null)[];
}

/** Longest pause taken over from records, in µs. */
const MAX_PAUSE = 10_000_000;

/** What the records of a conversation become. */
interface Recorded {
  readonly steps: unknown[];
  /** Lines of the records that the steps are of. */
  readonly lines: number[];
  framing: string | null;
  release: string | null;
  /** When the last exchange ended, in µs. */
  last: number | null;
}

/**
 * A scenario that says again what records say: a client for each conversation, with its
 * commands, times and statuses. Records without a request of a command, evictions and malformed
 * ones are left out, and so are redacted secrets, for which others are drawn.
 */
export class RecordedScenario implements ScenarioSource {
  readonly name: string;
  readonly value: unknown;
  /** Records left out. */
  left = 0;
  readonly #clients = new Map<number, Recorded>();

  /** Throws {@link UsageError} where the text is not made of records. */
  constructor(registry: Registry, name: string, text: string) {
    this.name = name;
    text.split("\n").forEach((line, i) => {
      if (line.trim() !== "") this.#add(this.#read(line, i + 1), i + 1);
    });
    if (this.#clients.size === 0) throw this.#fault(1, "no record of a command");
    const clients = [...this.#clients.values()].map(({ steps, framing, release }) => {
      const newest = newestOf(registry, framing, release);
      return { ...newest === null ? {} : { release: newest }, steps };
    });
    this.value = { clients };
  }

  /** The {@link UsageError} about a record: its line tells, as its fields are in one. */
  fault([, client, , step]: Path, message: string): UsageError {
    const recorded = [...this.#clients.values()][Number(client)];
    return this.#fault(recorded?.lines[Number(step ?? 0)] ?? 1, message);
  }

  #fault(line: number, message: string): UsageError {
    return new UsageError(`${this.name}:${line}:1: ${message}`);
  }

  #read(text: string, line: number): RecordLine {
    let record: RecordLine;
    try {
      record = JSON.parse(text);
    } catch {
      throw this.#fault(line, "not a line of JSON");
    }
    if (typeof record === "object" && record !== null) return record;
    throw this.#fault(line, "not a record");
  }

  #add(record: RecordLine, line: number): void {
    const { command, request, response, issues } = record;
    const isMalformed = Array.isArray(issues) &&
      issues.some((found) => found?.group === "malformed");
    const isAsked = typeof command === "string" && !command.includes(".") && request;
    // A client asks again after an eviction, and takes the next answer for this one's.
    if (!isAsked || isMalformed || response?.evicted !== undefined) {
      this.left++;
      return;
    }
    const number = record.conversation ?? 0;
    let client = this.#clients.get(number);
    if (client === undefined) {
      client = { steps: [], lines: [], framing: null, release: null, last: null };
      this.#clients.set(number, client);
    }
    client.framing = record.framing ?? client.framing;
    // What is known of the release in the end explains all that was said.
    client.release = record.release ?? client.release;
    const at = typeof request.time === "string" ? microsOf(request.time) : null;
    const pause = at === null || client.last === null ? 0 : at - client.last;
    if (at !== null) client.last = at + Math.max(0, record.response_time_us ?? 0);
    const think = record.response_time_us;
    client.steps.push(stepOf(command, request.fields, response, pause, think));
    client.lines.push(line);
  }
}

/** The newest release of a range such as `0.6+` and `0.6..0.7`; null where none is told. */
function newestOf(
  { framings, releasesOf }: Registry,
  name: string | null,
  range: string | null,
): string | null {
  const text = /[\d.]+(-edge\.\d+)?$/.exec(range?.replace(/^.*\.\./, "") ?? "")?.[0];
  if (text !== undefined) return text;
  const framing = framings.find((each) => each.name === name);
  return framing === undefined ? null : releaseText(releasesOf(framing).newest);
}

function stepOf(
  command: string,
  request: unknown,
  response: RecordLine["response"],
  pause: number,
  think: number | null | undefined,
): unknown {
  return {
    command,
    ...request ? { request: known(request) } : {},
    ...response ? { response: known(response.fields ?? null) } : { answered: false },
    ...response?.status ? { status: response.status } : {},
    ...pause > 0 ? { pause: `${Math.min(MAX_PAUSE, Math.round(pause))}us` } : {},
    ...(think ?? 0) > 0 ? { think: `${Math.min(MAX_PAUSE, Math.round(think!))}us` } : {},
  };
}

/** Fields without what was redacted. */
function known(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(known);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => !(typeof each === "string" && /^\[redacted/.test(each)))
      .map(([key, each]) => [key, known(each)]),
  );
}

function microsOf(time: string): number | null {
  const match = /^(.*?)(?:\.(\d{1,9}))?Z$/.exec(time);
  const millis = match === null ? NaN : Date.parse(`${match[1]}Z`);
  if (Number.isNaN(millis)) return null;
  return millis * 1000 + Number((match![2] ?? "0").padEnd(9, "0")) / 1000;
}
