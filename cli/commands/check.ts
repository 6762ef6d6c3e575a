import type { Transaction } from "../../core/dissect/transaction.ts";
import { compileFilter } from "../../core/filter/compile.ts";
import { FilterError } from "../../core/filter/error.ts";
import {
  Baseline,
  type Finding,
  findingOf,
  isAtLeast,
  SEVERITIES,
  strictFindings,
  TRANSACTION_FINDINGS,
} from "../../core/findings/mod.ts";
import type { Severity } from "../../core/issue.ts";
import { defineCommand, UsageError, writeError } from "../command.ts";
import {
  FINDING_FORMATS,
  findingJson,
  findingLine,
  findingsJson,
  junit,
  type Report,
  sarif,
} from "../findings_text.ts";
import { output, say } from "../output.ts";
import { registryWith } from "../plugins.ts";
import { captureOptions, dissectFor } from "../dissecting.ts";

const FOUND = 1;
/** Findings kept for a form that is written at the end; further ones are only counted. */
const MAX_KEPT = 100_000;

/** Tells which responses took longer than they may. */
type Slow = (transaction: Transaction) => boolean;

/**
 * Limits such as `250ms`, `0.25` (seconds), or `send_messages=100ms` for one command, which
 * goes before one for all.
 */
async function slowerThan(
  limits: readonly string[],
  plugins: readonly string[],
): Promise<Slow> {
  const registry = limits.length === 0 ? null : await registryWith(plugins);
  const byCommand = new Map<string | null, Slow>();
  for (const limit of limits) {
    const [, command = null, duration] = /^(?:(\w+)=)?(.*)$/s.exec(limit)!;
    if (command !== null && registry!.commands.byName(command) === undefined) {
      throw new UsageError(`--max-response-time: no command is named "${command}"`);
    }
    try {
      const root = registry!.root;
      byCommand.set(
        command,
        compileFilter(`${root}.response_time > ${duration}`, registry!),
      );
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      throw new UsageError(
        `--max-response-time is seconds, or as 250ms: not "${duration}"`,
      );
    }
  }
  return (transaction) =>
    (byCommand.get(transaction.name) ?? byCommand.get(null))?.(transaction) ?? false;
}

async function readBaseline(path: string | undefined): Promise<Baseline | null> {
  if (path === undefined) return null;
  try {
    return Baseline.parse(await Deno.readTextFile(path));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--baseline ${path}: ${reason}`);
  }
}

/** What goes wrong in a capture, told at once or at its end. */
class Findings {
  readonly commands = new Set<string>();
  readonly kept: Finding[] = [];
  count = 0;
  readonly #format: typeof FINDING_FORMATS[number];

  constructor(format: typeof FINDING_FORMATS[number] = "text") {
    this.#format = format;
  }

  add(finding: Finding): void {
    this.count++;
    if (this.#format === "text") output.write(findingLine(finding));
    else if (this.#format === "ndjson") output.write(findingJson(finding));
    else if (this.kept.length < MAX_KEPT) this.kept.push(finding);
  }

  end(file: string): void {
    const report: Report = { file, findings: this.kept, commands: [...this.commands] };
    if (this.#format === "json") output.write(findingsJson([report]));
    if (this.#format === "sarif") output.write(sarif([report], TRANSACTION_FINDINGS));
    if (this.#format === "junit") output.write(junit([report]));
    const left = this.count - this.kept.length;
    const whole = this.#format === "text" || this.#format === "ndjson" || left === 0;
    if (!whole) say(`${left} further findings suppressed`);
    if (this.count > 0) {
      say(`${this.count} ${this.count === 1 ? "finding" : "findings"}`);
    }
  }
}

export default defineCommand({
  name: "check",
  summary: "Check captures strictly; exit 1 where there are findings.",
  details:
    "For CI and authors of SDKs: trailing bytes, unknown values, wrong lengths, encodings " +
    "that no encoder makes, answers other than ok, and responses that took too long. Each " +
    "finding has an id that stays the same from release to release.",
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
      choices: FINDING_FORMATS,
      help: "How findings are printed; sarif and junit are for CI systems.",
    },
    severity: {
      value: "LEVEL",
      choices: ["note", "warn", "error"],
      help: "Only findings that are at least so serious; default note.",
    },
    "max-response-time": {
      value: "[COMMAND=]DURATION",
      repeatable: true,
      help: "Longer response times are findings; seconds, or with a unit: 250ms.",
    },
    baseline: {
      value: "FILE",
      help: "Leave out what this file knows; --write-baseline makes it.",
    },
    "write-baseline": {
      value: "FILE",
      help: "Write what is found to a file for --baseline, and exit with 0.",
    },
    ...captureOptions,
  },
  examples: [
    ["check capture.pcap", "Everything that is odd, a line each"],
    [
      "check --max-response-time 250ms --max-response-time ping=5ms capture.pcap",
      "What took too long as well",
    ],
    ["check -T sarif capture.pcap > check.sarif", "For a code scanning service"],
    ["check --baseline known.json capture.pcap", "Only what is new"],
    ["check -Y 'iggy.status == 0' capture.pcap", "Without the answers that refuse"],
  ],
  async run(options, operands) {
    const slow = await slowerThan(options["max-response-time"], options.plugin);
    const known = await readBaseline(options.baseline);
    const least: Severity = options.severity ?? SEVERITIES[1]!;
    const written = options["write-baseline"];
    const baseline = written === undefined ? null : new Baseline();
    const findings = new Findings(options.format);
    const code = await dissectFor(operands, options, (transaction) => {
      if (transaction.name !== null) findings.commands.add(transaction.name);
      for (const finding of findingsOf(transaction, slow)) {
        if (!isAtLeast(finding.severity, least) || known?.takes(finding)) continue;
        if (baseline === null) findings.add(finding);
        else baseline.add(finding);
      }
    });
    if (baseline !== null) {
      await writeText(written!, baseline.text());
      return code;
    }
    findings.end(operands.join(" ") || "-");
    return code === 0 && findings.count > 0 ? FOUND : code;
  },
});

function findingsOf(transaction: Transaction, slow: Slow): Finding[] {
  const found = strictFindings(transaction);
  if (!slow(transaction)) return found;
  const message = `took ${transaction.responseTimeUs! / 1000} ms`;
  const { packet } = transaction.response!.stamp;
  return [...found, findingOf(transaction, "slow_response", message, { packet })];
}

async function writeText(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw writeError(`--write-baseline ${path}: ${reason}`, error);
  }
}
