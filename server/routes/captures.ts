import { createRoute, z } from "@hono/zod-openapi";
import { Capture, CaptureId, CaptureList } from "../api.ts";
import { ProblemError } from "../problem.ts";
import type { App, Services } from "../services.ts";
import { boundaryOf } from "../store/multipart.ts";
import {
  aboutCapture,
  download,
  etagOf,
  flag,
  idParam,
  json,
  jsonContent,
  noQuery,
  problems,
  unchanged,
} from "./support.ts";

const MAX_NAME = 200;

const upload = createRoute({
  method: "post",
  operationId: "uploadCapture",
  tags: ["captures"],
  path: "/api/captures",
  summary: "Upload a capture",
  description: "The body is a pcap or pcapng file, also compressed with gzip or zstd. " +
    "It is dissected as it comes: ask for it by an id of your own to see how far it is. " +
    "To have TLS and QUIC opened, send the capture as the part `capture` of a form, and " +
    "the key log in NSS format as its part `keylog`, best before it. The key log is held " +
    "in memory while the capture is dissected, and stored only with `keep_keylog`; without " +
    "it a capture whose index has to be made anew, by a newer version, stays sealed.",
  request: {
    query: z.strictObject({
      name: z.string().max(MAX_NAME).optional(),
      id: CaptureId.optional(),
      keep_keylog: flag("Keep the key log on disk, beside the capture.").optional(),
    }),
    body: {
      content: {
        "application/octet-stream": {
          schema: z.string().openapi({ format: "binary" }),
        },
        // A plain schema: one of zod would have the whole body read into memory.
        "multipart/form-data": {
          schema: {
            type: "object",
            required: ["capture"],
            properties: {
              keylog: { type: "string", format: "binary" },
              capture: { type: "string", format: "binary" },
            },
          },
        },
      },
    },
  },
  responses: {
    201: jsonContent(Capture, "It is safe; cut or damaged ones say so in their issues."),
    ...problems,
  },
});

const list = createRoute({
  method: "get",
  operationId: "listCaptures",
  tags: ["captures"],
  path: "/api/captures",
  summary: "All captures",
  request: { query: noQuery },
  responses: { 200: jsonContent(CaptureList, "Newest first."), ...problems },
});

const one = createRoute({
  method: "get",
  operationId: "getCapture",
  tags: ["captures"],
  path: "/api/captures/{id}",
  summary: "A capture, also while it is uploading",
  request: { params: idParam, query: noQuery },
  responses: { 200: jsonContent(Capture, "The capture."), ...unchanged },
});

const remove = createRoute({
  method: "delete",
  operationId: "deleteCapture",
  tags: ["captures"],
  path: "/api/captures/{id}",
  summary: "Delete a capture, or cancel its upload",
  request: { params: idParam, query: noQuery },
  responses: { 204: { description: "It is gone." }, ...problems },
});

const file = createRoute({
  method: "get",
  operationId: "getCaptureFile",
  tags: ["captures"],
  path: "/api/captures/{id}/file",
  summary: "The bytes as uploaded",
  description: "They hold passwords and tokens, so only with --show-secrets; " +
    "/pcap gives the packets without those.",
  request: { params: idParam, query: noQuery },
  responses: {
    200: { description: "All of it." },
    206: { description: "The range asked for." },
    416: { description: "There is no such range." },
    ...unchanged,
  },
});

/** Captures: taking them in, listing, deleting. */
export function captureRoutes(app: App, services: Services): void {
  const { store } = services;

  app.openapi(upload, async (c) => {
    const { name, id, keep_keylog: keepKeyLog } = c.req.valid("query");
    const { body } = c.req.raw;
    if (body === null) throw new ProblemError(415, "The body is empty: not a capture.");
    const boundary = boundaryOf(c.req.header("content-type"));
    // Of a form it is not the length of the capture.
    const length = boundary === null ? c.req.header("content-length") : undefined;
    const capture = await store.upload({
      body,
      boundary,
      keepKeyLog,
      id,
      name: name ?? null,
      expectedSize: length === undefined ? null : Number(length),
    });
    return json<Capture>(capture, 201, { location: `/api/captures/${capture.id}` });
  });

  app.openapi(list, () => json<CaptureList>({ items: store.list() }));

  app.openapi(one, (c) => {
    const { id } = c.req.valid("param");
    return aboutCapture(c, services, id, () => json<Capture>(store.get(id)));
  });

  app.openapi(remove, async (c) => {
    await store.remove(c.req.valid("param").id);
    return new Response(null, { status: 204 });
  });

  app.openapi(file, (c) => {
    const { id } = c.req.valid("param");
    return aboutCapture(c, services, id, () => {
      if (!services.json.showSecrets) {
        throw new ProblemError(403, "The file may hold secrets; see --show-secrets.");
      }
      if (store.get(id).state !== "ready") {
        throw new ProblemError(409, "Not yet complete.");
      }
      const { version, json: { showSecrets } } = services;
      const ifRange = c.req.header("if-range");
      // A range of something else than the client has would be of no use to it.
      const isSame = ifRange === undefined ||
        ifRange === etagOf(id, version, showSecrets);
      const range = isSame ? c.req.header("range") : undefined;
      return fileResponse(store.file(id), `${id}.pcap`, range);
    });
  });
}

/** A file, or the one range of it that was asked for. */
async function fileResponse(
  path: string,
  name: string,
  range?: string,
): Promise<Response> {
  const opened = await Deno.open(path);
  const { size } = await opened.stat();
  const headers = {
    "content-type": "application/octet-stream",
    "accept-ranges": "bytes",
    ...download(name),
  };
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range ?? "");
  if (match === null || match[0] === "bytes=-") {
    return new Response(opened.readable, {
      headers: { ...headers, "content-length": String(size) },
    });
  }
  const [, first, last] = match;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(size - 1, Number(last));
  if (start > end) {
    opened.close();
    throw new ProblemError(416, "There is no such range.", {}, {
      "content-range": `bytes */${size}`,
    });
  }
  await opened.seek(start, Deno.SeekMode.Start);
  return new Response(firstBytes(opened.readable, end - start + 1), {
    status: 206,
    headers: {
      ...headers,
      "content-length": String(end - start + 1),
      "content-range": `bytes ${start}-${end}/${size}`,
    },
  });
}

function firstBytes(
  stream: ReadableStream<Uint8Array>,
  length: number,
): ReadableStream<Uint8Array> {
  let left = length;
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk.subarray(0, left));
        left -= Math.min(left, chunk.length);
        if (left === 0) controller.terminate();
      },
    }),
  );
}
