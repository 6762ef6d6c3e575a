import type { Packet } from "../../core/capture/packet.ts";
import { readCaptures } from "../../core/capture/open.ts";
import { Pipeline, type PipelineOptions } from "../../core/dissect/pipeline.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";

/** The transactions of a shipped capture; `keep` picks the packets that are looked at. */
export async function dissectFixture(
  name: string,
  options: PipelineOptions & { registry?: Registry; keep?: (packet: Packet) => boolean } =
    {},
): Promise<Transaction[]> {
  const transactions: Transaction[] = [];
  const registry = options.registry ?? iggyRegistry();
  const pipeline = new Pipeline(registry, (done) => transactions.push(done), options);
  const keep = options.keep ?? (() => true);
  await readCaptures(
    [new URL(`../../fixtures/captures/${name}`, import.meta.url).pathname],
    (packet) => {
      if (keep(packet)) pipeline.push(packet);
    },
    (issue) => options.report?.(issue),
  );
  pipeline.end();
  return transactions;
}

/** The lines of a capture's truth, as the client wrote them. */
export function truthOf<Line>(name: string): Line[] {
  const path = new URL(`../../fixtures/captures/${name}.jsonl`, import.meta.url);
  return Deno.readTextFileSync(path).split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line, exactNumber) as Line);
}

/** The PDUs of a capture as upstream's codec made them, from the packed lines beside it. */
export async function vectorsOf<Line>(name: string): Promise<Line[]> {
  const file = new URL(`../../fixtures/captures/${name}.jsonl.gz`, import.meta.url);
  const packed = await Deno.readFile(file);
  const lines = ReadableStream.from([packed]).pipeThrough(
    new DecompressionStream("gzip"),
  );
  const text = await new Response(lines).text();
  return text.split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line, exactNumber) as Line);
}

/** Keeps integers that a double cannot hold as text. */
function exactNumber(
  _key: string,
  value: unknown,
  context?: { source: string },
): unknown {
  const source = context?.source ?? "";
  const inexact = typeof value === "number" && !Number.isSafeInteger(value);
  return inexact && /^\d+$/.test(source) ? source : value;
}
