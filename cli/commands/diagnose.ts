import { type CaptureFinding, Diagnosis } from "../../core/diagnose/mod.ts";
import { escapeJson } from "../../core/bytes/json_text.ts";
import { escapeText } from "../../core/export/printable.ts";
import { wrap } from "../../core/export/spans.ts";
import { isAtLeast } from "../../core/findings/mod.ts";
import type { Severity } from "../../core/issue.ts";
import { paint, span } from "../../core/export/spans.ts";
import { defineCommand } from "../command.ts";
import { output, terminalWidth, wantsColor } from "../output.ts";
import { captureOptions, dissectFor } from "../dissecting.ts";

const FOUND = 1;
const MAX_WIDTH = 80;
const SEVERITIES = ["note", "warn", "error"] as const satisfies readonly Severity[];
const LOOKS = { chat: "plain", note: "plain", warn: "odd", error: "bad" } as const;

/** A finding as some lines: what it is, what was seen, where, and what to try. */
function text(found: CaptureFinding, width: number, color: boolean): string {
  const { severity, id, subject, message, meaning, advice, count } = found;
  const shown = found.transactions.map((number) => `${number}`).join(", ");
  const more = count > found.transactions.length ? ` … (${count} in all)` : "";
  const packets = found.packets.join(", ");
  const lines = [
    `seen: ${message}`,
    `means: ${meaning}`,
    `try: ${advice}`,
    `look at: transactions ${shown}${more}; packets ${packets}`,
  ].flatMap((line) => wrap(escapeText(line), width - 4).map((part) => `    ${part}`));
  const head = span(escapeText(`${severity}  ${id}  ${subject}`), LOOKS[severity]);
  return [paint(head, color), ...lines].map((line) => `${line}\n`).join("");
}

export default defineCommand({
  name: "diagnose",
  summary: "Diagnose a capture: lag, storms, mismatches, loss; with advice.",
  details:
    "Findings are about the whole capture: consumers that are stuck or fall behind, empty " +
    "polls, retries and logins in storms, requests that no server answers, loss that " +
    "explains latency. Each has a stable id, the transactions that show it, what it means " +
    "and what to try. Nothing is a finding by its size alone: windows of requests count.",
  operands: [{
    name: "FILE",
    help: "Captures; - or nothing is standard input.",
    optional: true,
    repeatable: true,
  }],
  options: {
    format: {
      short: "T",
      value: "FORMAT",
      choices: ["text", "json"],
      help: "How findings are printed.",
    },
    "fail-on": {
      value: "SEVERITY",
      choices: SEVERITIES,
      help: "Exit 1 where a finding is at least so severe: note, warn or error.",
    },
    ...captureOptions,
  },
  examples: [
    ["diagnose capture.pcap", "What is wrong, the most serious first"],
    ["diagnose --fail-on warn capture.pcap", "For CI: exit 1 with a warning or an error"],
    ["diagnose -T json capture.pcap | jq '.[].id'", "For other programs"],
  ],
  async run(options, operands) {
    const diagnosis = new Diagnosis();
    let findings: readonly CaptureFinding[] = [];
    const code = await dissectFor(
      operands,
      options,
      (transaction) => diagnosis.transaction(transaction),
      () => {
        findings = diagnosis.finish();
        if (options.format === "json") {
          output.write(`${escapeJson(JSON.stringify(findings, null, 2))}\n`);
          return;
        }
        const width = Math.min(MAX_WIDTH, terminalWidth());
        const color = wantsColor(undefined);
        const all = findings.map((found) => text(found, width, color));
        output.write(all.length === 0 ? "nothing found\n" : all.join("\n"));
      },
      {
        conversation: ({ id: number }, statistics) =>
          diagnosis.conversation(number, statistics),
      },
    );
    const least = options["fail-on"];
    if (code !== 0 || least === undefined) return code;
    return findings.some(({ severity }) => isAtLeast(severity, least)) ? FOUND : 0;
  },
});
