import { defineCommand, UsageError, wholeNumber } from "../command.ts";
import { compareCaptures } from "../diff_reading.ts";
import { comparisonJson, comparisonText } from "../diff_text.ts";
import { output, say, terminalWidth } from "../output.ts";
import { captureOptions } from "../dissecting.ts";

const DIFFERENT = 1;
/** Columns below which nothing useful is left of a line. */
const MIN_WIDTH = 40;

export default defineCommand({
  name: "diff",
  summary: "Compare two captures of the same work: two SDKs, two releases.",
  details:
    "Conversations are matched by what they did, their transactions by command and the " +
    "names of what they are about, then by command alone. Each field that differs is told " +
    "once for its command, with how often and the values of its first pair. What differs " +
    "from run to run is left out: moments, checksums, secrets, and fields marked volatile " +
    "such as message ids and offsets. Exit 1 where the captures differ.",
  operands: [
    { name: "A", help: "A capture." },
    { name: "B", help: "The capture to compare with it." },
  ],
  options: {
    format: {
      short: "T",
      value: "FORMAT",
      choices: ["text", "json"],
      help: "How differences are printed.",
    },
    also: {
      value: "PATH",
      repeatable: true,
      help: "Compare this too although it is volatile: response.messages.offset.",
    },
    ignore: {
      value: "PATH",
      repeatable: true,
      help: "Leave this out, with all below it: request.version.",
    },
    hex: { short: "x", help: "Show the bytes of the first pair of each difference." },
    width: {
      value: "COLUMNS",
      help: "Columns of a line of text; the terminal's, and 160 where there is none.",
    },
    ...captureOptions,
  },
  examples: [
    ["diff rust.pcap go.pcap", "Two SDKs"],
    ["diff --ignore request.version 0.7.pcap 0.8.pcap", "Two releases"],
    ["diff -x -Y 'iggy.command == \"create_topic\"' a.pcap b.pcap", "One command, bytes"],
  ],
  async run(options, [a = "", b = ""]) {
    if (a === "-" || b === "-") {
      throw new UsageError(
        "diff reads captures more than once, which standard input does not allow",
      );
    }
    const width = options.width === undefined
      ? terminalWidth()
      : wholeNumber("width", options.width, MIN_WIDTH);
    const compared = { also: options.also, ignore: options.ignore };
    const { code, comparison } = await compareCaptures([a, b], options, compared);
    output.write(
      options.format === "json"
        ? comparisonJson(comparison)
        : comparisonText(comparison, width),
    );
    if (comparison.tallies.some(({ transactions }) => transactions === 0)) {
      say("nothing to compare: a capture has no transaction");
    }
    const { differing, alone } = comparison.found;
    const alike = differing + alone[0].count + alone[1].count === 0;
    return code !== 0 || alike ? code : DIFFERENT;
  },
});
