import { writeAll } from "../core/bytes/write_all.ts";
import { transactionsOf } from "../core/dissect/dissect.ts";
import { spanOf } from "../core/export/otlp/mod.ts";
import { compileFilter } from "../core/filter/compile.ts";
import { FilterError } from "../core/filter/error.ts";
import type { Issue } from "../core/issue.ts";
import { UsageError, writeError } from "./command.ts";
import { decodedAs } from "./decode_as.ts";
import { openKeyLogs } from "./keylog.ts";
import { fileSink, httpSink, SpanBatches } from "./otlp.ts";
import { output, say } from "./output.ts";
import { registryWith } from "./plugins.ts";
import { Findings, sourcesOf } from "./reading.ts";

const UNSENT = 3, CUT = 4;

/** What `export otlp` may be told. */
export interface OtlpOptions {
  readonly output?: string;
  readonly endpoint?: string;
  readonly service?: string;
  readonly "display-filter"?: string;
  readonly "decode-as": readonly string[];
  readonly keylog: readonly string[];
  readonly plugin: readonly string[];
}

/** Exports the transactions of captures as spans; gives the exit code. */
export async function exportOtlp(
  operands: readonly string[],
  options: OtlpOptions,
): Promise<number> {
  const { output: path, endpoint, service = "iggy" } = options;
  if (path !== undefined && endpoint !== undefined) {
    throw new UsageError("--endpoint and --output name two places");
  }
  const registry = await registryWith(options.plugin);
  const filter = options["display-filter"];
  const passes = filter === undefined ? () => true : filterOf(filter, registry);
  const file = path === undefined || path === "-" ? null : openFile(path);
  const write = file === null ? (text: string) => output.write(text) : file.write;
  const batches = new SpanBatches(
    endpoint === undefined ? fileSink(write, service) : httpSink(endpoint, service),
  );
  const findings = new Findings();
  let isCut = false;
  const transactions = transactionsOf(sourcesOf(operands), registry, {
    keys: openKeyLogs(options.keylog),
    ...decodedAs(options["decode-as"]),
    report(issue: Issue) {
      isCut ||= issue.severity === "error";
      findings.report(issue);
    },
  });
  for await (const transaction of transactions) {
    if (!passes(transaction)) continue;
    const span = spanOf(transaction);
    if (span !== null) await batches.add(span);
  }
  await batches.flush();
  file?.close();
  const { spans, lost } = batches.counts;
  if (lost > 0) say(`${lost} of ${spans} spans were not accepted`);
  return lost > 0 ? UNSENT : isCut ? CUT : 0;
}

function filterOf(text: string, registry: Parameters<typeof compileFilter>[1]) {
  try {
    return compileFilter(text, registry, { showSecrets: false });
  } catch (error) {
    if (error instanceof FilterError) throw new UsageError(error.explain(text));
    throw error;
  }
}

function openFile(path: string): { write(text: string): void; close(): void } {
  const encoder = new TextEncoder();
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { write: true, create: true, truncate: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw writeError(`${path} cannot be written: ${reason}`, error);
  }
  return {
    write: (text) => writeAll(file, encoder.encode(text)),
    close: () => file.close(),
  };
}
