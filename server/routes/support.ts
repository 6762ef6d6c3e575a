import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { escapeJson } from "../../core/export/printable.ts";
import { CaptureId, Problem } from "../api.ts";
import { conversationsOf } from "../query/aggregate.ts";
import type { Bindings, Services } from "../services.ts";

const encoder = new TextEncoder();
/** Bytes of a stream that are made at once. */
const PIECE = 64 * 1024;

/** What every route may answer besides what it is for. */
export const problems = {
  default: {
    description: "Why it was refused, or failed.",
    content: { "application/problem+json": { schema: Problem } },
  },
  429: { description: "Too many requests: try again later. A problem as well." },
} as const;

/** The same for what never changes: `If-None-Match` is understood. */
export const unchanged = {
  ...problems,
  304: { description: "As the ETag says, the client has it already." },
} as const;

/** An answer in JSON by a schema. */
export function jsonContent<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { "application/json": { schema } } } as const;
}

/** A whole number as it stands in a query. */
export function whole(least: number, most: number, description: string) {
  return z.string().regex(/^\d{1,15}$/).transform(Number)
    .pipe(z.number().min(least).max(most))
    .openapi({ type: "integer", minimum: least, maximum: most, description });
}

/** A moment in seconds since the epoch. */
export function moment(description: string) {
  return z.string().regex(/^-?\d{1,12}(\.\d{1,9})?$/).transform(Number)
    .openapi({ type: "number", description });
}

/** A switch. */
export function flag(description: string) {
  return z.enum(["true", "false"]).transform((text) => text === "true")
    .openapi({ type: "boolean", description });
}

/** The query of a route that has no parameters; others are refused. */
export const noQuery = z.strictObject({});

/** The id in a path. */
export const idParam = z.object({ id: CaptureId });

/** The id and a number in a path. */
export const numberParam = z.object({
  id: CaptureId,
  n: z.string().regex(/^\d{1,9}$/).transform(Number)
    .openapi({ type: "integer", minimum: 0 }),
});

/** The id and a conversation's number in a path; those of UDP count down from -1. */
export const conversationParam = z.object({
  id: CaptureId,
  n: z.string().regex(/^-?\d{1,9}$/).transform(Number).openapi({ type: "integer" }),
});

/** Which transactions are meant. */
export const choiceQuery = z.strictObject({
  filter: z.string().optional().openapi({
    description: "A display filter, in Wireshark's language.",
    example: "iggy.failed && iggy.response_time > 10ms",
  }),
  from: moment("Only requests from this moment on, in seconds since the epoch.")
    .optional(),
  to: moment("Only requests before this moment.").optional(),
});

/** A value as JSON, safe for a terminal too. */
export function json<T>(value: T, status = 200, headers: HeadersInit = {}): Response {
  return new Response(escapeJson(JSON.stringify(value)), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/**
 * An answer about a capture. A finished one never changes, so the answer has an ETag, and who
 * has it already gets 304 without any work; others must not be kept.
 */
export async function aboutCapture(
  c: Context,
  { store, version, json: { showSecrets } }: Services,
  id: string,
  make: () => Response | Promise<Response>,
): Promise<Response> {
  if (store.get(id).state !== "ready") {
    const response = await make();
    response.headers.set("cache-control", "no-store");
    return response;
  }
  const etag = etagOf(id, version, showSecrets);
  const headers = { etag, "cache-control": "private, no-cache" };
  const known = c.req.header("if-none-match")?.split(",").map((tag) =>
    tag.trim().replace(/^W\//, "")
  );
  if (known?.some((tag) => tag === etag || tag === "*")) {
    return new Response(null, { status: 304, headers });
  }
  const response = await make();
  // An answer that is not complete may not be kept.
  if (response.headers.get("cache-control") === "no-store") return response;
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

/** What changes with an answer about a finished capture: the program and what it may show. */
export function etagOf(id: string, version: string, showSecrets: boolean): string {
  return `"${id}-${version}${showSecrets ? "-secrets" : ""}"`;
}

/** Text made piece by piece, no faster than it is taken. */
export function textStream(lines: AsyncIterable<string>): ReadableStream<Uint8Array> {
  return ReadableStream.from(pieces(lines));
}

async function* pieces(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array, void> {
  let text = "";
  for await (const line of lines) {
    text += line;
    if (text.length < PIECE) continue;
    yield encoder.encode(text);
    text = "";
  }
  if (text !== "") yield encoder.encode(text);
}

/** A header that names a download; only plain letters get into it. */
export function download(name: string): Record<string, string> {
  return { "content-disposition": `attachment; filename="${name}"` };
}

/** Who asks, as the runtime says; requests made without a network are `local`. */
export function addressOf(c: Context<{ Bindings: Bindings }>): string {
  return c.env?.address ?? "local";
}

/** The conversations of which a chosen transaction matches, with how many do. */
export async function chosenConversations(
  { store, selector }: Services,
  id: string,
  choice: z.infer<typeof choiceQuery>,
  signal: AbortSignal,
): Promise<Map<number, number>> {
  const selection = await selector.select(id, choice, { signal });
  return await selector.run(
    (breath) => conversationsOf(selection, () => store.index(id), breath),
    Math.ceil(selection.total / 100),
    signal,
  );
}
