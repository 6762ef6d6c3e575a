import { PcapWriter } from "../../core/capture/mod.ts";
import { type Script, simulate, type SimulateOptions } from "../../core/synth/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { requireTsharks, type Tshark } from "../support/tshark.ts";

const SCRIPT: Script = Array.from({ length: 40 }, (_, i) => [
  i % 2 === 0 ? "client" : "server",
  new Uint8Array(i * 700 + 1).fill(i),
]);

/** What tshark finds in a simulated session: a count for each kind of finding. */
async function findings(
  tshark: Tshark,
  options: SimulateOptions,
): Promise<Record<string, number>> {
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    using file = Deno.openSync(path, { write: true });
    const writer = new PcapWriter((bytes) => file.writeSync(bytes));
    simulate(SCRIPT, options, ({ seconds, nanos, bytes }) => {
      writer.write(seconds, nanos, bytes);
    });
    const fields = ["tcp.analysis.flags", "_ws.malformed", "_ws.expert.message"];
    const args = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
    const wanted = fields.flatMap((field) => ["-e", field]);
    const { code, stdout, stderr } = await tshark.run({
      capture: path,
      args: [...args, "-T", "fields", ...wanted, "-Y", fields.join(" or ")],
    });
    assertEquals(code, 0, stderr);
    const found: Record<string, number> = {};
    for (const line of new TextDecoder().decode(stdout).split("\n")) {
      const message = line.split("\t")[2]?.replace(/\(#\d+\)|:.*/, "").trim();
      if (message) found[message] = (found[message] ?? 0) + 1;
    }
    return found;
  } finally {
    await Deno.remove(path);
  }
}

/** What tshark says of any connection that opens and closes. */
const CLEAN = /^(Connection (establish|finish)|This frame (initiates|undergoes))/;

const OPTIONS = [
  {},
  { sack: false, timestamps: false, windowScale: null },
  { mss: 200, tailLossProbe: false },
  { offload: 40_000 },
];

for (const tap of ["client", "middle", "server"] as const) {
  Deno.test(`tshark finds nothing to say of a clean session captured at the ${tap}`, async () => {
    for (const tshark of await requireTsharks() ?? []) {
      for (const tcp of OPTIONS) {
        const found = await findings(tshark, { tap, tcp });
        const surprises = Object.keys(found).filter((message) => !CLEAN.test(message));
        assertEquals(surprises, [], `${tshark.version} ${JSON.stringify(tcp)}`);
      }
    }
  });
}

Deno.test("tshark finds the faults of a simulated network", async () => {
  for (const tshark of await requireTsharks() ?? []) {
    const found = await findings(tshark, { path: { loss: 0.05, corrupt: 0.05 } });
    const says = (pattern: RegExp) =>
      Object.keys(found).some((text) => pattern.test(text));
    assert(says(/retransmission/) && says(/Duplicate ACK/) && says(/Bad checksum/));
  }
});
