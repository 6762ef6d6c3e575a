import { udpId } from "../../core/flow/mod.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import { escapeText } from "../../core/export/printable.ts";
import { defineCommand, UsageError, wholeNumber } from "../command.ts";
import { decodedAs } from "../decode_as.ts";
import { Dialogue } from "../dialogue.ts";
import { keylogOption, openKeyLogs } from "../keylog.ts";
import { output, say, terminalWidth, wantsColor } from "../output.ts";
import { pluginOption, registryWith } from "../plugins.ts";
import { RawFlow } from "../raw_flow.ts";
import { Findings, readFor, sourcesOf } from "../reading.ts";
import { captureOptions } from "../dissecting.ts";

const MIN_WIDTH = 40;

/** What is followed, by the letter before its number. */
const LETTERS: Readonly<Record<string, string>> = { "": "TCP", u: "UDP", q: "QUIC" };

export default defineCommand({
  name: "follow",
  summary: "Show the dialogue of one conversation, or the bytes of one of its flows.",
  details:
    "-T sequence draws what tcptrace and Wireshark draw: bytes over time in both " +
    "directions, with what was sent again and why, ACKs, windows and round trips, as an " +
    "SVG. N is tshark's tcp.stream, uN its udp.stream, and qN its quic.connection.number, of " +
    "which a udp.stream may hold several. Secrets are masked, but not " +
    "with --raw, which writes the flow as it was sent: its bytes in order, of a byte that " +
    "came twice the first copy, holes left out.",
  operands: [
    { name: "FILE", help: "A capture; - is standard input." },
    { name: "N", help: "Number of the conversation, from 0; of QUIC q0 and so on." },
  ],
  options: {
    format: {
      short: "T",
      value: "FORMAT",
      choices: ["decoded", "text", "hex", "sequence"],
      help: "A line for each PDU, its bytes as text or hexadecimal, or a graph of TCP.",
    },
    raw: {
      value: "SIDE",
      choices: ["client", "server"],
      help: "Write the bytes that this side sent, and nothing else.",
    },
    "show-secrets": { help: "Show passwords, tokens and keys." },
    width: { value: "COLUMNS", help: "Columns of a line; default the terminal's." },
    "decode-as": captureOptions["decode-as"],
    keylog: keylogOption,
    plugin: pluginOption,
  },
  examples: [
    ["follow capture.pcap 0", "What was said on the first connection"],
    ["follow -T hex capture.pcap 3", "The same with all bytes"],
    ["follow -T sequence capture.pcap 3 > 3.svg", "Its TCP drawn over time"],
    ["follow --raw server capture.pcap 3 > flow", "What the server sent, as it is"],
  ],
  async run(options, [file = "-", number = ""]) {
    if (!/^[uq]?\d{1,9}$/.test(number)) {
      throw new UsageError(`N is the number of a conversation, not "${number}"`);
    }
    const letter = number.replace(/\d+$/, "");
    const index = Number(number.slice(letter.length));
    const isQuic = letter === "q";
    const isUdp = letter !== "";
    const wanted = isUdp ? udpId(index) : index;
    const isOfTcp = options.format === "sequence" || options.raw !== undefined;
    if (isUdp && isOfTcp) {
      throw new UsageError("--raw and -T sequence show TCP, and QUIC is over UDP");
    }
    if (options.format === "sequence") return await drawSequence(file, wanted);
    const registry = await registryWith(options.plugin);
    const findings = new Findings();
    const keys = openKeyLogs(options.keylog);
    const raw = options.raw === undefined
      ? null
      : new RawFlow(wanted, options.raw, (bytes) => output.bytes(bytes));
    const dialogue = new Dialogue(options.format ?? "decoded", {
      showSecrets: options["show-secrets"],
      maxBytes: 64,
      width: options.width === undefined
        ? Math.max(MIN_WIDTH, terminalWidth())
        : wholeNumber("width", options.width, MIN_WIDTH),
      color: wantsColor(undefined),
      hex: false,
    }, (text) => output.write(text));
    let conversations = 0, transactions = 0;
    /** Connections of QUIC inside the conversation, where it holds several. */
    let several: readonly number[] = [];
    let client: string | null = null;
    const pipeline = new Pipeline(registry, (transaction) => {
      const { conversation, connection, request, response } = transaction;
      const isWanted = isQuic ? connection === index : conversation.id === wanted;
      if (!isWanted || raw !== null) return;
      if (transactions === 0) {
        const { framing } = conversation;
        const ends = `${conversation.client} → ${conversation.server}`;
        output.write(
          `conversation ${number}: ${ends}, ${framing ?? "no known framing"}\n`,
        );
      }
      if (request !== null || response !== null) transactions++;
      dialogue.add(transaction);
    }, {
      analysis: false,
      keys,
      ...decodedAs(options["decode-as"]),
      report: findings.report,
      conversation(conversation) {
        const { quicConnections: inside, id, transport } = conversation;
        if (isQuic) {
          conversations = Math.max(
            conversations,
            ...(inside ?? []).map((n) => n + 1),
          );
        } else if (transport === (isUdp ? "udp" : "tcp")) conversations++;
        const isWanted = isQuic ? inside?.includes(index) : id === wanted;
        if (!isWanted) return;
        client = conversation.client;
        if (!isQuic && inside !== null && inside.length > 1) several = inside;
      },
    });
    const { code } = await readFor(sourcesOf([file]), {
      packet(packet) {
        pipeline.push(packet);
        raw?.push(packet);
      },
      secrets: (bytes) => keys.pushWhole(bytes),
      report: findings.report,
      end() {
        pipeline.end();
        raw?.end(client);
        dialogue.end();
      },
    });
    if (client === null) {
      const last = conversations - 1;
      throw new UsageError(
        `no conversation ${number} in ${escapeText(file)}: ` +
          (last < 0
            ? `it has none over ${LETTERS[letter]}`
            : last === 0
            ? `it has only ${letter}0`
            : `it has ${letter}0 to ${letter}${last}`),
      );
    }
    if (raw === null && transactions === 0) {
      const hint = isUdp ? "" : "; --raw client gives its bytes";
      say(`conversation ${number} carries no Iggy${hint}`);
    }
    if (several.length > 0) {
      const names = several.map((n) => `q${n}`).join(", ");
      say(`conversation ${number} holds several QUIC connections: ${names}`);
    }
    return code;
  },
});

/** Writes the time-sequence graphs of a conversation; gives the exit code. */
async function drawSequence(file: string, wanted: number): Promise<number> {
  const { SequencePass } = await import("../sequence_graph.ts");
  const pass = new SequencePass(wanted);
  const { report } = new Findings();
  const { code } = await readFor(sourcesOf([file]), {
    packet: (packet) => pass.push(packet),
    report,
    end() {},
  });
  const svg = pass.svg();
  if (svg === null) {
    throw new UsageError(`no conversation ${wanted} of TCP in ${escapeText(file)}`);
  }
  output.write(svg);
  output.flush();
  return code;
}
