/**
 * What `-T ndjson` prints of every shipped capture, sealed ones opened by their key logs. Short records are kept whole, to be read
 * in a diff; long ones as their digest with counts and the lines at both ends.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { keysOf } from "../support/keys.ts";
import { dissect } from "../../mod.ts";
import { ndjsonExporter } from "../../core/export/mod.ts";

const CAPTURES = new URL("../../fixtures/captures/", import.meta.url);
const GOLDEN = new URL("../../fixtures/golden/", import.meta.url);

/** Bytes of records up to which they are kept whole. */
const WHOLE = 400_000;
/** Lines kept of each end of the others. */
const ENDS = 3;

/** A golden file: where it is, and what it has to hold. */
export interface Golden {
  readonly file: URL;
  readonly text: string;
}

/** File names of the captures, sorted. */
export function captures(): string[] {
  return [...Deno.readDirSync(CAPTURES)].map(({ name }) => name)
    .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name)).sort();
}

/** Makes the golden file of a capture. */
export async function goldenOf(capture: string): Promise<Golden> {
  const exporter = ndjsonExporter({ maxBytes: 64, showSecrets: false });
  const hash = createHash("sha256");
  const counts: Record<string, number> = {};
  const first: string[] = [];
  const last: string[] = [];
  let transactions = 0;
  let whole: string | null = "";
  for await (
    const { raw: transaction } of dissect(new URL(capture, CAPTURES), {
      keys: keysOf(capture),
    })
  ) {
    const line = exporter.transaction(transaction);
    hash.update(line);
    transactions++;
    const kind = `${transaction.name} ${transaction.statusName}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (first.length < ENDS) first.push(line);
    last.push(line);
    if (last.length > ENDS) last.shift();
    if (whole !== null) whole += line;
    if (whole !== null && whole.length > WHOLE) whole = null;
  }
  const name = capture.replace(/\.pcap.*$/, "");
  if (whole !== null) return { file: new URL(`${name}.ndjson`, GOLDEN), text: whole };
  const digest = {
    transactions,
    sha256: hash.digest("hex"),
    counts: Object.fromEntries(Object.entries(counts).sort()),
    first: first.map((line) => JSON.parse(line)),
    last: last.map((line) => JSON.parse(line)),
  };
  const text = `${JSON.stringify(digest, null, 1)}\n`;
  return { file: new URL(`${name}.json`, GOLDEN), text };
}
