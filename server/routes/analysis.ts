import { createRoute } from "@hono/zod-openapi";
import { CaptureFindings, Consumers, Stats, Timeline, Topology } from "../api.ts";
import { chosenRows, statsOf, timelineOf } from "../query/aggregate.ts";
import { offsetsOf } from "../query/offsets.ts";
import { topologyOf } from "../query/topology.ts";
import type { App, Services } from "../services.ts";
import {
  aboutCapture,
  choiceQuery,
  idParam,
  json,
  jsonContent,
  noQuery,
  unchanged,
  whole,
} from "./support.ts";

const MAX_BUCKETS = 1000, USUAL_BUCKETS = 200;

const stats = createRoute({
  method: "get",
  operationId: "getStats",
  tags: ["analysis"],
  path: "/api/captures/{id}/stats",
  summary: "Counts and response times by command",
  request: { params: idParam, query: choiceQuery },
  responses: { 200: jsonContent(Stats, "The statistics."), ...unchanged },
});

const timeline = createRoute({
  method: "get",
  operationId: "getTimeline",
  tags: ["analysis"],
  path: "/api/captures/{id}/timeline",
  summary: "Counts and response times over time",
  request: {
    params: idParam,
    query: choiceQuery.extend({
      buckets: whole(1, MAX_BUCKETS, `At most so many; default ${USUAL_BUCKETS}.`)
        .optional(),
    }),
  },
  responses: { 200: jsonContent(Timeline, "The series."), ...unchanged },
});

const topology = createRoute({
  method: "get",
  operationId: "getTopology",
  tags: ["analysis"],
  path: "/api/captures/{id}/topology",
  summary: "Who works on which stream and topic",
  request: { params: idParam, query: choiceQuery },
  responses: { 200: jsonContent(Topology, "The edges, busiest first."), ...unchanged },
});

const findings = createRoute({
  method: "get",
  operationId: "listFindings",
  tags: ["analysis"],
  path: "/api/captures/{id}/findings",
  summary: "What is wrong with the work that the capture shows, as `diagnose` says it",
  request: { params: idParam, query: noQuery },
  responses: {
    200: jsonContent(CaptureFindings, "The findings, the most serious first."),
    ...unchanged,
  },
});

const consumers = createRoute({
  method: "get",
  operationId: "listConsumers",
  tags: ["analysis"],
  path: "/api/captures/{id}/consumers",
  summary: "How far consumers and groups are in their partitions",
  description: "With a filter or a time, as the transactions that match tell it.",
  request: { params: idParam, query: choiceQuery },
  responses: { 200: jsonContent(Consumers, "Places, in order of name."), ...unchanged },
});

/** What a capture's transactions come to. */
export function analysisRoutes(app: App, services: Services): void {
  const { store, selector } = services;

  app.openapi(stats, (c) => {
    const { id } = c.req.valid("param");
    return aboutCapture(c, services, id, async () => {
      const selection = await selector.select(id, c.req.valid("query"), c.req.raw);
      const known = selection.isEverything ? store.index(id).fact("stats") : null;
      if (known !== null) return json<Stats>(known);
      const made = await selector.run(
        (breath) => statsOf(chosenRows(selection, () => store.index(id), breath)),
        selection.total,
        c.req.raw.signal,
      );
      return json<Stats>(made);
    });
  });

  app.openapi(timeline, (c) => {
    const { id } = c.req.valid("param");
    const { buckets = USUAL_BUCKETS, ...choice } = c.req.valid("query");
    return aboutCapture(c, services, id, async () => {
      const selection = await selector.select(id, choice, c.req.raw);
      const known = selection.isEverything
        ? store.index(id).fact("timelines")?.[buckets] ?? null
        : null;
      if (known !== null) return json<Timeline>(known);
      const { first, last } = store.index(id).times();
      const start = Math.max(first ?? 0, choice.from ?? -Infinity);
      const end = Math.max(start, Math.min(last ?? 0, choice.to ?? Infinity));
      const made = await selector.run(
        (breath) => {
          const rows = chosenRows(selection, () => store.index(id), breath);
          return timelineOf(rows, start, end, buckets);
        },
        selection.total,
        c.req.raw.signal,
      );
      return json<Timeline>(made);
    });
  });

  app.openapi(topology, (c) => {
    const { id } = c.req.valid("param");
    return aboutCapture(c, services, id, async () => {
      const selection = await selector.select(id, c.req.valid("query"), c.req.raw);
      const known = store.index(id).fact("topology");
      if (selection.isEverything && known !== null) return json<Topology>(known);
      const made = await selector.run(
        (breath) => topologyOf(selection, (n) => store.index(id).transaction(n), breath),
        selection.total,
        c.req.raw.signal,
      );
      // Names are told by few transactions, which the filter may leave out.
      return json<Topology>({ ...made, names: known?.names ?? made.names });
    });
  });

  app.openapi(findings, (c) => {
    const { id } = c.req.valid("param");
    return aboutCapture(c, services, id, () => {
      const items = store.index(id).fact("findings");
      return json({ complete: items !== null, items: items ?? [] });
    });
  });

  app.openapi(consumers, (c) => {
    const { id } = c.req.valid("param");
    return aboutCapture(c, services, id, async () => {
      const selection = await selector.select(id, c.req.valid("query"), c.req.raw);
      if (selection.isEverything) {
        const known = store.index(id).fact("consumers");
        const none = { lag_times: [], offsets: [], consumer_groups: [] };
        return json<Consumers>({ complete: known !== null, ...known ?? none });
      }
      const made = await selector.run(
        (breath) => offsetsOf(selection, (n) => store.index(id).transaction(n), breath),
        selection.total,
        c.req.raw.signal,
      );
      return json<Consumers>({ complete: true, ...made });
    });
  });
}
