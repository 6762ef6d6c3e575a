import { type CaptureSummary, linktypeName } from "../../core/capture/mod.ts";
import { formatTime } from "../../core/dissect/time.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import { escapeJson, escapeText } from "../../core/export/mod.ts";
import { defineCommand } from "../command.ts";
import { portsDecodedAs } from "../decode_as.ts";
import { output } from "../output.ts";
import { pluginOption, registryWith } from "../plugins.ts";
import { Findings, forEachFile, readFor, sourcesOf } from "../reading.ts";
import { captureOptions } from "./dissect.ts";

/** What `-T ndjson` says of a file. */
interface InfoRecord {
  file: string;
  format: CaptureSummary["format"];
  packets: number;
  first_time: string | null;
  last_time: string | null;
  /** Numbers of the tcpdump registry. */
  linktypes: number[];
  /** Number of capture interfaces. */
  interfaces: number;
  tcp_conversations: number;
  iggy_conversations: number;
  cut: boolean;
}

function timeText(time: CaptureSummary["firstTime"]): string | null {
  return time === null ? null : formatTime(time.seconds, time.nanos);
}

function text(record: InfoRecord): string {
  const rows: readonly (readonly [string, string])[] = [
    ["file", escapeText(record.file)],
    ["format", record.format + (record.cut ? ", cut or damaged" : "")],
    ["packets", String(record.packets)],
    ["first packet", record.first_time ?? "–"],
    ["last packet", record.last_time ?? "–"],
    ["link types", record.linktypes.map(linktypeName).join(", ") || "–"],
    ["interfaces", String(record.interfaces)],
    ["TCP conversations", String(record.tcp_conversations)],
    ["Iggy conversations", String(record.iggy_conversations)],
  ];
  return `${rows.map(([name, value]) => `${`${name}:`.padEnd(20)}${value}\n`).join("")}`;
}

export default defineCommand({
  name: "info",
  summary: "Say what a capture is, with Iggy in it or not.",
  operands: [{
    name: "FILE",
    help: "Captures, each by itself; - or nothing is standard input.",
    optional: true,
    repeatable: true,
  }],
  options: {
    format: {
      short: "T",
      value: "FORMAT",
      choices: ["text", "ndjson", "json"],
      help: "How it is printed.",
    },
    "decode-as": captureOptions["decode-as"],
    plugin: pluginOption,
  },
  examples: [
    ["info capture.pcap", "Format, packets, times, conversations"],
    ["info -T ndjson *.pcapng", "One record a file"],
  ],
  async run(options, operands) {
    const { format } = options;
    const registry = await registryWith(options.plugin);
    const decodeAs = portsDecodedAs(options["decode-as"]);
    const records: InfoRecord[] = [];
    const code = await forEachFile(sourcesOf(operands), async (file) => {
      const findings = new Findings();
      let tcp = 0, iggy = 0;
      const pipeline = new Pipeline(registry, () => {}, {
        decodeAs,
        report: findings.report,
        conversation({ isRead }) {
          tcp++;
          if (isRead) iggy++;
        },
      });
      const { code, summaries: [found] } = await readFor([file], {
        packet: (packet) => pipeline.push(packet),
        report: findings.report,
        end: () => pipeline.end(),
      });
      const record: InfoRecord = {
        file,
        format: found!.format,
        packets: found!.packets,
        first_time: timeText(found!.firstTime),
        last_time: timeText(found!.lastTime),
        linktypes: found!.linktypes,
        interfaces: found!.interfaces.length,
        tcp_conversations: tcp,
        iggy_conversations: iggy,
        cut: found!.cut,
      };
      if (format === "ndjson") output.write(`${escapeJson(JSON.stringify(record))}\n`);
      else if (format === "json") records.push(record);
      else output.write(text(record) + (operands.length > 1 ? "\n" : ""));
      return code;
    });
    if (format === "json") {
      output.write(`${escapeJson(JSON.stringify(records, null, 2))}\n`);
    }
    return code;
  },
});
