import type { Transaction } from "../../core/dissect/transaction.ts";
import { strictFindings } from "../../core/dissect/strict.ts";
import { escapeJson, escapeText } from "../../core/export/mod.ts";
import { compileFilter, FilterError } from "../../core/filter/mod.ts";
import { type Issue, issue } from "../../core/issue.ts";
import { defineCommand, UsageError } from "../command.ts";
import { output, say } from "../output.ts";
import { registryWith } from "../plugins.ts";
import { captureOptions, dissectFor } from "./dissect.ts";

const FOUND = 1;

/** Whether a response took longer than a duration such as `0.25` (seconds) or `250ms`. */
async function slowerThan(duration: string | undefined, plugins: readonly string[]) {
  if (duration === undefined) return () => false;
  try {
    const filter = `iggy.response_time > ${duration}`;
    return compileFilter(filter, await registryWith(plugins));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new UsageError(
      `--max-response-time is seconds, or as 250ms: not "${duration}"`,
    );
  }
}

function line(
  transaction: Transaction,
  { group, message, packet, offset }: Issue,
): string {
  const where = [
    packet === null ? "" : `packet ${packet}`,
    offset === null ? "" : `byte ${offset}`,
  ].filter((part) => part !== "").join(", ");
  const name = transaction.name ?? `code ${transaction.code ?? "unknown"}`;
  return escapeText(`${where || "capture"}: ${name}: ${message} (${group})`);
}

export default defineCommand({
  name: "check",
  summary: "Look for what is not as it should be; exit 1 where something is.",
  details:
    "For CI and authors of SDKs: trailing bytes, unknown values, wrong lengths, encodings " +
    "that no encoder makes, answers other than ok, and responses that took too long.",
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
      choices: ["text", "ndjson"],
      help: "How findings are printed.",
    },
    "max-response-time": {
      value: "DURATION",
      help: "Longer response times are findings; seconds, or with a unit: 250ms.",
    },
    ...captureOptions,
  },
  examples: [
    ["check capture.pcap", "Everything that is odd, a line each"],
    ["check --max-response-time 250ms capture.pcap", "What took too long as well"],
    ["check -Y 'iggy.status == 0' capture.pcap", "Without the answers that refuse"],
  ],
  async run(options, operands) {
    const slow = await slowerThan(options["max-response-time"], options.plugin);
    let count = 0;
    const code = await dissectFor(operands, options, (transaction) => {
      const found = strictFindings(transaction);
      if (slow(transaction)) {
        const took = `took ${transaction.responseTimeUs! / 1000} ms`;
        const packet = transaction.response!.stamp.packet;
        found.push(issue("warn", "response_code", took, packet));
      }
      count += found.length;
      for (const finding of found) {
        const { number, conversation, name } = transaction;
        const record = {
          transaction: number,
          conversation: conversation.number,
          command: name,
          ...finding,
        };
        output.write(
          options.format === "ndjson"
            ? `${escapeJson(JSON.stringify(record))}\n`
            : `${line(transaction, finding)}\n`,
        );
      }
    });
    if (count > 0) say(`${count} ${count === 1 ? "finding" : "findings"}`);
    return code === 0 && count > 0 ? FOUND : code;
  },
});
