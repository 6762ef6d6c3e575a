import { escapeJson } from "../../core/bytes/json_text.ts";
import { csvCell } from "../../core/export/csv.ts";
import { nearest } from "../../core/filter/suggest.ts";
import { type Group, GROUP_ORDERS, ordered } from "../../core/stats/order.ts";
import { statisticsRecord } from "../../core/stats/record.ts";
import { type GroupBy, GROUPINGS, Statistics } from "../../core/stats/statistics.ts";
import { defineCommand, UsageError, wholeNumber } from "../command.ts";
import { output, terminalWidth, wantsColor } from "../output.ts";
import { statsText } from "../stats_text.ts";
import { captureOptions, dissectFor } from "../dissecting.ts";

const MAX_WIDTH = 120;
const MIN_WIDTH = 72;

export default defineCommand({
  name: "stats",
  summary: "Count transactions: how many, how large, how slow, with which errors.",
  details:
    "Rows have counts, errors, response times (p50 to p99 within 1 %), and bytes on the " +
    "wire; then messages sent and polled, errors by status, and how far consumers are. " +
    "Memory does not grow with the capture: beyond 10 000 keys the rest counts together.",
  operands: [{
    name: "FILE",
    help: "Captures; - or nothing is standard input.",
    optional: true,
    repeatable: true,
  }],
  options: {
    by: {
      value: "KEY",
      likely: GROUPINGS,
      help: "What makes a row, or several with commas: command,topic; default command.",
    },
    sort: {
      value: "COLUMN",
      choices: GROUP_ORDERS,
      help: "Rows with the most of it first; default count.",
    },
    top: { value: "N", help: "Only the first N rows." },
    times: { help: "Where the time went too: server, network, and the client's own." },
    interval: { value: "SECONDS", help: "Rows over time too, one each interval." },
    format: {
      short: "T",
      value: "FORMAT",
      choices: ["text", "json", "csv"],
      help: "How they are printed.",
    },
    width: {
      value: "COLUMNS",
      help: "Columns of a line of text; default the terminal's, and 120 at most.",
    },
    ...captureOptions,
  },
  examples: [
    ["stats capture.pcap", "Every command with its count, errors and times"],
    ["stats --by topic capture.pcap", "Who is busy"],
    ["stats --by command,user --sort p99 --top 10 capture.pcap", "The slowest"],
    ["stats --times capture.pcap", "Server, network or client: where the time went"],
    ["stats --interval 1 -Y 'iggy.failed' capture.pcap", "When errors came"],
    ["stats --by user -T json capture.pcap", "The same for other programs"],
  ],
  async run(options, operands) {
    const statistics = new Statistics({
      by: groupingsOf(options.by),
      interval: options.interval === undefined
        ? undefined
        : secondsOf("interval", options.interval),
      timed: options.interval !== undefined || options.format === "json",
      splits: options.times || options.format === "json",
      lags: options.format === "json",
    });
    const top = options.top === undefined ? Infinity : wholeNumber("top", options.top, 1);
    const width = options.width === undefined
      ? Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, terminalWidth()))
      : wholeNumber("width", options.width, MIN_WIDTH);
    return await dissectFor(
      operands,
      options,
      (transaction) => statistics.add(transaction),
      () => {
        const groups = ordered(statistics.groups, options.sort, top);
        if (options.format === "json") {
          const record = statisticsRecord(statistics, groups);
          output.write(`${escapeJson(JSON.stringify(record, null, 2))}\n`);
        } else if (options.format === "csv") {
          output.write(csv(statistics.by, groups, options.times));
        } else {
          output.write(statsText(statistics, groups, {
            width,
            color: wantsColor(undefined),
            timeline: options.interval !== undefined,
            times: options.times,
          }));
        }
      },
    );
  },
});

/** The keys of a list with commas. */
function groupingsOf(text: string | undefined): GroupBy[] | undefined {
  return text?.split(",").map((word) => {
    const found = GROUPINGS.find((grouping) => grouping === word);
    if (found !== undefined) return found;
    const near = nearest(word, GROUPINGS);
    throw new UsageError(
      `--by is one of ${GROUPINGS.join(", ")}, not "${word}"` +
        (near === null ? "" : `; did you mean ${near}?`),
    );
  });
}

/** An option's value as a number above 0. */
function secondsOf(name: string, value: string): number {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (!(number >= 0.001 && number <= 1e9)) {
    throw new UsageError(`--${name} is a number above 0, not "${value}"`);
  }
  return number;
}

const CSV_COLUMNS = [
  "count",
  "errors",
  "unanswered",
  "p50_us",
  "p90_us",
  "p99_us",
  "max_us",
  "request_bytes",
  "response_bytes",
  "messages_produced",
  "payload_bytes_produced",
  "messages_consumed",
  "payload_bytes_consumed",
  "polls",
  "empty_polls",
];

/** Columns of `--times`: medians and 99 % of the parts of response times. */
const TIME_COLUMNS = (
  [
    ["server", "server"],
    ["network", "network"],
    ["think", "think"],
    ["lost", "lost"],
    ["zero_window", "zeroWindow"],
  ] as const
).flatMap(([name, part]) =>
  ([0.5, 0.99] as const).map((q) => [`${name}_p${q * 100}_us`, part, q] as const)
);

/** One line a group, with a header; where the time went too where it is `timed`. */
function csv(by: string, groups: readonly Group[], timed: boolean): string {
  const more = timed ? TIME_COLUMNS : [];
  const lines = groups.map(([key, { times, produced, consumed, parts, ...counters }]) => {
    const quantiles = [0.5, 0.9, 0.99].map((q) => times.quantile(q));
    return [
      key,
      counters.count,
      counters.errors,
      counters.unanswered,
      ...[...quantiles, times.max].map((us) => times.count === 0 ? null : us),
      counters.requestBytes,
      counters.responseBytes,
      produced?.messages,
      produced?.bytes,
      consumed?.messages,
      consumed?.bytes,
      consumed?.batches,
      consumed?.empty,
      ...more.map(([, part, q]) => parts?.[part].count ? parts[part].quantile(q) : null),
    ].map(csvCell).join(",");
  });
  const columns = [csvCell(by), ...CSV_COLUMNS, ...more.map(([name]) => name)];
  return [columns.join(","), ...lines].map((line) => `${line}\r\n`).join("");
}
