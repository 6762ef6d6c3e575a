import {
  alignOutlines,
  type Compared,
  Differences,
  leavesOf,
  Outline,
  type Outlined,
} from "../../core/compare/mod.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { hexDump, secretRanges } from "../../core/export/mod.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import { defineCommand, UsageError, wholeNumber } from "../command.ts";
import {
  type Comparison,
  comparisonJson,
  comparisonText,
  type Dumps,
} from "../diff_text.ts";
import { output, say, terminalWidth } from "../output.ts";
import { captureOptions, dissectFor } from "./dissect.ts";

const DIFFERENT = 1;
/** Pairs whose fields are compared one by one; of further ones only the number is told. */
const MAX_DETAILED = 20_000;
/** Columns below which nothing useful is left of a line. */
const MIN_WIDTH = 40;
/** Bytes shown of a PDU. */
const MAX_HEX = 64;

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
        "diff reads captures twice, which standard input does not allow",
      );
    }
    const width = options.width === undefined
      ? terminalWidth()
      : wholeNumber("width", options.width, MIN_WIDTH);
    const compared = { also: options.also, ignore: options.ignore };
    const outlines = { a: new Outline(compared), b: new Outline(compared) };
    const codeA = await dissectFor([a], options, (found) => outlines.a.add(found));
    const codeB = await dissectFor([b], options, (found) => outlines.b.add(found));
    const aligned = alignOutlines(outlines.a, outlines.b);
    const differing = aligned.pairs.filter(([left, right]) =>
      left.content !== right.content
    );
    const detailed = differing.slice(0, MAX_DETAILED);
    const bytes: Comparison["bytes"] = { a: new Map(), b: new Map() };
    const differences = await detailsOf([a, b], detailed, compared, options, bytes);
    const comparison: Comparison = {
      files: [a, b],
      transactions: [outlines.a.transactions, outlines.b.transactions],
      conversations: [outlines.a.conversations.length, outlines.b.conversations.length],
      releases: [outlines.a.release, outlines.b.release],
      ...aligned,
      differing: differing.length,
      undetailed: differing.length - detailed.length,
      fields: differences.list,
      bytes,
    };
    output.write(
      options.format === "json"
        ? comparisonJson(comparison)
        : comparisonText(comparison, width),
    );
    if (outlines.a.transactions === 0 || outlines.b.transactions === 0) {
      say("nothing to compare: a capture has no transaction");
    }
    const code = Math.max(codeA, codeB);
    const alike = differing.length + aligned.onlyA.length + aligned.onlyB.length === 0;
    return code !== 0 || alike ? code : DIFFERENT;
  },
});

/** Reads both captures again for the fields of the pairs that differ. */
async function detailsOf(
  [a, b]: readonly [string, string],
  pairs: readonly (readonly [Outlined, Outlined])[],
  compared: Compared,
  options: Parameters<typeof dissectFor>[1] & { readonly hex: boolean },
  bytes: Comparison["bytes"],
): Promise<Differences> {
  const differences = new Differences();
  if (pairs.length === 0) return differences;
  const placesA = new Map(pairs.map(([left], i) => [left.number, i]));
  const placesB = new Map(pairs.map(([, right], i) => [right.number, i]));
  await dissectFor([a], options, (found) => {
    const place = placesA.get(found.number);
    if (place === undefined) return;
    differences.keep(place, leavesOf(found, compared));
    if (options.hex) bytes.a.set(found.number, dumpsOf(found));
  });
  await dissectFor([b], options, (found) => {
    const place = placesB.get(found.number);
    if (place === undefined) return;
    const [left, right] = pairs[place]!;
    const places = [left.number, right.number] as const;
    differences.compare(place, right.name, places, leavesOf(found, compared));
    if (options.hex) bytes.b.set(found.number, dumpsOf(found));
  });
  return differences;
}

/** The first bytes of both PDUs, secrets hidden. */
function dumpsOf({ request, response }: Transaction): Dumps {
  const dump = (pdu: Pdu | null) =>
    pdu === null ? [] : hexDump(pdu.bytes, secretRanges(pdu, request === null), MAX_HEX);
  return { request: dump(request), response: dump(response) };
}
