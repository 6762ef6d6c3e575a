import { assert, assertEquals } from "@std/assert";
import { dissectPackets, packetsOf, pairsOf } from "../../support/packets.ts";

/** Clients in lockstep, one that pipelines, replies that overtake, and one of odd bytes. */
const SESSIONS = [
  "vsr-090e5-all.pcap",
  "vsr-090e4-all.pcap",
  "vsr-090e5-go.pcap",
  "vsr-090e5-java-overtake.pcap",
  "vsr-090e5-websocket.pcap",
  "vsr-090e5-pipelined.pcap",
  "classic-080-websocket.pcap",
];

for (const name of SESSIONS) {
  Deno.test(`no packet lost from ${name} makes a wrong pair`, async () => {
    const packets = await packetsOf(name);
    const truth = new Set(pairsOf(dissectPackets(packets)));
    let kept = 0;
    for (let lost = 0; lost < packets.length; lost++) {
      const pairs = pairsOf(dissectPackets(packets.toSpliced(lost, 1)));
      const wrong = pairs.filter((found) => !truth.has(found));
      assertEquals(wrong, [], `packet ${lost + 1} lost`);
      kept += pairs.length;
    }
    const share = kept / truth.size / packets.length;
    assert(share > 0.95, `only ${(100 * share).toFixed(1)} % of the pairs were found`);
  });

  Deno.test(`${name} read from any packet on makes no wrong pair`, async () => {
    const packets = await packetsOf(name);
    const truth = new Set(pairsOf(dissectPackets(packets)));
    for (let first = 1; first < packets.length; first++) {
      const pairs = pairsOf(dissectPackets(packets.slice(first)));
      const wrong = pairs.filter((found) => !truth.has(found));
      assertEquals(wrong, [], `from packet ${first + 1}`);
    }
  });
}
