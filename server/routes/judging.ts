import { createRoute, z } from "@hono/zod-openapi";
import { type Finding, isAtLeast, strictFindings } from "../../core/findings/mod.ts";
import { vectorsOf } from "../../core/vectors/mod.ts";
import { eachChosen } from "../query/aggregate.ts";
import { VectorArchive } from "../query/vector_archive.ts";
import { Comparison, FindingList, VectorList } from "../api.ts";
import { CaptureId } from "../api.ts";
import { ProblemError } from "../problem.ts";
import { anonymousPcapng, compare } from "../query/judging.ts";
import type { Choice } from "../query/selection.ts";
import type { App, Services } from "../services.ts";
import {
  aboutCapture,
  choiceQuery,
  chosenConversations,
  download,
  idParam,
  json,
  jsonContent,
  noQuery,
  problems,
  unchanged,
  whole,
} from "./support.ts";

const MAX_FINDINGS = 1000, USUAL_FINDINGS = 200;

const check = createRoute({
  method: "get",
  path: "/api/captures/{id}/check",
  operationId: "checkCapture",
  tags: ["judging"],
  summary: "Findings of strict decoding",
  request: {
    params: idParam,
    query: choiceQuery.extend({
      severity: z.enum(["note", "warn", "error"]).optional()
        .openapi({ description: "Only findings that are at least so serious." }),
      limit: whole(1, MAX_FINDINGS, `At most so many; default ${USUAL_FINDINGS}.`)
        .optional(),
    }),
  },
  responses: { 200: jsonContent(FindingList, "The findings."), ...unchanged },
});

const diff = createRoute({
  method: "get",
  path: "/api/captures/{id}/diff",
  operationId: "compareCaptures",
  tags: ["judging"],
  summary: "Another capture of the same work, compared",
  description:
    "A filter chooses of both captures; a time of this one alone, for the other " +
    "has another.",
  request: {
    params: idParam,
    query: choiceQuery.extend({
      with: CaptureId.openapi({ description: "The other capture." }),
    }),
  },
  responses: { 200: jsonContent(Comparison, "What differs."), ...problems },
});

const anonymous = createRoute({
  method: "get",
  path: "/api/captures/{id}/anonymized",
  operationId: "anonymizeCapture",
  tags: ["judging"],
  summary: "The capture as pcapng without names, payloads, secrets and addresses",
  description: "Stand-ins have the same length and are other ones at each download; " +
    "commands, sizes and times stay, and checksums are right. With a filter or a time, " +
    "whole conversations of which a transaction matches.",
  request: { params: idParam, query: choiceQuery },
  responses: {
    200: {
      description: "The packets.",
      content: {
        "application/x-pcapng": { schema: z.string().openapi({ format: "binary" }) },
      },
    },
    ...problems,
  },
});

const vectors = createRoute({
  method: "get",
  path: "/api/commands/{name}/vectors",
  operationId: "listVectors",
  tags: ["judging"],
  summary: "Payloads of a command for tests of another implementation",
  request: {
    params: z.object({ name: z.string().regex(/^[a-z0-9_]{1,64}$/) }),
    query: noQuery,
  },
  responses: { 200: jsonContent(VectorList, "The vectors."), ...problems },
});

const allVectors = createRoute({
  method: "get",
  path: "/api/vectors",
  operationId: "downloadVectors",
  tags: ["judging"],
  summary: "The vectors of every command as an archive (tar, gzip)",
  request: { query: noQuery },
  responses: {
    200: {
      description: "The folder that `iggyscope vectors` makes.",
      content: {
        "application/gzip": { schema: z.string().openapi({ format: "binary" }) },
      },
    },
    ...problems,
  },
});

/** Captures judged and made fit to be shown. */
export function judgingRoutes(app: App, services: Services): void {
  const { store, selector, registry } = services;

  app.openapi(check, (c) => {
    const { id } = c.req.valid("param");
    const { severity = "note", limit = USUAL_FINDINGS, ...choice } = c.req.valid("query");
    return aboutCapture(c, services, id, async () => {
      const selection = await selector.select(id, choice, c.req.raw);
      const found = await selector.run(
        async (breath) => {
          const items: Finding[] = [];
          const kinds = new Map<string, FindingList["kinds"][number]>();
          let total = 0;
          const transactionOf = (n: number) => store.index(id).transaction(n);
          await eachChosen(selection, transactionOf, breath, (transaction) => {
            for (const finding of strictFindings(transaction)) {
              if (!isAtLeast(finding.severity, severity)) continue;
              if (total++ < limit) items.push(finding);
              const { id, severity: own } = finding;
              const kind = kinds.get(`${id} ${own}`) ?? { id, severity: own, count: 0 };
              kind.count++;
              kinds.set(`${id} ${own}`, kind);
            }
          });
          const often = [...kinds.values()].sort((a, b) => b.count - a.count);
          return { total, kinds: often, items };
        },
        selection.total,
        c.req.raw.signal,
      );
      return json<FindingList>(found);
    });
  });

  app.openapi(diff, async (c) => {
    const { id } = c.req.valid("param");
    const { with: other, ...choice } = c.req.valid("query");
    const chosen = async (one: string, choice: Choice) => {
      if (store.get(one).state !== "ready") {
        throw new ProblemError(409, "Not yet complete.");
      }
      const selection = await selector.select(one, choice, c.req.raw);
      return {
        count: selection.total,
        at: selection.at,
        transaction: (n: number) => store.index(one).transaction(n),
      };
    };
    const a = await chosen(id, choice);
    const b = await chosen(other, { filter: choice.filter });
    const compared = await selector.run(
      (breath) => compare(a, b, breath),
      a.count + b.count,
      c.req.raw.signal,
    );
    return json<Comparison>(compared);
  });

  app.openapi(anonymous, async (c) => {
    const { id } = c.req.valid("param");
    if (store.get(id).state !== "ready") throw new ProblemError(409, "Not yet complete.");
    const choice = c.req.valid("query");
    const isAll = Object.keys(choice).length === 0;
    const chosen = isAll
      ? null
      : await chosenConversations(services, id, choice, c.req.raw.signal);
    const packets = anonymousPcapng(store.file(id), registry, chosen);
    return new Response(ReadableStream.from(packets), {
      headers: {
        "content-type": "application/x-pcapng",
        "cache-control": "no-store",
        ...download(`${id}-anonymous.pcapng`),
      },
    });
  });

  app.openapi(vectors, (c) => {
    const { name } = c.req.valid("param");
    const command = registry.commands.byName(name);
    if (command === undefined) throw new ProblemError(404, "There is no such command.");
    const items: VectorList["items"] = [];
    for (const vector of vectorsOf(registry, [command])) {
      const { direction, releases, why, bytes, fields } = vector;
      const valid = fields !== null;
      items.push({ direction, releases, why, valid, hex: bytes.toHex(), fields });
    }
    return json<VectorList>({ items });
  });

  const archive = new VectorArchive(registry);
  app.openapi(allVectors, () =>
    new Response(archive.stream(), {
      headers: {
        "content-type": "application/gzip",
        "cache-control": "no-store",
        ...download("vectors.tar.gz"),
      },
    }));
}
