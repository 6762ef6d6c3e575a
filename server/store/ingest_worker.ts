/**
 * A worker that dissects uploads, one after the other: it reads the file that the server
 * writes and makes the index beside it. The server's own loop stays free for requests.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import type { Registry } from "../../core/dissect/registry.ts";
import { KeyLog } from "../../core/framing/tls/key_log.ts";
import { loadRegistry } from "../../plugins/load.ts";
import { asProblem, ProblemError } from "../problem.ts";
import { BlockCache } from "./block_cache.ts";
import { CaptureIndex } from "./capture_index.ts";
import { GrowingFile } from "./growing_file.ts";
import { ingest } from "./ingest.ts";
import type { FromIngest, ToIngest } from "./ingest_messages.ts";
import { KindNames } from "./kinds.ts";

/** How often progress is told, and what was found made readable, in ms. */
const PROGRESS_MS = 200;

const registry = Promise.withResolvers<Registry>();
let file: GrowingFile | null = null;
/** The secrets of the upload at work, which are nowhere but here. */
let keys = new KeyLog();

self.onmessage = ({ data }: MessageEvent<ToIngest>) => {
  switch (data.kind) {
    case "load":
      loadRegistry(data.plugins).then(registry.resolve, registry.reject);
      break;
    case "start":
      keys = new KeyLog();
      file = new GrowingFile(`${data.folder}/capture`);
      run(data, file).catch(failed);
      break;
    case "keys":
      keys.push(data.bytes);
      if (data.ended) keys.endLine();
      break;
    case "grown":
      file?.grown(data.size, data.ended);
      break;
    case "cancel":
      file?.fail(new ProblemError(409, "The upload was cancelled."));
      break;
  }
};

async function run(
  { folder, capture }: ToIngest & { kind: "start" },
  source: GrowingFile,
): Promise<void> {
  const known = await registry.promise;
  const context = {
    registry: known,
    kinds: new KindNames(known),
    blocks: new BlockCache(0),
  };
  const index = new CaptureIndex(folder, capture.id, context, "new");
  let bytes = 0;
  const progress = (kind: "progress" | "done") => {
    capture.dissected = source.read;
    tell({ kind, capture, count: index.count, bytes });
    bytes = 0;
  };
  const timer = setInterval(() => {
    try {
      bytes += index.flush();
      index.commit();
      progress("progress");
    } catch (error) {
      source.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }, PROGRESS_MS);
  try {
    await ingest(source.stream(), capture, index, {
      registry: known,
      keys,
      grow: (more) => bytes += more,
    });
    bytes += index.finish();
    index.close();
    progress("done");
  } finally {
    clearInterval(timer);
    index.close();
    file = null;
    keys = new KeyLog();
  }
}

function failed(error: unknown): void {
  const problem = asProblem(error);
  tell({
    kind: "failed",
    status: problem?.status ?? 500,
    detail: problem?.message ?? String(error),
    more: problem?.more ?? {},
    headers: problem?.headers ?? {},
    internal: problem === null,
  });
}

function tell(message: FromIngest): void {
  self.postMessage(message);
}
