/**
 * Packets and TCP headers of this repository's own captures, compared with tshark's.
 *
 * @module
 */
import { readCapture } from "../../core/capture/mod.ts";
import { NetDecoder } from "../../core/net/mod.ts";
import { assertEquals } from "../support/assert.ts";
import { requireTshark } from "../support/tshark.ts";

const FIXTURES = new URL("../../fixtures/captures/", import.meta.url).pathname;

const FIELDS = [
  "frame.number",
  "frame.time_epoch",
  "frame.len",
  "frame.cap_len",
  "ip.src",
  "ipv6.src",
  "ip.dst",
  "ipv6.dst",
  "tcp.srcport",
  "tcp.dstport",
  "tcp.seq_raw",
  "tcp.ack_raw",
  "tcp.flags",
  "tcp.window_size_value",
  "tcp.len",
];

const captures = [...Deno.readDirSync(FIXTURES)].map(({ name }) => name)
  .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name)).sort();

for (const name of captures) {
  Deno.test(`readCapture and NetDecoder see ${name} as tshark does`, async () => {
    const tshark = await requireTshark();
    if (tshark === null) return;
    const path = FIXTURES + name;
    const args = ["-T", "fields", ...FIELDS.flatMap((field) => ["-e", field])];
    const { stdout } = await tshark.run({ capture: path, args });
    const theirs = new TextDecoder().decode(stdout).replace(/\n$/, "").split("\n");
    const ours = await describe(path);
    // One line at a time: a difference of 100 000 lines would be unreadable.
    theirs.forEach((line, index) =>
      assertEquals(ours[index], line, `packet ${index + 1}`)
    );
    assertEquals(ours.length, theirs.length);
  });
}

/** The columns of TCP where there is none. */
const NO_TCP = new Array<string>(7).fill("");

/** One line of {@link FIELDS} per packet, with empty columns where it has no TCP. */
async function describe(path: string): Promise<string[]> {
  const lines: string[] = [];
  let columns: (string | number)[] = [];
  /** The columns of addresses: IPv4 and IPv6, source and destination. */
  const ends = (from: number, to: number) => {
    const [source, destination] = [net.addresses.text(from), net.addresses.text(to)];
    const isIpv6 = source.includes(":");
    return isIpv6 ? ["", source, "", destination] : [source, "", destination, ""];
  };
  const net: NetDecoder = new NetDecoder((segment) => {
    columns = [
      ...ends(segment.source, segment.destination),
      segment.sourcePort,
      segment.destinationPort,
      segment.sequence,
      segment.acknowledgment,
      `0x${segment.flags.toString(16).padStart(4, "0")}`,
      segment.window,
      segment.length,
    ];
  }, (issue) => {
    throw new Error(issue.message);
  }, {
    datagrams: ({ source, destination }) => {
      columns = [...ends(source, destination), ...NO_TCP];
    },
  });
  await readCapture(path, (packet) => {
    columns = new Array(FIELDS.length - 4).fill("");
    net.decode(packet);
    const { number, seconds, nanos, originalLength, start, end } = packet;
    const time = `${seconds}.${String(nanos).padStart(9, "0")}`;
    lines.push([number, time, originalLength, end - start, ...columns].join("\t"));
  }, (issue) => {
    throw new Error(issue.message);
  });
  return lines;
}
