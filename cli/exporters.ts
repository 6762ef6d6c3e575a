import type { RecordOptions } from "../core/dissect/transaction.ts";
import type { Exporter, TextOptions } from "../core/export/exporter.ts";
import { TIME_FORMS } from "../core/export/time_column.ts";
import { type OptionValues, UsageError, wholeNumber } from "./command.ts";
import { terminalWidth, wantsColor } from "./output.ts";

const DEFAULT_MAX_BYTES = 64;
const MIN_WIDTH = 40;

/** Options of every command that prints transactions. */
export const formatOptions = {
  format: {
    short: "T",
    value: "FORMAT",
    choices: ["text", "tree", "ndjson", "json", "csv"],
    help: "How transactions are printed.",
  },
  tree: { short: "V", help: "Every field of every transaction; as -T tree." },
  time: {
    short: "t",
    value: "FORM",
    choices: TIME_FORMS,
    help:
      "Times of text lines, as with tshark but UTC: a or u of the day, ad or ud with the " +
      "date, e since 1970, r since the first line, d or dd since the line before.",
  },
  hex: { short: "x", help: "Add the bytes of each PDU to text and tree." },
  "show-secrets": { help: "Show passwords, tokens and keys." },
  "max-bytes": {
    value: "N|all",
    help:
      `Bytes shown of a payload or another bytes value; default ${DEFAULT_MAX_BYTES}.`,
  },
  color: {
    value: "WHEN",
    choices: ["auto", "always", "never"],
    help: "Colours in text and tree; by default on a terminal, and never with NO_COLOR.",
  },
  width: {
    value: "COLUMNS",
    help: "Columns of a line of text; the terminal's, and 160 where there is none.",
  },
} as const;

/** How records are made, as the options say. */
export function recordOptions(
  options: Pick<OptionValues<typeof formatOptions>, "show-secrets" | "max-bytes">,
): RecordOptions {
  const maxBytes = options["max-bytes"] ?? String(DEFAULT_MAX_BYTES);
  return {
    showSecrets: options["show-secrets"],
    maxBytes: maxBytes === "all" ? Infinity : wholeNumber("max-bytes", maxBytes),
  };
}

/** How the exporter of each format is loaded. */
const EXPORTERS = {
  text: async () => (await import("../core/export/text.ts")).textExporter,
  tree: async () => (await import("../core/export/tree.ts")).treeExporter,
  ndjson: async () => (await import("../core/export/json.ts")).ndjsonExporter,
  json: async () => (await import("../core/export/json.ts")).jsonExporter,
  csv: async () => (await import("../core/export/csv.ts")).csvExporter,
};

/** The exporter that the options ask for. */
export async function exporterFor(
  options: OptionValues<typeof formatOptions>,
  usual: "text" | "tree" = "text",
): Promise<Exporter> {
  const format = options.tree ? "tree" : options.format ?? usual;
  if (options.tree && options.format !== undefined && options.format !== "tree") {
    throw new UsageError(`-V is -T tree and does not go with -T ${options.format}`);
  }
  if (options.hex && format !== "text" && format !== "tree") {
    throw new UsageError(`-x goes with -T text and -T tree, not with -T ${format}`);
  }
  if (options.time !== undefined && format !== "text") {
    throw new UsageError(
      `-t goes with -T text, not with -T ${format}; frame.time_epoch is a field for -e`,
    );
  }
  const width = options.width;
  const textOptions: TextOptions = {
    ...recordOptions(options),
    width: width === undefined
      ? Math.max(MIN_WIDTH, terminalWidth())
      : wholeNumber("width", width, MIN_WIDTH),
    color: wantsColor(options.color),
    hex: options.hex,
    time: options.time,
  };
  return (await EXPORTERS[format]())(textOptions);
}
