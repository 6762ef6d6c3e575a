import { amount } from "../../core/bytes/amount.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import {
  type ConversationRecord,
  conversationRecord,
} from "../../core/dissect/conversation_record.ts";
import { escapeJson } from "../../core/bytes/json_text.ts";
import { shortTime } from "../../core/export/human.ts";
import { escapeText } from "../../core/export/printable.ts";
import { securityText } from "../../core/framing/tls/facts.ts";
import type { ConversationStatistics } from "../../core/tcp/statistics.ts";
import { defineCommand } from "../command.ts";
import { decodedAs } from "../decode_as.ts";
import type { ConversationDigests } from "../digest_pass.ts";
import { table } from "../listing.ts";
import { keylogOption, openKeyLogs } from "../keylog.ts";
import { OtherProtocols, otherText } from "../other_protocols.ts";
import { output, say } from "../output.ts";
import { pluginOption, registryWith } from "../plugins.ts";
import { Findings, forEachFile, readFor, sourcesOf } from "../reading.ts";
import { type ConversationTcp, TCP_COLUMNS, tcpFacts } from "../tcp_facts.ts";
import { captureOptions } from "../dissecting.ts";

/** What `-T ndjson` says of a conversation; `file` where there are several. */
interface Row extends ConversationRecord, Partial<ConversationDigests> {
  file?: string;
  tcp?: ConversationTcp;
}

type Cell = readonly [string, (record: Row) => string];
const COLUMNS: readonly Cell[] = [
  ["conv", (record) => `${record.transport === "udp" ? "u" : ""}${record.conversation}`],
  ["client", ({ client }) => client],
  ["server", ({ server }) => server],
  ["start (UTC)", ({ start }) => start.slice(11, 23)],
  ["duration", (record) => shortTime(record.duration_us)],
  ["state", ({ state }) => state],
  [
    "framing",
    ({ framing, release }) => [framing, release].filter(Boolean).join(" ") || "–",
  ],
  ["carries", carries],
  ["user", ({ user }) => user === null ? "–" : escapeText(user)],
  ["transactions", ({ transactions }) => String(transactions)],
  ["errors", ({ errors }) => String(errors)],
  ["retransmitted", ({ retransmitted }) => String(retransmitted)],
  ["out of order", (record) => String(record.out_of_order)],
  ["reordered", (record) => String(record.reordered)],
  ["lost bytes", (record) => String(record.lost_bytes)],
  [
    "RTT",
    ({ handshake_rtt_us }) =>
      handshake_rtt_us === null ? "–" : shortTime(handshake_rtt_us),
  ],
];
/** The transport, where it is sealed, or what is carried that is no Iggy. */
function carries({ protocol, requests, security, quic_connections = [] }: Row): string {
  if (protocol !== null) return otherText({ protocol, requests });
  if (security === null) return "–";
  const several = quic_connections.length < 2
    ? ""
    : `, QUIC connections ${quic_connections.join(", ")}`;
  return escapeText(securityText(security)) + several;
}

const DIGESTS: readonly Cell[] = [
  ["client flow", ({ client_flow }) => digestCell(client_flow)],
  ["server flow", ({ server_flow }) => digestCell(server_flow)],
];

function digestCell(flow: Row["client_flow"]): string {
  return flow === undefined ? "–" : `${flow.bytes} ${flow.sha256}`;
}

function tcpOf({ analysis }: ConversationStatistics): ConversationTcp | undefined {
  if (analysis === null) return undefined;
  return { client: tcpFacts(analysis.client), server: tcpFacts(analysis.server) };
}

function tcpTable(records: readonly Row[]): string {
  const rows = records.flatMap(({ conversation, client, server, tcp }) =>
    tcp === undefined ? [] : ([[client, tcp.client], [server, tcp.server]] as const).map(
      ([end, facts]) => [
        String(conversation),
        end,
        ...TCP_COLUMNS.map(([, text]) => text(facts)),
      ],
    )
  );
  return table(["conv", "end", ...TCP_COLUMNS.map(([title]) => title)], rows);
}

export default defineCommand({
  name: "conversations",
  summary: "List the TCP connections of captures and what they carried.",
  details:
    "Numbers are tshark's tcp.stream. --digest adds bytes, SHA-256, gaps and conflicts of " +
    "both flows: bytes in order from the one after the SYN, or the lowest seen; of a byte " +
    "that came twice the first copy counts; holes are left out. --tcp adds, for both ends, " +
    "the state of RFC 9293, options, windows, round trips from a segment to its ACK as they " +
    "pass the capture, and counts named and counted as tcp.analysis.* of Wireshark 4.4: " +
    "retransmissions include all others. Two are not Wireshark's: by the timer, where the " +
    "oldest bytes come again after 200 ms of silence, and tail loss probes, where the last " +
    "ones do; what may be either counts as neither.",
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
      choices: ["table", "ndjson", "json"],
      help: "How they are printed.",
    },
    all: { short: "a", help: "Connections that carry no Iggy too." },
    digest: { help: "Digests of both flows." },
    tcp: {
      help: "What is known of TCP at both ends; counts as in Wireshark's analysis.",
    },
    "decode-as": captureOptions["decode-as"],
    keylog: keylogOption,
    plugin: pluginOption,
  },
  examples: [
    ["conversations capture.pcap", "Endpoints, durations and losses of all connections"],
    ["conversations --all --digest -T ndjson a.pcap b.pcap", "Digests of every flow"],
  ],
  async run(options, operands) {
    const registry = await registryWith(options.plugin);
    const decodeAs = decodedAs(options["decode-as"]);
    const files = sourcesOf(operands);
    const { DigestPass } = await import("../digest_pass.ts");
    const records: Row[] = [];
    const code = await forEachFile(files, async (file) => {
      const findings = new Findings();
      const found: Row[] = [];
      let tcp = 0;
      const others = new OtherProtocols();
      const keys = openKeyLogs(options.keylog);
      const digests = options.digest ? new DigestPass() : null;
      const pipeline = new Pipeline(registry, () => {}, {
        ...decodeAs,
        keys,
        report: findings.report,
        conversation(state, statistics) {
          if (state.transport === "tcp") tcp++;
          others.add(state);
          const record: Row = conversationRecord(state, statistics);
          if (options.tcp) record.tcp = tcpOf(statistics);
          // Of UDP only what is known to be a connection is one.
          const isListed = options.all &&
            (state.transport === "tcp" || record.protocol !== null);
          if (isListed || record.framing !== null) found.push(record);
        },
      });
      const { code } = await readFor([file], {
        packet(packet) {
          pipeline.push(packet);
          digests?.push(packet);
        },
        secrets: (bytes) => keys.pushWhole(bytes),
        report: findings.report,
        end() {
          pipeline.end();
          digests?.end();
        },
      });
      if (tcp === 0 && found.length === 0) say(`${escapeText(file)}: no TCP`);
      else if (found.length === 0) {
        const reason = `no Iggy in ${amount(tcp, "TCP conversation")}${others.text()}`;
        say(`${escapeText(file)}: ${reason}; --all lists them`);
      }
      found.sort((a, b) => a.conversation - b.conversation);
      for (const record of found) {
        const named = files.length > 1 ? { file, ...record } : record;
        const isTcp = record.transport === undefined;
        records.push({ ...named, ...isTcp ? digests?.of(record) : {} });
      }
      if (options.format === "ndjson") {
        for (const record of records.splice(0)) {
          output.write(`${escapeJson(JSON.stringify(record))}\n`);
        }
      }
      return code;
    });
    if (options.format === "json") {
      output.write(`${escapeJson(JSON.stringify(records, null, 2))}\n`);
    } else if (options.format !== "ndjson") {
      const columns: readonly Cell[] = [
        ...files.length > 1
          ? [["file", ({ file }) => escapeText(file ?? "")] satisfies Cell]
          : [],
        ...COLUMNS,
        ...options.digest ? DIGESTS : [],
      ];
      output.write(table(
        columns.map(([title]) => title),
        records.map((record) => columns.map(([, text]) => text(record))),
      ));
      if (options.tcp) output.write(`\n${tcpTable(records)}`);
    }
    return code;
  },
});
