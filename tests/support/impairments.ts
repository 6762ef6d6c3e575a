/**
 * The kinds of impairment that pairing is judged by, and a run of the judge over them.
 *
 * @module
 */
import { impair, type Impairment } from "../../core/synth/mod.ts";
import { SeededRandom } from "../../core/synth/random.ts";
import { judge, type Truth, truthOfPackets } from "./judge.ts";
import { packetsOf } from "./packets.ts";

/** Captures whose clients wait for each answer, and captures of pipelines. */
export const LOCKSTEP = [
  "classic-050-all.pcap",
  "classic-060-all.pcap",
  "classic-070-all.pcap",
  "classic-080-all.pcap",
  "classic-080-go.pcap",
  "classic-080-groups.pcap",
  "classic-080-websocket.pcap",
  "vsr-090e4-all.pcap",
  "vsr-090e5-all.pcap",
  "vsr-090e5-go.pcap",
  "vsr-090e5-websocket.pcap",
];
export const PIPELINED = [
  "classic-060-badframes.pcap",
  "classic-080-pipelined.pcap",
  "vsr-090e5-pipelined.pcap",
];

/** How the packets of a kind of capture are impaired, at random. */
export const KINDS: Readonly<Record<string, (random: SeededRandom) => Impairment>> = {
  "nothing": () => ({}),
  "1 % lost": () => ({ loss: 0.01 }),
  "5 % lost": () => ({ loss: 0.05 }),
  "2 % lost, 1448-byte segments": () => ({ loss: 0.02, mss: 1448 }),
  "2 % reordered by up to 3": () => ({ reorder: 0.02 }),
  "2 % swapped with the other side's": () => ({ swap: 0.02 }),
  "10 % duplicated": () => ({ duplicate: 0.1 }),
  "segments of 100 to 1500 bytes": (random) => ({ mss: 100 + random.below(1400) }),
  "start in the middle": (random) => ({ skip: random.below(120) }),
  "one direction": (random) => ({ side: random.chance(0.5) ? "client" : "server" }),
  "snap length 64 to 95": (random) => ({ snaplen: 64 + random.below(32) }),
  "snap length 96 to 400": (random) => ({ snaplen: 96 + random.below(305) }),
  "a mixture": (random) => ({
    loss: random.chance(0.5) ? 0.02 : 0,
    swap: random.chance(0.5) ? 0.02 : 0,
    reorder: random.chance(0.5) ? 0.02 : 0,
    duplicate: random.chance(0.5) ? 0.05 : 0,
    skip: random.chance(0.3) ? random.below(60) : 0,
    mss: random.chance(0.3) ? 100 + random.below(1400) : undefined,
    snaplen: random.chance(0.3) ? 64 + random.below(340) : undefined,
  }),
};

/** What the judge counted over several seeds. */
export interface Count {
  judged: number;
  lost: number;
  /** What is wrong, invented or mistimed, with what makes it again. */
  wrong: string[];
  invented: string[];
  mistimed: string[];
}

const truths = new Map<string, Promise<Truth>>();

/** What the whole capture says, read once. */
function truthOf(name: string): Promise<Truth> {
  const known = truths.get(name) ?? packetsOf(name).then(truthOfPackets);
  truths.set(name, known);
  return known;
}

/** Judges so many impaired captures of a kind, each made of one of the files in turn. */
export async function countKind(
  kind: string,
  files: readonly string[],
  seeds: number,
): Promise<Count> {
  const count: Count = { judged: 0, lost: 0, wrong: [], invented: [], mistimed: [] };
  for (let seed = 1; seed <= seeds; seed++) {
    const file = files[seed % files.length]!;
    const impairment = { seed, keepTimes: true, ...KINDS[kind]!(new SeededRandom(seed)) };
    const truth = await truthOf(file);
    const found = judge(truth, impair(truth.packets, impairment));
    count.judged += found.judged;
    count.lost += found.lost;
    for (const fault of ["wrong", "invented", "mistimed"] as const) {
      const cause = `${file} ${JSON.stringify(impairment)}`;
      count[fault].push(...found[fault].map((what) => `${cause}: ${what}`));
    }
  }
  return count;
}
