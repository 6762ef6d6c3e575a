/**
 * Captures that begin in the middle of connections whose clients wait for each answer: wherever
 * they begin and end, and whatever is amiss with their first packets.
 *
 * @module
 */
import type { Packet } from "../../core/capture/packet.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { judge, truthOfPackets } from "../support/judge.ts";
import { packetsOf } from "../support/packets.ts";
import { FATES } from "../support/single_packets.ts";

/** Sessions of each framing, carrier and SDK. */
const SESSIONS = [
  "classic-050-all.pcap",
  "classic-080-all.pcap",
  "classic-080-go.pcap",
  "classic-080-groups.pcap",
  "classic-080-idlepoll.pcap",
  "classic-080-websocket.pcap",
  "sdk-java-080.pcap",
  "sdk-python-090.pcap",
  "sdk-rust-0111e9.pcap",
  "vsr-090e5-all.pcap",
  "vsr-090e5-go.pcap",
  "vsr-090e5-websocket.pcap",
];

/** Starts looked at in each, about. */
const STARTS = 10;

/** What may be amiss with packet `at` of those that are captured. */
const AMISS = {
  missing: FATES.dropped,
  "captured behind the next": FATES["moved by one"],
  "captured behind the next two": (packets: Packet[], at: number): Packet[] =>
    packets.toSpliced(at, 3, ...packets.slice(at + 1, at + 3), packets[at]!),
};

/** Judges parts of a session that begin in its middle; gives the pairs judged and those lost. */
async function judged(
  name: string,
  length: number,
  impaired: (packets: Packet[]) => Packet[][],
) {
  const packets = await packetsOf(name);
  const truth = truthOfPackets(packets);
  const sum = { judged: 0, lost: 0, runs: 0 };
  const step = Math.max(1, Math.floor(packets.length / STARTS));
  for (let from = 4; from + 8 < packets.length; from += step) {
    for (const left of impaired(packets.slice(from, from + length))) {
      const { judged, lost, wrong, invented } = judge(truth, left);
      assertEquals([wrong, invented], [[], []], `${name} from packet ${from + 1}`);
      sum.judged += judged;
      sum.lost += lost;
      sum.runs++;
    }
  }
  return sum;
}

Deno.test("a few packets from the middle of a connection show all of their pairs", async () => {
  for (const name of SESSIONS) {
    for (const length of [6, 12, 30]) {
      const { judged: all, lost } = await judged(name, length, (left) => [left]);
      // The client of Go sends one request that does not read as any.
      assert(
        lost <= (name.includes("080-go") ? 2 : 0),
        `${name}: ${lost} of ${all} lost`,
      );
    }
  }
});

for (const [fate, impaired] of Object.entries(AMISS)) {
  Deno.test(`a start in the middle with one of the first packets ${fate} costs few pairs`, async () => {
    const sum = { judged: 0, lost: 0, runs: 0 };
    for (const name of SESSIONS) {
      const places = [0, 1, 2, 3];
      const found = await judged(
        name,
        80,
        (left) => places.map((at) => impaired(left, at)),
      );
      sum.judged += found.judged;
      sum.lost += found.lost;
      sum.runs += found.runs;
    }
    // Not more than a pair or so for each start, and not those of the whole connection.
    const { judged: all, lost, runs } = sum;
    assert(lost < runs / 2, `${lost} of ${all} lost in ${runs} runs`);
  });
}
