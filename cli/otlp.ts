import { LimitedBytesTransformStream, toText } from "@std/streams";
import config from "../deno.json" with { type: "json" };
import { escapeJson } from "../core/bytes/json_text.ts";
import { escapeText } from "../core/export/printable.ts";
import { type Span, traceRequest } from "../core/export/otlp/mod.ts";
import { UsageError } from "./command.ts";
import { say } from "./output.ts";

/** Spans of a batch at most, and how long one waits for more, in ms. */
const MAX_BATCH = 512, WAIT_MS = 1000;
/** Times that a batch is sent, and the first pause between, in ms, which doubles. */
const TRIES = 5, PAUSE_MS = 250;
const TIMEOUT_MS = 10_000;
/** Bytes of a collector's answer that are read. */
const MAX_ANSWER = 1 << 20;
/** Answers after which the same may be sent again. Source: OTLP specification 1.9.0, OTLP/HTTP. */
const AGAIN = new Set([429, 502, 503, 504]);
const SCOPE = { name: config.name, version: config.version };

/** Takes batches of spans; says how many were not taken. */
export type SpanSink = (spans: readonly Span[]) => Promise<number>;

/** The text of a batch. */
function body(spans: readonly Span[], service: string): string {
  return escapeJson(JSON.stringify(traceRequest(spans, SCOPE, service)));
}

/** Writes each batch as a line, as OTLP's files are. */
export function fileSink(write: (text: string) => void, service: string): SpanSink {
  return (spans) => {
    write(`${body(spans, service)}\n`);
    return Promise.resolve(0);
  };
}

/** Sends each batch to a collector; what fails for a while is sent again, not for ever. */
export function httpSink(endpoint: string, service: string): SpanSink {
  const url = URL.parse(endpoint);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`--endpoint is an address such as http://localhost:4318`);
  }
  const { state } = Deno.permissions.querySync({ name: "net", host: url.host });
  if (state !== "granted") {
    throw new UsageError(`sending needs a permission: --allow-net=${url.host}`);
  }
  if (url.pathname === "/") url.pathname = "/v1/traces";
  let told = "";
  return async (spans) => {
    const text = body(spans, service);
    let reason = "";
    for (let tried = 0; tried < TRIES; tried++) {
      if (tried > 0) await pause(PAUSE_MS * 2 ** (tried - 1));
      const answer = await post(url, text);
      if (typeof answer === "number") return Math.min(answer, spans.length);
      reason = answer.reason;
      if (!answer.again) break;
    }
    if (told !== reason) say(escapeText(`${url.host} accepted no spans: ${reason}`));
    told = reason;
    return spans.length;
  };
}

interface Refused {
  readonly again: boolean;
  readonly reason: string;
}

/** Sends once; gives how many spans a collector says it refused of a batch that it took. */
async function post(url: URL, body: string): Promise<number | Refused> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = response.body === null ? "" : await toText(
      response.body.pipeThrough(new LimitedBytesTransformStream(MAX_ANSWER)),
    );
    if (response.ok) return refusedIn(text);
  } catch (error) {
    return { again: true, reason: error instanceof Error ? error.message : `${error}` };
  }
  return { again: AGAIN.has(response.status), reason: `HTTP status ${response.status}` };
}

function refusedIn(text: string): number {
  try {
    const refused = Number(JSON.parse(text).partialSuccess?.rejectedSpans ?? 0);
    return refused > 0 ? refused : 0;
  } catch {
    return 0;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Gathers spans and gives them on in batches, one after the other. */
export class SpanBatches {
  readonly #sink: SpanSink;
  #waiting: Span[] = [];
  #sending: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #problem: unknown = null;
  /** Spans given, and those that were not taken. */
  readonly counts = { spans: 0, lost: 0 };

  constructor(sink: SpanSink) {
    this.#sink = sink;
  }

  /** Adds a span; a full batch is waited for, so that no more are read than are taken. */
  async add(span: Span): Promise<void> {
    this.#waiting.push(span);
    this.counts.spans++;
    if (this.#waiting.length >= MAX_BATCH) await this.flush();
    else this.#timer ??= setTimeout(() => void this.#send(), WAIT_MS);
  }

  /** Gives on what waits. Throws what a sink threw. */
  async flush(): Promise<void> {
    await this.#send();
    if (this.#problem !== null) throw this.#problem;
  }

  #send(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const spans = this.#waiting;
    this.#waiting = [];
    if (spans.length === 0) return this.#sending;
    this.#sending = this.#sending.then(async () => {
      try {
        this.counts.lost += await this.#sink(spans);
      } catch (error) {
        this.#problem = error;
      }
    });
    return this.#sending;
  }
}
