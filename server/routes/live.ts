import { createRoute, z } from "@hono/zod-openapi";
import { Capture, Recording, TransactionDetail } from "../api.ts";
import { ProblemError } from "../problem.ts";
import { detailOf } from "../query/detail.ts";
import type { App, Services } from "../services.ts";
import { json, jsonContent, noQuery, problems, whole } from "./support.ts";

const MAX_NAME = 200;
const USUAL_HEX = 64 * 1024, MAX_HEX = 16 * 1024 * 1024;

const events = createRoute({
  method: "get",
  operationId: "followLive",
  tags: ["live"],
  path: "/api/live",
  summary: "Live transactions as server-sent events",
  description: "Events are transaction (with an id), statistics (once a second) and " +
    "notice. With Last-Event-ID it goes on where the listener was. A listener that does not keep up " +
    "gets a notice and is dropped.",
  request: {
    query: z.strictObject({
      filter: z.string().optional(),
      last: whole(0, 10_000, "Begin with so many of the last ones; default 0.")
        .optional(),
    }),
    headers: z.object({ "last-event-id": z.string().optional() }),
  },
  responses: {
    200: {
      description: "The events.",
      content: { "text/event-stream": { schema: z.string() } },
    },
    ...problems,
  },
});

const one = createRoute({
  method: "get",
  operationId: "getLiveTransaction",
  tags: ["live"],
  path: "/api/live/{n}",
  summary: "A live transaction in all detail, while it is kept",
  request: {
    params: z.object({
      n: z.string().regex(/^\d{1,15}$/).transform(Number).openapi({ type: "integer" }),
    }),
    query: z.strictObject({
      bytes: whole(0, MAX_HEX, "Bytes of hex of a PDU.").optional(),
    }),
  },
  responses: { 200: jsonContent(TransactionDetail, "The transaction."), ...problems },
});

const recording = createRoute({
  method: "get",
  operationId: "getRecording",
  tags: ["live"],
  path: "/api/live/recording",
  summary: "What live traffic is recorded into",
  request: { query: noQuery },
  responses: { 200: jsonContent(Recording, "The state."), ...problems },
});

const record = createRoute({
  method: "post",
  operationId: "startRecording",
  tags: ["live"],
  path: "/api/live/recording",
  summary: "Record live traffic into a capture",
  description:
    "The capture can be looked into while it grows, as one that is uploaded. " +
    "It is complete once the recording is stopped, or the server.",
  request: { query: z.strictObject({ name: z.string().max(MAX_NAME).optional() }) },
  responses: { 201: jsonContent(Capture, "It has begun."), ...problems },
});

const stopRecording = createRoute({
  method: "delete",
  operationId: "stopRecording",
  tags: ["live"],
  path: "/api/live/recording",
  summary: "Stop recording; the capture stays",
  request: { query: noQuery },
  responses: { 200: jsonContent(Capture, "The capture, complete."), ...problems },
});

/** Live traffic. */
export function liveRoutes(app: App, services: Services): void {
  const { feed, recorder, selector } = services;

  app.openapi(
    recording,
    () => json<Recording>({ capture: recorder.id, dropped: recorder.dropped }),
  );

  app.openapi(record, async (c) => {
    if (services.live.length === 0) {
      throw new ProblemError(
        409,
        "There is no live source: see serve --live and --proxy.",
      );
    }
    const { name = "live.pcapng" } = c.req.valid("query");
    const capture = await recorder.start(name);
    const headers = { location: `/api/captures/${capture.id}` };
    return json<Capture>(capture, 201, headers);
  });

  app.openapi(stopRecording, async () => json<Capture>(await recorder.stop()));

  app.openapi(events, (c) => {
    const { filter = "", last = 0 } = c.req.valid("query");
    const compiled = selector.compile(filter);
    const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
    if (c.req.method === "HEAD") return new Response(null, { headers });
    const stream = feed.subscribe({
      filter: compiled,
      isEverything: filter.trim() === "",
      lastEventId: c.req.header("last-event-id") ?? null,
      last,
    });
    return new Response(stream, { headers });
  });

  app.openapi(one, (c) => {
    const { n } = c.req.valid("param");
    const { bytes = USUAL_HEX } = c.req.valid("query");
    const options = { ...services.json, hexBytes: bytes };
    const detail = detailOf(feed.transaction(n), options);
    return json<TransactionDetail>({
      ...detail,
      record: { ...detail.record, transaction: n },
    });
  });
}
