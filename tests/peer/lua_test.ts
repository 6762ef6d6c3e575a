/**
 * Every shipped capture in Wireshark with the exported dissector: each PDU, each field, its
 * value and its place are ours.
 *
 * @module
 */
import { dissectFixture } from "../support/dissect.ts";
import { comparePartly, LuaPeer, packetsIn, samePdus } from "../support/lua_peer.ts";
import type { PduLines } from "../support/lua_view.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { requireTshark, requireTsharks } from "../support/tshark.ts";

const FIXTURES = new URL("../../fixtures/captures/", import.meta.url).pathname;
const captures = [...Deno.readDirSync(FIXTURES)].map(({ name }) => name)
  .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name)).sort();

/** Packets of the large captures that are compared. */
const SLICE: Record<string, number> = {
  "classic-080-load.pcap.gz": 120,
  "classic-080-load-small.pcap.gz": 1500,
  "vsr-090e5-load-small.pcap.gz": 1500,
  "classic-080-concurrent.pcap": 2500,
};

/**
 * Conversations of the two hand-made captures that Wireshark sees otherwise: it never shows
 * a PDU that is not whole when its connection ends, and cannot take back what it showed before
 * a flow's first bytes told the framing.
 */
const OTHERWISE: Record<string, readonly number[]> = {
  "classic-080-pipelined.pcap": [15, 20, 22, 23, 24, 25],
  "vsr-090e5-pipelined.pcap": [22, 23],
};

for (const name of captures) {
  Deno.test(`Wireshark decodes ${name} as we do`, async () => {
    const tsharks = await requireTsharks();
    if (tsharks === null) return;
    using peer = new LuaPeer();
    const last = SLICE[name] ?? Infinity;
    const ours = await dissectFixture(name, {
      registry: peer.registry,
      keep: ({ number }) => number <= last,
    });
    const args = last === Infinity ? [] : ["-c", String(last)];
    const isLossy = name.includes("lossy");
    if (isLossy) args.push("-o", "tcp.reassemble_out_of_order:TRUE");
    const path = FIXTURES + name;
    const skip = await packetsIn(tsharks[0]!, path, OTHERWISE[name] ?? []);
    const [first] = tsharks;
    const once = peer.pdus(first!, path, args);
    await Promise.all([
      ...tsharks.map(async (tshark) => {
        const theirs = tshark === first
          ? await once
          : await peer.pdus(tshark, path, args);
        // After a long PDU with holes 4.4 and later give a connection up.
        if (isLossy && tshark !== first) mostly(comparePartly(ours, theirs));
        else peer.compare(ours, theirs, skip);
        if (isLossy) mostly(comparePartly(ours, await peer.pdus(tshark, path)));
      }),
      // Two passes say what one does.
      peer.pdus(first!, path, ["-2", ...args]).then(async (twice) => {
        for (const [packet, pdus] of await once) {
          if (!skip.has(packet)) samePdus(twice.get(packet), pdus, packet);
        }
      }),
    ]);
  });
}

function mostly({ shown, all }: { shown: number; all: number }): void {
  assert(shown > all / 3, `${shown} of ${all} PDUs are shown`);
}

Deno.test("requests name the packet of their response on the second pass", async () => {
  const tshark = await requireTshark();
  if (tshark === null) return;
  using peer = new LuaPeer();
  const name = "vsr-090e5-java-overtake.pcap";
  const args = ["-T", "fields", "-e", "frame.number", "-e", "iggy.response_in"];
  const text = await peer.run(tshark, FIXTURES + name, ["-2", ...args]);
  const theirs = new Map(
    text.split("\n").map((line) => line.split("\t"))
      .flatMap(([packet, answers]) => answers ? [[packet!, answers] as const] : []),
  );
  const wanted = new Map<string, string>();
  for (const { request, response } of await dissectFixture(name)) {
    if (request === null || response === null) continue;
    const packet = String(request.stamp.packet);
    const known = wanted.get(packet);
    const answer = String(response.stamp.packet);
    wanted.set(packet, known === undefined ? answer : `${known},${answer}`);
  }
  const sorted = (text: string) => text.split(",").sort().join();
  assertEquals(
    [...theirs].map(([packet, answers]) => [packet, sorted(answers)]).sort(),
    [...wanted].map(([packet, answers]) => [packet, sorted(answers)]).sort(),
  );
});

Deno.test("Wireshark decodes inside TLS where it has the keys", async () => {
  const tshark = await requireTshark();
  if (tshark === null) return;
  using peer = new LuaPeer();
  const found = await peer.pdus(
    tshark,
    `${FIXTURES}classic-080-tls.pcap`,
    [],
    `${FIXTURES}classic-080-tls.keys`,
  );
  const pdus = [...found.values()].flat();
  assertEquals(pdus.length, 180);
  assert(pdus.every((lines) => lines[1]?.startsWith("iggy.command=")));
});

/** What PDUs say, whichever packets they came in. */
function said(pdus: ReadonlyMap<number, PduLines[]>): string[] {
  return [...pdus.values()].flat().map((lines) =>
    lines.filter((line) => !/^(packet|iggy\.(request_in|response_time))/.test(line)).join(
      "\n",
    )
  );
}

for (const name of ["classic-080-tls12-node", "vsr-090e5-tls13-node"]) {
  Deno.test(`Wireshark opens ${name}.pcap by its keys, by itself and by Decode As`, async () => {
    const tsharks = await requireTsharks();
    if (tsharks === null) return;
    using peer = new LuaPeer();
    const path = `${FIXTURES}${name}`;
    for (const tshark of tsharks) {
      const plain = said(await peer.pdus(tshark, `${path}.plain.pcap`));
      for (const args of [[], ["-o", "iggy.ports:9", "-d", "tls.port==8093,iggy"]]) {
        const found = await peer.pdus(tshark, `${path}.pcap`, args, `${path}.keys`);
        assertEquals(said(found), plain, `${tshark.version} ${args.join(" ")}`);
      }
    }
  });
}

Deno.test("Wireshark hides the values of options that are keys", async () => {
  const tshark = await requireTshark();
  if (tshark === null) return;
  using peer = new LuaPeer();
  const bytes = await Deno.readFile(`${FIXTURES}proto-0111e8-client.pcap`);
  const renamed = bytes.toHex().replaceAll(
    new TextEncoder().encode("message_expiry").toHex(),
    new TextEncoder().encode("encryption_key").toHex(),
  );
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    await Deno.writeFile(path, Uint8Array.fromHex(renamed));
    const lines = [...(await peer.pdus(tshark, path)).values()].flat(2);
    const keys = lines.flatMap((line, n) =>
      /\.key [^=]*=encryption_key$/.test(line) ? [n] : []
    );
    assert(keys.length > 0);
    for (const n of keys) {
      const value = lines.slice(n, n + 3).find((line) => /\.value /.test(line)) ?? "none";
      assert(/=\[redacted \d+ bytes\]$/.test(value), value);
    }
  } finally {
    await Deno.remove(path);
  }
});
