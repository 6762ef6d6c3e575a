import { UsageError } from "../command.ts";

/** What is read of a record; as `dissect -T ndjson` and {@link Truth} print it. */
interface RecordLine {
  conversation?: number;
  release?: string | null;
  framing?: string | null;
  command?: string | null;
  request?: { time?: string | null; fields?: unknown } | null;
  response?: { status?: number | null; fields?: unknown } | null;
  response_time_us?: number | null;
}

/** Longest pause taken over from records, in µs. */
const MAX_PAUSE = 10_000_000;

/**
 * A scenario, as YAML's value, that says again what records say: a client for each
 * conversation, with its commands, times and statuses. Records without a command are left
 * out, and so are redacted secrets, for which others are drawn.
 */
export function scenarioOfRecords(name: string, text: string): unknown {
  const clients = new Map<
    number,
    { spec: Record<string, unknown>; last: number | null }
  >();
  const fault = (line: number, message: string) =>
    new UsageError(`${name}:${line}:1: ${message}`);
  text.split("\n").forEach((line, i) => {
    if (line.trim() === "") return;
    let record: RecordLine;
    try {
      record = JSON.parse(line);
    } catch {
      throw fault(i + 1, "not a line of JSON");
    }
    if (typeof record !== "object" || record === null) throw fault(i + 1, "not a record");
    const { command, request, response } = record;
    if (typeof command !== "string" || command.includes(".") || !request) return;
    const number = record.conversation ?? 0;
    let client = clients.get(number);
    if (client === undefined) {
      const release = /^[\d.]+(-edge\.\d+)?/.exec(record.release ?? "")?.[0];
      client = { spec: { ...release ? { release } : {}, steps: [] }, last: null };
      clients.set(number, client);
    }
    const at = typeof request.time === "string" ? microsOf(request.time) : null;
    const pause = at === null || client.last === null ? 0 : at - client.last;
    if (at !== null) client.last = at + Math.max(0, record.response_time_us ?? 0);
    const steps = client.spec.steps as unknown[];
    steps.push(stepOf(command, request.fields, response, pause, record.response_time_us));
  });
  if (clients.size === 0) throw fault(1, "no record of a command");
  return { clients: [...clients.values()].map(({ spec }) => spec) };
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
    ...response?.fields ? { response: known(response.fields) } : {},
    ...response?.status ? { status: response.status } : {},
    ...response ? {} : { answered: false },
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
