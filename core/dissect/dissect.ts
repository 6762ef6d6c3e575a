import type { CaptureSource, ReadOptions } from "../capture/open.ts";
import { captureSteps } from "../capture/open.ts";
import { KeyLog } from "../framing/tls/key_log.ts";
import { Pipeline, type PipelineOptions } from "./pipeline.ts";
import type { Registry } from "./registry.ts";
import type { Transaction } from "./transaction.ts";

/** A capture: its path (`-` is standard input), its bytes, or a stream of them. */
export type Source = CaptureSource | URL | Uint8Array;

/** How captures are read. */
export interface TransactionsOptions
  extends Omit<ReadOptions, "secrets">, PipelineOptions {}

/**
 * Reads captures and gives their transactions in order of completion, as all stages behind
 * know them. It reads on only as transactions are taken: what waits is at most what one chunk
 * of 1 MiB completes. Leaving the loop closes the files.
 */
export async function* transactionsOf(
  source: Source | readonly Source[],
  registry: Registry,
  options: TransactionsOptions = {},
): AsyncGenerator<Transaction, void> {
  const sources = Array.isArray(source) ? source : [source];
  const keys = options.keys ?? new KeyLog();
  let ready: Transaction[] = [];
  const pipeline = new Pipeline(
    registry,
    (transaction) => ready.push(transaction),
    { ...options, keys },
  );
  const steps = captureSteps(
    sources.map(captureSource),
    (packet) => pipeline.push(packet),
    options.report ?? (() => {}),
    {
      ...options,
      // Key logs inside captures join in.
      secrets: (bytes) => keys instanceof KeyLog && keys.pushWhole(bytes),
    },
  );
  for await (const _ of steps) {
    yield* ready;
    ready = [];
  }
  pipeline.end();
  yield* ready;
}

function captureSource(source: Source): CaptureSource {
  if (source instanceof Uint8Array) return ReadableStream.from([source]);
  if (!(source instanceof URL)) return source;
  if (source.protocol !== "file:") throw new TypeError("only file: URLs can be read");
  return decodeURIComponent(source.pathname);
}
