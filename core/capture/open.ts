import type { Report } from "../issue.ts";
import { CaptureReader } from "./capture_reader.ts";
import {
  type CaptureInput,
  type CaptureSource,
  type CaptureSummary,
  openInput,
  pump,
  type ReadOptions,
  summary,
} from "./input.ts";
import { mergePackets } from "./merge.ts";
import type { PacketSink } from "./packet.ts";

export type { CaptureSource, CaptureSummary, ReadOptions };

/** Longest time in ms that reading keeps signals and timers waiting. */
const MAX_BUSY_MS = 100;

/**
 * Reads captures and pushes their packets in order of time, numbered over all of them. Of
 * one capture the order is that of the file, as in tshark; several are merged as mergecap
 * does, each kept in its own order, equal times in the order of the sources. gzip and zstd
 * are recognised by content.
 *
 * Damage is reported as an issue, with the file's name before it where there are several,
 * and shows as `cut`. A source that cannot be read at all throws a {@link CaptureError}.
 */
export async function readCaptures(
  sources: readonly CaptureSource[],
  sink: PacketSink,
  report: Report,
  options: ReadOptions = {},
): Promise<CaptureSummary[]> {
  return await last(captureSteps(sources, sink, report, options));
}

/** Reads one capture; see {@link readCaptures}. */
export async function readCapture(
  source: CaptureSource,
  sink: PacketSink,
  report: Report,
  options: ReadOptions = {},
): Promise<CaptureSummary> {
  return await last(readSteps(source, sink, report, options));
}

/** Takes all steps; gives what they end with. */
async function last<T>(steps: AsyncGenerator<void, T>): Promise<T> {
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
  }
}

/** As {@link readCaptures}, one step a chunk: nothing is read before the next step is asked for. */
export async function* captureSteps(
  sources: readonly CaptureSource[],
  sink: PacketSink,
  report: Report,
  options: ReadOptions = {},
): AsyncGenerator<void, CaptureSummary[]> {
  if (sources.length === 1) {
    return [yield* readSteps(sources[0]!, sink, report, options)];
  }
  const inputs: CaptureInput[] = [];
  try {
    for (const source of sources) inputs.push(await openInput(source, options));
    return yield* mergePackets(inputs, sink, report, options);
  } finally {
    for (const input of inputs) input.chunks.close();
  }
}

async function* readSteps(
  source: CaptureSource,
  sink: PacketSink,
  report: Report,
  options: ReadOptions,
): AsyncGenerator<void, CaptureSummary> {
  const input = await openInput(source, options);
  const reader = new CaptureReader(sink, report);
  reader.onSecrets = options.secrets ?? null;
  let breath = performance.now();
  try {
    let due = false;
    if (options.pace !== undefined) await options.pace();
    while (await pump(input, reader, due)) {
      if (options.stopped?.()) break;
      yield;
      const now = performance.now();
      due = now - breath > MAX_BUSY_MS;
      if (due) breath = now;
      if (options.pace !== undefined) await options.pace();
    }
    return summary(input, reader);
  } finally {
    input.chunks.close();
  }
}
