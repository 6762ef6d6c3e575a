import { type CaptureFinding } from "../../core/diagnose/mod.ts";
import { compileFilter, type Filter } from "../../core/filter/compile.ts";
import { FilterError } from "../../core/filter/error.ts";
import { fieldTable } from "../../core/filter/field_table.ts";
import { diagnose } from "../../mod.ts";
import {
  type Registry,
  type Transaction,
  transactionsOf,
  type TransactionsOptions,
} from "../../core/dissect/mod.ts";
import { escapeJson } from "../../core/bytes/json_text.ts";
import { textExporter } from "../../core/export/text.ts";
import { CaptureError } from "../../core/capture/error.ts";
import { ordered } from "../../core/stats/order.ts";
import { statisticsRecord } from "../../core/stats/record.ts";
import { Statistics } from "../../core/stats/statistics.ts";
import type { CaptureFolder } from "./folder.ts";
import { type Tool, ToolError } from "./protocol.ts";

/** Characters of an answer at most. */
const MAX_ANSWER = 32_000;
const MAX_LIMIT = 200, USUAL_LIMIT = 30;
/** Commands, topics and findings told at most. */
const MAX_ROWS = 25;
const WIDTH = 160;
const SHOWN = { maxBytes: 64, showSecrets: false };

const file = {
  type: "string",
  description: "A capture of the folder, as overview names it.",
};
const filter = {
  type: "string",
  description:
    "Wireshark's display-filter language over the paths that fields gives, such " +
    'as iggy.failed, iggy.command == "poll_messages" or iggy.response_time > 0.1',
};
const limit = (usual: number) => ({
  type: "integer",
  description: `How many at most; default ${usual}, at most ${MAX_LIMIT}.`,
});

function limitOf(args: Readonly<Record<string, unknown>>, usual = USUAL_LIMIT): number {
  return Math.min(MAX_LIMIT, Math.max(1, Number(args.limit ?? usual)));
}

function filterOf(text: unknown, registry: Registry): Filter {
  if (text === undefined) return () => true;
  try {
    return compileFilter(String(text), registry, { showSecrets: false });
  } catch (error) {
    if (error instanceof FilterError) throw new ToolError(error.explain(String(text)));
    throw error;
  }
}

/** Text that fits an answer, with a word about what does not. */
function bounded(text: string, hint: string): string {
  if (text.length <= MAX_ANSWER) return text;
  return `${text.slice(0, MAX_ANSWER)}\n… cut at ${MAX_ANSWER} characters; ${hint}`;
}

function jsonText(value: unknown): string {
  return escapeJson(JSON.stringify(value));
}

/** A captured file that cannot be read is told to the assistant, not to the process. */
async function read<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CaptureError) throw new ToolError(error.message);
    throw error;
  }
}

function findingText(
  { id, severity, subject, message, advice, transactions }: CaptureFinding,
) {
  return { id, severity, subject, message, advice, transactions };
}

/** The five tools over a folder of captures, by what `registry` knows. */
export function captureTools(
  folder: CaptureFolder,
  registry: Registry,
  options: TransactionsOptions,
): readonly Tool[] {
  return [
    {
      name: "overview",
      title: "Captures, or what is in one",
      description:
        "Without file: the captures of the folder. With file: its commands with counts, " +
        "errors and response times, its topics, and the ids of what diagnose finds.",
      properties: { file },
      required: [],
      answer: (args) =>
        Promise.resolve(
          args.file === undefined ? folder.list() : read(() => summary(args.file)),
        ),
    },
    {
      name: "transactions",
      title: "Requests with their responses",
      description:
        "One line each: number, time in UTC, conversation, what was asked, what " +
        "came back, how long it took. Ends with the number to go on from.",
      properties: {
        file,
        filter,
        from: { type: "integer", description: "The first number wanted; default 0." },
        limit: limit(USUAL_LIMIT),
      },
      required: ["file"],
      answer: (args) => read(() => lines(args)),
    },
    {
      name: "transaction",
      title: "One transaction with all its fields",
      description:
        "The record of a transaction: all fields of request and response, and " +
        "issues. Secrets are redacted.",
      properties: { file, number: { type: "integer", description: "Its number." } },
      required: ["file", "number"],
      answer: (args) => read(() => record(args)),
    },
    {
      name: "findings",
      title: "What is wrong in a capture",
      description:
        "Lag, stuck consumers, storms, mismatched releases, loss that explains " +
        "latency: each with evidence and advice, the most serious first.",
      properties: { file, limit: limit(MAX_ROWS) },
      required: ["file"],
      answer: (args) => read(() => findings(args)),
    },
    {
      name: "fields",
      title: "Paths that filters know",
      description:
        "Paths with type and meaning, those that have all words of the search.",
      properties: {
        search: { type: "string", description: "Words of a path or a meaning." },
        limit: limit(USUAL_LIMIT),
      },
      required: [],
      answer: (args) => Promise.resolve(fields(args, registry)),
    },
  ];

  async function summary(name: unknown): Promise<string> {
    const path = folder.path(name);
    const commands = new Statistics({ by: "command" });
    const topics = new Statistics({ by: "topic" });
    for await (const transaction of transactionsOf(path, registry, options)) {
      commands.add(transaction);
      topics.add(transaction);
    }
    const most = ordered(commands.groups, undefined, MAX_ROWS);
    const { total, groups } = statisticsRecord(commands, most);
    const found = await diagnose(path, { ...options, registry });
    return bounded(
      jsonText({
        file: name,
        total,
        commands: groups,
        topics:
          statisticsRecord(topics, ordered(topics.groups, undefined, MAX_ROWS)).groups,
        findings: found.slice(0, MAX_ROWS).map(({ id, subject }) => `${id}: ${subject}`),
      }),
      "iggyscope stats tells all of it",
    );
  }

  async function lines(args: Readonly<Record<string, unknown>>): Promise<string> {
    const passes = filterOf(args.filter, registry);
    const from = Number(args.from ?? 0), most = limitOf(args);
    const exporter = textExporter({ ...SHOWN, width: WIDTH, color: false, hex: false });
    let text = "", count = 0;
    for await (
      const transaction of transactionsOf(folder.path(args.file), registry, options)
    ) {
      if (transaction.number < from || !passes(transaction)) continue;
      if (count === most || text.length > MAX_ANSWER) {
        return `${text}more follow: from=${transaction.number}\n`;
      }
      text += `${transaction.number}\t${exporter.transaction(transaction)}`;
      count++;
    }
    return `${text}${count === 0 ? "none" : "no more follow"}\n`;
  }

  async function record(args: Readonly<Record<string, unknown>>): Promise<string> {
    const path = folder.path(args.file), number = Number(args.number);
    const found = await nth(transactionsOf(path, registry, options), number);
    if (found === null) {
      throw new ToolError(`${args.file} has no transaction ${args.number}`);
    }
    return bounded(jsonText(found.toRecord(SHOWN)), "the rest is more of the same list");
  }

  async function findings(args: Readonly<Record<string, unknown>>): Promise<string> {
    const found = await diagnose(folder.path(args.file), { ...options, registry });
    const shown = found.slice(0, limitOf(args, MAX_ROWS));
    return bounded(
      jsonText({ found: found.length, findings: shown.map(findingText) }),
      "ask for fewer",
    );
  }
}

async function nth(
  transactions: AsyncIterable<Transaction>,
  number: number,
): Promise<Transaction | null> {
  for await (const transaction of transactions) {
    if (transaction.number === number) return transaction;
  }
  return null;
}

function fields(args: Readonly<Record<string, unknown>>, registry: Registry): string {
  const words = String(args.search ?? "").toLowerCase().split(/\s+/);
  const all = fieldTable(registry).all.filter(({ path, doc }) => {
    const text = `${path} ${doc}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const shown = all.slice(0, limitOf(args));
  const rows = shown.map(({ path, type, doc }) => `${path}\t${type}\t${doc}\n`);
  return bounded(
    `${rows.join("")}${shown.length} of ${all.length} fields\n`,
    "ask for fewer",
  );
}
