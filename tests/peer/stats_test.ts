/**
 * What `stats` and `conversations` count, beside tshark's conversations and endpoints.
 *
 * @module
 */
import { cli, fixture } from "../cli/support.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { requireTshark, type Tshark } from "../support/tshark.ts";

/** Captures whose connections hold Iggy's PDUs alone, each byte once. */
const CAPTURES = [
  "classic-050-all.pcap",
  "classic-080-all.pcap",
  "classic-080-concurrent.pcap",
  "classic-080-go.pcap",
  "classic-080-mtu1500.pcapng",
  "vsr-090e5-all.pcap",
  "vsr-090e5-java-overtake.pcap",
];
const UNITS: Readonly<Record<string, number>> = { bytes: 1, kB: 1e3, MB: 1e6 };

async function lines(tshark: Tshark, capture: string, args: readonly string[]) {
  const { code, stdout } = await tshark.run({ capture, args });
  assertEquals(code, 0);
  return new TextDecoder().decode(stdout).trimEnd().split("\n");
}

/** Bytes of all frames and of their headers, by who sent them in which connection. */
async function headersOf(tshark: Tshark, capture: string): Promise<Map<string, number>> {
  const names = [
    "ip.src",
    "tcp.srcport",
    "ip.dst",
    "tcp.dstport",
    "frame.len",
    "tcp.len",
  ];
  const fields = names.flatMap((name) => ["-e", name]);
  const headers = new Map<string, number>();
  for (const line of await lines(tshark, capture, ["-T", "fields", ...fields])) {
    const [source, from, target, to, frame, payload] = line.split("\t");
    const key = `${source}:${from} ${target}:${to}`;
    headers.set(key, (headers.get(key) ?? 0) + Number(frame) - Number(payload));
  }
  return headers;
}

Deno.test("packets and bytes each way are those of tshark's conversations and endpoints", async () => {
  const tshark = await requireTshark("4.0");
  if (tshark === null) return;
  for (const name of CAPTURES) {
    const capture = fixture(name);
    const headers = await headersOf(tshark, capture);
    const [stats, listed, conversations, endpoints] = await Promise.all([
      cli(["stats", "--by", "endpoints", "-T", "csv", capture]),
      cli(["conversations", "-T", "ndjson", capture]),
      lines(tshark, capture, ["-q", "-z", "conv,tcp"]),
      lines(tshark, capture, ["-q", "-z", "endpoints,tcp"]),
    ]);
    const packets = new Map(
      listed.stdout.trimEnd().split("\n").map((line) => JSON.parse(line)).map((one) =>
        [[one.client, one.server].sort().join(" "), one.packets] as const
      ),
    );
    const ends = endpoints.flatMap((line) => {
      const [address, port, ...counts] = line.trim().split(/\s+/);
      return /^\d+$/.test(port ?? "")
        ? [[`${address}:${port}`, counts.map(Number)] as const]
        : [];
    });
    const [head, ...rows] = stats.stdout.trimEnd().split("\r\n").map((line) =>
      line.split(",")
    );
    const [asked, came] = ["request_bytes", "response_bytes"].map((name) =>
      head!.indexOf(name)
    );
    assert(rows.length > 0, name);
    let [sent, received] = [0, 0];
    for (const row of rows) {
      const [client, server] = row[0]!.split(" → ");
      const [there, back] = [
        Number(row[asked!]) + headers.get(`${client} ${server}`)!,
        Number(row[came!]) + headers.get(`${server} ${client}`)!,
      ];
      sent += there;
      received += back;
      const [, counts] = ends.find(([end]) => end === client)!;
      assertEquals([counts[3], counts[5]], [there, back], `${name} ${client}`);

      const line = conversations.find((one) =>
        one.includes(`${client} `) && one.includes(`${server} `)
      )!;
      const [frames, size, unit] = line.split(/\s{2,}|\s<->\s/).at(-3)!.split(" ");
      assertEquals(packets.get([client, server].sort().join(" ")), Number(frames));
      // tshark cuts what it prints to whole units.
      assertEquals(Math.floor((there + back) / UNITS[unit!]!), Number(size), line);
    }
    const server = rows[0]![0]!.split(" → ")[1];
    const [, counts] = ends.find(([end]) => end === server)!;
    assertEquals([counts[5], counts[3]], [sent, received], `${name} ${server}`);
  }
});
