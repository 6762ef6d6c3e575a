import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { CaptureReader } from "../../core/capture/capture_reader.ts";
import { digestSink } from "../../core/tcp/digest.ts";
import { type ConversationStatistics, PacketFlows } from "../../core/tcp/mod.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { requireTshark, type Tshark } from "../support/tshark.ts";

const FIXTURES = new URL("../../fixtures/captures/", import.meta.url).pathname;
/** Conversations asked for in one run of tshark, whose taps would else meet limits. */
const BATCH = 50;

/** One flow as either program sees it. */
interface PeerFlow {
  bytes: number;
  sha256: string;
  /** Whether something is missing or contradicted, so that the two may differ. */
  doubtful: boolean;
}

interface Ours {
  /** Conversation of each frame. */
  numbers: Map<number, number>;
  /** By `number endpoint`. */
  flows: Map<string, PeerFlow>;
  statistics: ConversationStatistics[];
}

function readOurs(path: string): Ours {
  const ours: Ours = { numbers: new Map(), flows: new Map(), statistics: [] };
  const sink = digestSink((conversation, client, server, statistics) => {
    const { number, clientEndpoint, serverEndpoint } = conversation;
    ours.statistics[number] = statistics;
    for (
      const [end, flow] of [[clientEndpoint, client], [serverEndpoint, server]] as const
    ) {
      const doubtful = flow.gaps > 0 || flow.conflicts > 0;
      ours.flows.set(`${number} ${end}`, { ...flow, doubtful });
    }
  });
  const flows = new PacketFlows(sink, {
    holes: "end",
    segment: ({ number }, { packet }) => ours.numbers.set(packet.number, number),
  });
  const reader = new CaptureReader((packet) => flows.push(packet), () => {});
  const file = Deno.readFileSync(path);
  reader.push(file[0] === 0x1f && file[1] === 0x8b ? gunzipSync(file) : file);
  reader.end();
  flows.end();
  return ours;
}

async function tsharkLines(
  tshark: Tshark,
  capture: string,
  args: string[],
): Promise<string[]> {
  const { code, stdout, stderr } = await tshark.run({ capture, args });
  assertEquals(code, 0, stderr);
  return new TextDecoder().decode(stdout).split("\n");
}

/** The flows of some conversations by tshark's `follow`. */
async function follow(tshark: Tshark, path: string, numbers: number[]) {
  const flows = new Map<string, PeerFlow>();
  const args = ["-q", ...numbers.flatMap((n) => ["-z", `follow,tcp,raw,${n}`])];
  let number = "";
  let nodes: string[] = [];
  let hashes = [createHash("sha256"), createHash("sha256")];
  let bytes = [0, 0];
  for (const line of await tsharkLines(tshark, path, args)) {
    const [, stream] = /^Filter: tcp\.stream eq (\d+)/.exec(line) ?? [];
    const [, node] = /^Node \d: (.*)$/.exec(line) ?? [];
    if (stream !== undefined) {
      number = stream;
      nodes = [];
      hashes = [createHash("sha256"), createHash("sha256")];
      bytes = [0, 0];
    } else if (node !== undefined) nodes.push(node);
    else if (line.startsWith("=====") && number !== "") {
      nodes.forEach((end, i) => {
        const sha256 = hashes[i]?.digest("hex") ?? "";
        flows.set(`${number} ${end}`, { bytes: bytes[i] ?? 0, sha256, doubtful: false });
      });
      number = "";
    } else if (/^\t?[0-9a-f]+$/.test(line)) {
      const side = line.startsWith("\t") ? 1 : 0;
      const chunk = Uint8Array.fromHex(line.trim());
      hashes[side]?.update(chunk);
      bytes[side] = (bytes[side] ?? 0) + chunk.length;
    }
  }
  return flows;
}

/** Compares one capture; returns how many flows were compared. */
export async function compareWithTshark(tshark: Tshark, path: string): Promise<number> {
  const ours = readOurs(path);
  const args = ["-Y", "tcp", "-T", "fields", "-E", "occurrence=l"];
  for (const field of ["frame.number", "tcp.stream", "tcp.analysis.initial_rtt"]) {
    args.push("-e", field);
  }
  const theirs = new Map<number, number>();
  const rtt = new Map<number, number>();
  for (const line of await tsharkLines(tshark, path, args)) {
    const [frame, stream, seconds] = line.split("\t");
    if (!frame || !stream) continue;
    theirs.set(Number(frame), Number(stream));
    if (seconds) rtt.set(Number(stream), Math.round(Number(seconds) * 1e9));
  }
  assertEquals(ours.numbers, theirs, path);
  for (const [number, nanos] of rtt) {
    assertEquals(ours.statistics[number]?.handshakeNanos, nanos, `${path} ${number}`);
  }
  let compared = 0;
  const all = ours.statistics.map((_, number) => number);
  for (let at = 0; at < all.length; at += BATCH) {
    for (const [key, flow] of await follow(tshark, path, all.slice(at, at + BATCH))) {
      const mine = ours.flows.get(key);
      if (mine === undefined || mine.doubtful) continue;
      assertEquals({ ...mine, gaps: undefined, conflicts: undefined }, {
        ...flow,
        gaps: undefined,
        conflicts: undefined,
      }, `${path} ${key}`);
      compared++;
    }
  }
  return compared;
}

Deno.test("tshark has the same conversations and flow bytes in every fixture", async (t) => {
  const tshark = await requireTshark();
  if (tshark === null) return;
  for (
    const { name } of [...Deno.readDirSync(FIXTURES)].sort((a, b) =>
      a.name < b.name ? -1 : 1
    )
  ) {
    if (!/\.pcap(ng)?(\.gz)?$/.test(name) || name.startsWith("classic-080-load.")) {
      continue;
    }
    await t.step(name, async () => {
      const compared = await compareWithTshark(tshark, FIXTURES + name);
      // QUIC has no TCP to compare, and neither side may see any.
      assert(compared > 0 || name.includes("quic"));
    });
  }
});
