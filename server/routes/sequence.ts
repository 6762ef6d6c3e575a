import { createRoute, z } from "@hono/zod-openapi";
import { sequenceSvg } from "../../core/export/mod.ts";
import type { SequenceGraph } from "../../core/tcp/mod.ts";
import { type SequenceFlow, SequenceGraphs } from "../api.ts";
import { ProblemError } from "../problem.ts";
import { sequenceOf } from "../query/sequence.ts";
import type { App, Services } from "../services.ts";
import { aboutCapture, conversationParam, json, unchanged } from "./support.ts";

const route = createRoute({
  method: "get",
  operationId: "getSequence",
  tags: ["conversations"],
  path: "/api/captures/{id}/conversations/{n}/sequence",
  summary: "TCP's bytes over time on one connection",
  description:
    "tcptrace's time-sequence graph: segments with why they were sent again, " +
    "acknowledgments, windows, SACK blocks and round trips; the packets are read again. " +
    "There is none of UDP.",
  request: {
    params: conversationParam,
    query: z.strictObject({
      format: z.enum(["json", "svg"]).optional().openapi({
        description: "Data, which is the default, or a drawing.",
      }),
    }),
  },
  responses: {
    200: {
      description: "The graphs.",
      content: {
        "application/json": { schema: SequenceGraphs },
        "image/svg+xml": { schema: z.string() },
      },
    },
    ...unchanged,
  },
});

/** Time-sequence graphs. */
export function sequenceRoutes(app: App, services: Services): void {
  const { store, selector } = services;
  app.openapi(route, (c) => {
    const { id, n } = c.req.valid("param");
    const { format = "json" } = c.req.valid("query");
    return aboutCapture(c, services, id, async () => {
      const [conversation] = store.index(id).conversations(n, 1, false);
      if (conversation?.conversation !== n || n < 0) {
        throw new ProblemError(404, "There is no such conversation of TCP.");
      }
      const [client, server] = await selector.run(
        () => sequenceOf(store.file(id), n),
        store.get(id).packets,
        c.req.raw.signal,
      );
      if (format === "json") {
        return json<SequenceGraphs>({ client: flowOf(client), server: flowOf(server) });
      }
      const title = `conversation ${n}: ${conversation.client} → ${conversation.server}`;
      return new Response(sequenceSvg([client, server], title), {
        headers: { "content-type": "image/svg+xml" },
      });
    });
  });
}

function flowOf({ roundTrips, leftOut, ...rest }: SequenceGraph): SequenceFlow {
  return {
    ...rest,
    segments: [...rest.segments],
    acknowledgments: [...rest.acknowledgments],
    selective: [...rest.selective],
    round_trips: roundTrips.map(({ at, time }) => ({ at, time_us: time })),
    left_out: leftOut,
  };
}
