/**
 * Prints the table of `docs/pairing.md`.
 *
 * @module
 */
import { countKind, KINDS, LOCKSTEP, PIPELINED } from "../support/impairments.ts";

const share = (part: number, whole: number) =>
  whole === 0 ? "–" : `${(100 * part / whole).toFixed(2)} %`;

console.log(
  "| impaired by | pairs judged | wrong | not found | in pipelines, judged | wrong | not found |",
);
console.log("|---|---:|---:|---:|---:|---:|---:|");
for (const kind of Object.keys(KINDS)) {
  const cells = [kind];
  for (const [files, seeds] of [[LOCKSTEP, 55], [PIPELINED, 22]] as const) {
    const { judged, lost, wrong } = await countKind(kind, files, seeds);
    cells.push(String(judged), String(wrong.length), share(lost, judged));
  }
  console.log(`| ${cells.join(" | ")} |`);
}
