import { linktypeName } from "../../core/capture/linktypes.ts";
import type { CaptureSummary } from "../../core/capture/open.ts";
import { formatTime } from "../../core/dissect/time.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import { escapeJson } from "../../core/bytes/json_text.ts";
import { escapeText } from "../../core/export/printable.ts";
import { defineCommand } from "../command.ts";
import { decodedAs } from "../decode_as.ts";
import { keylogOption, openKeyLogs } from "../keylog.ts";
import { type OtherProtocol, OtherProtocols, otherText } from "../other_protocols.ts";
import { output } from "../output.ts";
import { pluginOption, registryWith } from "../plugins.ts";
import { Findings, forEachFile, readFor, sourcesOf } from "../reading.ts";
import { captureOptions } from "../dissecting.ts";

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
  /** What conversations carry that is no Iggy, where some do. */
  other_protocols?: OtherProtocol[];
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
    ...(record.other_protocols ?? []).map((found) =>
      ["", `${found.conversations} × ${otherText(found)}`] as const
    ),
  ];
  return `${
    rows.map(([name, value]) => `${(name && `${name}:`).padEnd(20)}${value}\n`).join("")
  }`;
}

export default defineCommand({
  name: "info",
  summary: "Describe a capture: format, packets, times, and what it carries.",
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
    keylog: keylogOption,
    plugin: pluginOption,
  },
  examples: [
    ["info capture.pcap", "Format, packets, times, conversations"],
    ["info -T ndjson *.pcapng", "One record a file"],
  ],
  async run(options, operands) {
    const { format } = options;
    const registry = await registryWith(options.plugin);
    const decodeAs = decodedAs(options["decode-as"]);
    const records: InfoRecord[] = [];
    const code = await forEachFile(sourcesOf(operands), async (file) => {
      const findings = new Findings();
      const others = new OtherProtocols();
      const keys = openKeyLogs(options.keylog);
      let tcp = 0, iggy = 0;
      const pipeline = new Pipeline(registry, () => {}, {
        ...decodeAs,
        keys,
        analysis: false,
        report: findings.report,
        conversation(state) {
          if (state.transport === "tcp") tcp++;
          if (state.isRead) iggy++;
          others.add(state);
        },
      });
      const { code, summaries: [found] } = await readFor([file], {
        packet: (packet) => pipeline.push(packet),
        secrets: (bytes) => keys.pushWhole(bytes),
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
        ...others.list().length > 0 ? { other_protocols: others.list() } : {},
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
