import { defineCommand, UsageError } from "../command.ts";
import { captureOptions, dissectFor } from "../dissecting.ts";
import { exporterFor, formatOptions, recordOptions } from "../exporters.ts";
import { openKeyLogs } from "../keylog.ts";
import { registryWith } from "../plugins.ts";
import { Printing } from "../printing.ts";
import { sourcesOf } from "../reading.ts";
import { TABLE_FORMATS } from "../../core/export/table/formats.ts";

/** The options of `-T fields`, with tshark's letters. */
const fieldOptions = {
  field: {
    short: "e",
    value: "FIELD",
    names: "fields",
    repeatable: true,
    help: "A field that -T fields prints, such as iggy.command.",
  },
  "field-options": {
    short: "E",
    value: "NAME=VALUE",
    repeatable: true,
    help:
      "How -T fields prints: header=y|n, separator=/t|/s|CHAR, aggregator=,|/s|CHAR, " +
      "quote=d|s|n, occurrence=f|l|a.",
  },
} as const;

/** The option that asks for a trace; alone it traces every command of `--plugin`. */
const traceOption = {
  value: "NAME",
  alone: /^[a-z][a-z0-9_]*$/,
  help:
    "Say on standard error for which PDUs this command was called, and why not for others; " +
    "without NAME for those of --plugin.",
} as const;

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
      const { PacketSaver } = await import("../save_packets.ts");
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
      const { openTable } = await import("../table_output.ts");
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
      ? (await import("../field_columns.ts")).fieldColumns(
        await registryWith(options.plugin),
        options.field,
        options["field-options"],
        options["show-secrets"],
      )
      : await exporterFor({ ...options, format });
    const printing = new Printing(exporter);
    return await dissectFor(operands, options, printing.transaction, printing.end);
  },
});
