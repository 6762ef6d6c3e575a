/**
 * Damaged captures in Wireshark with the exported dissector: no Lua error, no hang.
 *
 * @module
 */
import { PcapWriter } from "../../core/capture/writer.ts";
import type { Packet } from "../../core/capture/packet.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { LuaPeer } from "../support/lua_peer.ts";
import { packetsOf } from "../support/packets.ts";
import { requirePeer, run } from "../support/peer.ts";
import { seeded } from "../support/random.ts";
import { requireTshark, requireTsharks } from "../support/tshark.ts";

const FIXTURES = new URL("../../fixtures/captures/", import.meta.url).pathname;
/** Captures with Ethernet, IPv4 and no options in front of TCP. */
const SOURCES = [
  "classic-050-all.pcap",
  "classic-060-badframes.pcap",
  "classic-080-all.pcap",
  "classic-080-pipelined.pcap",
  "vsr-090e4-all.pcap",
  "vsr-090e5-all.pcap",
  "vsr-090e5-cluster.pcap",
  "vsr-090e5-websocket.pcap",
];
/** Packets with a payload that each seed takes of its capture. */
const SLICE = 40;
/** Longer payloads would only make the test slow. */
const LONGEST = 4000;
const IP = 14, TCP = 34;
/** No run may take longer; a damaged capture takes no longer than a sound one. */
const HANG_MS = 600_000;

const u32s = [0, 1, 3, 4, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];

/** Damages the bytes from `start` on, in one of several ways. */
function damage(
  bytes: Uint8Array,
  start: number,
  below: (below: number) => number,
): void {
  const length = bytes.length - start;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const way = below(4);
  for (let i = below(3) + (way === 0 ? Math.ceil(length / 50) : 1); i > 0; i--) {
    const at = start + below(length);
    if (way === 0) bytes[at] = below(256);
    else if (way === 1 && at + 4 <= bytes.length) {
      view.setUint32(at, u32s[below(u32s.length)]!, true);
    } else if (way === 2) bytes.fill(below(2) * 255, at, at + below(64));
    else bytes.copyWithin(at, start, start + below(length));
  }
}

/** A capture of many damaged slices, each between addresses of its own. */
async function damagedCapture(seeds: number): Promise<string> {
  const sources = await Promise.all(
    SOURCES.map(async (name) =>
      (await packetsOf(name)).filter(({ bytes }) => bytes.length <= LONGEST)
    ),
  );
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const writer = new PcapWriter((part) => parts.push(part.slice()));
  for (let seed = 0; seed < seeds; seed++) {
    const { below } = seeded(seed);
    const packets = sources[seed % sources.length]!;
    const first = below(Math.max(1, packets.length - SLICE));
    for (const packet of packets.slice(first, first + SLICE)) {
      write(writer, packet, seed, below);
    }
  }
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  await Deno.writeFile(path, new Blob(parts).stream());
  return path;
}

function write(
  writer: PcapWriter,
  { bytes, seconds, nanos }: Packet,
  seed: number,
  below: (below: number) => number,
): void {
  const copy = bytes.slice();
  // The ends keep their order, so that the two directions stay one conversation.
  const port = (at: number) => copy[at]! * 256 + copy[at + 1]!;
  const towardsServer = port(TCP) > port(TCP + 2);
  const [from, to] = towardsServer ? [1, 2] : [2, 1];
  copy.set([10, seed >> 8, seed & 255, from, 10, seed >> 8, seed & 255, to], IP + 12);
  const payload = TCP + (copy[TCP + 12]! >> 4) * 4;
  if (payload < copy.length && below(3) === 0) damage(copy, payload, below);
  const cut = below(40) === 0
    ? payload + below(Math.max(1, copy.length - payload))
    : Infinity;
  if (below(40) > 0) writer.write(seconds, nanos, copy.subarray(0, cut), copy.length);
  if (below(60) === 0) writer.write(seconds, nanos, copy);
}

/** Runs tshark; fails where Lua does, or where it does not end. */
async function survive(work: Promise<string>): Promise<string> {
  const started = performance.now();
  const text = await work;
  assert(performance.now() - started < HANG_MS, "it hung");
  return text;
}

Deno.test("500 damaged conversations raise no Lua error", async () => {
  const tshark = await requireTshark();
  if (tshark === null) return;
  using peer = new LuaPeer();
  const capture = await damagedCapture(500);
  try {
    for (const passes of [[], ["-2"]]) {
      const args = [
        ...passes,
        "-Y",
        "_ws.lua.error",
        "-T",
        "fields",
        "-e",
        "frame.number",
      ];
      assertEquals(await survive(peer.run(tshark, capture, args)), "");
    }
    const found = await survive(peer.run(tshark, capture, ["-Y", "iggy.command"]));
    assert(found.split("\n").length > 3000, "most of them are still decoded");
  } finally {
    await Deno.remove(capture);
  }
});

Deno.test("damaged conversations print whole trees in every tshark", async () => {
  const tsharks = await requireTsharks();
  if (tsharks === null) return;
  using peer = new LuaPeer();
  const capture = await damagedCapture(80);
  try {
    await Promise.all(
      tsharks.map((tshark) => survive(peer.run(tshark, capture, ["-V"]))),
    );
  } finally {
    await Deno.remove(capture);
  }
});

Deno.test("captures damaged by editcap raise no Lua error", async () => {
  const tshark = await requireTshark();
  if (tshark === null || !requirePeer("editcap")) return;
  using peer = new LuaPeer();
  const folder = await Deno.makeTempDir();
  try {
    for (const [seed, source] of SOURCES.entries()) {
      const capture = `${folder}/${seed}.pcap`;
      const args = [
        "-E",
        "0.02",
        "--seed",
        String(seed),
        "-r",
        FIXTURES + source,
        capture,
      ];
      await run("editcap", [...args, "1-600"]);
      await survive(peer.run(tshark, capture, ["-V"]));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
