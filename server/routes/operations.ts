import { createRoute, z } from "@hono/zod-openapi";
import { Health, ServerInfo } from "../api.ts";
import type { App, Services } from "../services.ts";
import { addressOf, json, jsonContent, noQuery, problems } from "./support.ts";

const info = createRoute({
  method: "get",
  operationId: "getServer",
  tags: ["operations"],
  path: "/api/server",
  summary: "What the server is and may do",
  request: { query: noQuery },
  responses: { 200: jsonContent(ServerInfo, "About the server."), ...problems },
});

const session = createRoute({
  method: "post",
  operationId: "startSession",
  tags: ["operations"],
  path: "/api/session",
  summary: "Exchange the token for a cookie, for links and event sources of the page",
  request: {
    query: noQuery,
    body: {
      content: { "application/json": { schema: z.object({ token: z.string() }) } },
      required: true,
    },
  },
  responses: { 204: { description: "The cookie is set." }, ...problems },
});

const health = createRoute({
  method: "get",
  operationId: "getHealth",
  tags: ["operations"],
  path: "/healthz",
  summary: "Whether the server works",
  request: { query: noQuery },
  responses: {
    200: jsonContent(Health, "It does."),
    503: jsonContent(Health, "It is stopping."),
    ...problems,
  },
});

const metrics = createRoute({
  method: "get",
  operationId: "getMetrics",
  tags: ["operations"],
  path: "/metrics",
  summary: "Counters as Prometheus text",
  request: { query: noQuery },
  responses: {
    200: {
      description: "The counters.",
      content: { "text/plain": { schema: z.string() } },
    },
    ...problems,
  },
});

/** Whether a path needs no token, because it tells nothing of captures. */
export function isOpen(path: string): boolean {
  return ["/", "/healthz", "/api/session"].includes(path) || path.startsWith("/assets/");
}

/** The server itself: state, counters, and its own description. */
export function operationRoutes(app: App, services: Services): void {
  const { store, limits, gate, version } = services;

  app.openapi(info, () =>
    json<ServerInfo>({
      version,
      show_secrets: services.json.showSecrets,
      live: services.live,
      limits: {
        upload_bytes: limits.uploadBytes,
        total_bytes: limits.totalBytes,
        page: limits.page,
        ring: limits.ring,
      },
    }));

  app.openapi(session, (c) => {
    gate.checkToken(c.req.valid("json").token, addressOf(c));
    return new Response(null, { status: 204, headers: { "set-cookie": gate.cookie() } });
  });

  app.openapi(health, () =>
    json<z.infer<typeof Health>>({
      status: services.stopping ? "stopping" : "ok",
      captures: store.list().length,
    }, services.stopping ? 503 : 200));

  app.openapi(metrics, () => {
    services.feed.refreshMetrics();
    services.metrics.set("iggyscope_memory_bytes", Deno.memoryUsage().rss);
    return new Response(services.metrics.text(), {
      headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
    });
  });

  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "iggyscope",
      version,
      description: "Captures of Apache Iggy traffic, dissected.",
      license: { name: "Apache-2.0" },
    },
    security: [{ token: [] }],
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description:
      "Needed where the server was started with --token, or on a public address.",
  });
}
