import { amount } from "../../core/bytes/amount.ts";
import type { CarrierBytes } from "../../core/dissect/conversation_reader.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import type { ConversationState } from "../../core/dissect/conversation_state.ts";
import type { ConversationStatistics } from "../../core/tcp/mod.ts";
import type { RecordOptions, Transaction } from "../../core/dissect/transaction.ts";
import {
  csvExporter,
  type Exporter,
  jsonExporter,
  ndjsonExporter,
  textExporter,
  type TextOptions,
  TIME_FORMS,
  treeExporter,
} from "../../core/export/mod.ts";
import { compileFilter, type Filter, FilterError } from "../../core/filter/mod.ts";
import { defineCommand, type OptionValues, UsageError, wholeNumber } from "../command.ts";
import { decodedAs } from "../decode_as.ts";
import { say, terminalWidth, wantsColor } from "../output.ts";
import { fieldColumns, fieldOptions } from "../field_columns.ts";
import type { KeyLog } from "../../core/framing/tls/key_log.ts";
import { keylogOption, openKeyLogs } from "../keylog.ts";
import { OtherProtocols } from "../other_protocols.ts";
import { pluginOption, registryWith } from "../plugins.ts";
import { Printing } from "../printing.ts";
import { Findings, readFor, sourcesOf } from "../reading.ts";
import { PluginTrace, traceOption } from "../trace_plugin.ts";
import { PacketSaver } from "../save_packets.ts";
import { openTable } from "../table_output.ts";
import { TABLE_FORMATS } from "../../core/export/table/formats.ts";

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
function recordOptions(
  options: Pick<OptionValues<typeof formatOptions>, "show-secrets" | "max-bytes">,
): RecordOptions {
  const maxBytes = options["max-bytes"] ?? String(DEFAULT_MAX_BYTES);
  return {
    showSecrets: options["show-secrets"],
    maxBytes: maxBytes === "all" ? Infinity : wholeNumber("max-bytes", maxBytes),
  };
}

/** The exporter that the options ask for. */
export function exporterFor(
  options: OptionValues<typeof formatOptions>,
  usual: "text" | "tree" = "text",
): Exporter {
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
  const exporters = {
    text: textExporter,
    tree: treeExporter,
    ndjson: ndjsonExporter,
    json: jsonExporter,
    csv: csvExporter,
  };
  return exporters[format](textOptions);
}

/** Options of every command that reads captures. */
export const captureOptions = {
  "display-filter": {
    short: "Y",
    value: "FILTER",
    names: "filter",
    help: "Only transactions that match, in Wireshark's language: iggy.failed",
  },
  count: { short: "c", value: "N", help: "Stop after N packets." },
  "decode-as": {
    short: "d",
    value: "tcp.port==N,iggy",
    repeatable: true,
    help: "Take a port, or the ports from N to M written N-M, for Iggy's.",
  },
  keylog: keylogOption,
  plugin: pluginOption,
} as const;

/** What else a command that reads captures may want. */
export interface DissectHooks {
  /** Told of the bytes that are a carrier's own. */
  readonly carrier?: CarrierBytes;
  /** Told of each conversation when nothing further will be said of it. */
  conversation?(state: ConversationState, statistics: ConversationStatistics): void;
  /** Awaited before each chunk. */
  readonly pace?: () => Promise<void>;
  /** Asked at each chunk; true ends the reading early. */
  stopped?(): boolean;
  /** Where what is no Iggy, or sealed, is counted. */
  readonly others?: OtherProtocols;
  /** Secrets in the captures are passed over, so that TLS and QUIC stay sealed. */
  readonly staysSealed?: boolean;
  /** The captures were read before: what is to be said of them was said. */
  readonly isRepeated?: boolean;
}

/**
 * Calls `take` with each transaction that passes the filter, which may not keep it; gives the
 * exit code.
 */
export async function dissectFor(
  operands: readonly string[],
  options: OptionValues<typeof captureOptions> & {
    readonly follow?: boolean;
    readonly "show-secrets"?: boolean;
    readonly "trace-plugin"?: string;
    /** Secrets of sessions, where they are known already. */
    readonly keys?: KeyLog;
  },
  take: (transaction: Transaction) => void,
  done: () => void = () => {},
  hooks: DissectHooks = {},
): Promise<number> {
  const { carrier, conversation: ended, pace, stopped, isRepeated = false } = hooks;
  const { others = new OtherProtocols(), staysSealed = false } = hooks;
  const sources = sourcesOf(operands);
  const registry = await registryWith(options.plugin);
  const traced = options["trace-plugin"];
  const trace = traced === undefined ? null : new PluginTrace(registry, traced);
  const passes = filterOf(
    registry,
    options["display-filter"],
    options["show-secrets"] ?? false,
  );
  const most = options.count === undefined
    ? Infinity
    : wholeNumber("count", options.count, 1);
  const findings = new Findings();
  const report = isRepeated ? () => {} : findings.report;
  const keys = options.keys ?? openKeyLogs(options.keylog);
  let packets = 0, conversations = 0, transactions = 0, readable = 0;
  const pipeline = new Pipeline(registry, (transaction) => {
    transactions++;
    if (transaction.request !== null || transaction.response !== null) readable++;
    trace?.transaction(transaction);
    if (passes === null || passes(transaction)) take(transaction);
  }, {
    ...decodedAs(options["decode-as"]),
    transient: true,
    analysis: ended !== undefined,
    carrier,
    keys,
    conversation(conversation, statistics) {
      if (conversation.transport === "tcp") conversations++;
      others.add(conversation);
      trace?.conversation(conversation);
      ended?.(conversation, statistics);
    },
    report,
  });
  const { code } = await readFor(sources, {
    packet(packet) {
      if (packets >= most) return;
      packets++;
      pipeline.push(packet);
    },
    stopped: () => packets >= most || stopped?.() === true,
    pace,
    follow: options.follow ? new AbortController().signal : undefined,
    secrets(bytes) {
      if (!staysSealed) keys.pushWhole(bytes);
    },
    report,
    end() {
      pipeline.end();
      done();
      trace?.end();
    },
  });
  if (isRepeated) return code;
  if (conversations === 0 && transactions === 0 && others.list().length === 0) {
    say(`no TCP in ${amount(packets, "packet")}`);
  } else if (transactions === 0) {
    say(
      `no Iggy in ${amount(conversations, "TCP conversation")}${others.text()}; ` +
        "-d tcp.port==N,iggy names its port",
    );
  } else if (readable === 0 && others.sealed > 0) say(`nothing readable${others.text()}`);
  return code;
}

function filterOf(
  registry: Registry,
  filter: string | undefined,
  showSecrets: boolean,
): Filter | null {
  if (filter === undefined) return null;
  try {
    return compileFilter(filter, registry, { showSecrets });
  } catch (error) {
    if (error instanceof FilterError) throw new UsageError(error.explain(filter));
    throw error;
  }
}

export default defineCommand({
  name: "dissect",
  summary: "Print the transactions of captures: what was asked, what came back, when.",
  details:
    "Captures are pcap or pcapng, also compressed with gzip or zstd. Several are merged by " +
    "time. A line has the time (UTC), the conversation (tshark's tcp.stream), the command " +
    "with its main arguments, the result, and the response time.",
  operands: [{
    name: "FILE",
    help: "Captures; - or nothing is standard input.",
    optional: true,
    repeatable: true,
  }],
  options: {
    ...formatOptions,
    format: {
      ...formatOptions.format,
      choices: [...formatOptions.format.choices, "fields", ...TABLE_FORMATS],
    },
    output: {
      short: "o",
      value: "FILE",
      help: "Where -T parquet and -T arrow write, besides standard output.",
    },
    ...fieldOptions,
    ...captureOptions,
    read: {
      short: "r",
      value: "FILE",
      repeatable: true,
      help: "A capture, as with tshark; the same as FILE alone.",
    },
    "no-names": { short: "n", help: "Taken as with tshark; names are never resolved." },
    quiet: {
      short: "q",
      help: "Print no transactions, only what is said of the capture.",
    },
    "trace-plugin": traceOption,
    follow: { help: "Wait for more at the end of a file that is still being written." },
    write: {
      short: "w",
      value: "FILE",
      help: "Print nothing; write the packets of the transactions as pcapng; - is " +
        "standard output.",
    },
    "keep-secrets": {
      help: "With -w: write the secrets that opened TLS and QUIC into the file too.",
    },
  },
  examples: [
    ["capture.pcap", "One line for each request and its response"],
    ["-V -c 100 capture.pcap", "All fields, of the first 100 packets"],
    ["-T ndjson capture.pcap.gz | jq .command", "Records for other programs"],
    ["-Y 'iggy.failed' capture.pcap", "Only what failed"],
    ["-T fields -e iggy.command -e iggy.response_time a.pcap", "Some fields, with tabs"],
    ["-Y 'iggy.failed' -w errors.pcapng capture.pcap", "The packets of what failed"],
    ["-T parquet -o a.parquet a.pcap", "A table for DuckDB, pandas and Spark"],
    ["-d tcp.port==5100,iggy capture.pcap", "A server on another port"],
    ["-", "Live: tcpdump -U -w - port 8090 | iggyscope -"],
  ],
  hints: {
    "-i": "capture with tcpdump -U -w - | iggyscope -, or see iggyscope serve --live",
    "-R": "one pass is enough here: use -Y",
    "-2": "one pass is enough here: leave it out",
    "-z": "see iggyscope stats, conversations and follow",
    "-l": "lines appear as they come: leave it out",
    "-f": "capture filters are tcpdump's; -Y filters what was captured",
    "-N": "names are never resolved: leave it out",
    "-s": "a snapshot length is tcpdump's",
    "-F": "-w writes pcapng",
    "-j": "-T fields -e FIELD prints some fields",
    "-O": "-V prints every field; -Y chooses transactions",
    "-S": "what stands between fields is -E separator=CHAR",
    "-G": "see iggyscope fields and commands",
    "-X": "--plugin PATH adds commands and framings",
    "-v": "--version tells it",
  },
  async run(options, files) {
    const operands = [...options.read, ...files];
    const { format } = options;
    if (format !== "fields" && options.field.length > 0) {
      throw new UsageError("-e goes with -T fields");
    }
    if (options["keep-secrets"] && options.write === undefined) {
      throw new UsageError("--keep-secrets goes with -w");
    }
    if (options.write !== undefined) {
      if (options.follow) throw new UsageError("-w and --follow do not go together");
      const sources = sourcesOf(operands);
      const saver = new PacketSaver(options.write, sources);
      const keys = openKeyLogs(options.keylog);
      const code = await dissectFor(
        operands,
        { ...options, keys },
        (found) => saver.add(found),
      );
      const secrets = options["keep-secrets"] ? keys.used() : null;
      await saver.write(sources, Number(options.count ?? Infinity), secrets);
      return code;
    }
    if (options.quiet) return await dissectFor(operands, options, () => {});
    if (format === "parquet" || format === "arrow") {
      const table = await openTable(format, recordOptions(options), options.output);
      return await dissectFor(operands, options, table.add, table.end);
    }
    if (options.output !== undefined) {
      throw new UsageError("-o goes with -T parquet and -T arrow; else use > FILE");
    }
    if (format === "fields" && options.time !== undefined) {
      throw new UsageError("-t goes with -T text; frame.time_epoch is a field for -e");
    }
    const exporter = format === "fields"
      ? fieldColumns(
        await registryWith(options.plugin),
        options.field,
        options["field-options"],
        options["show-secrets"],
      )
      : exporterFor({ ...options, format });
    const printing = new Printing(exporter);
    return await dissectFor(operands, options, printing.transaction, printing.end);
  },
});
