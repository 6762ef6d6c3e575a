import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { dissectPackets, packetsOf, pairsOf } from "../support/packets.ts";

/**
 * Sessions, and the share of pairs that a lost packet leaves. Classic clients wait for each
 * answer, as every SDK does; VSR ones pipeline and overtake too.
 */
const SESSIONS = [
  ["classic-050-all.pcap", 0.98],
  ["classic-060-badframes.pcap", 0.98],
  ["classic-080-all.pcap", 0.98],
  ["classic-080-go.pcap", 0.98],
  ["classic-080-mtu1500.pcapng", 0.98],
  ["classic-080-websocket.pcap", 0.95],
  ["vsr-090e4-all.pcap", 0.95],
  ["vsr-090e5-all.pcap", 0.95],
  ["vsr-090e5-go.pcap", 0.95],
  ["vsr-090e5-java-overtake.pcap", 0.95],
  ["vsr-090e5-pipelined.pcap", 0.95],
  ["vsr-090e5-websocket.pcap", 0.95],
] as const;

for (const [name, least] of SESSIONS) {
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
    assert(share > least, `only ${(100 * share).toFixed(1)} % of the pairs were found`);
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

Deno.test("packets repeated a little later change no transaction", async () => {
  const packets = await packetsOf("classic-080-mtu1500.pcapng");
  const told = (transactions: readonly Transaction[]) =>
    transactions.map(({ conversation, name, request, response }) =>
      [conversation.client, name, request?.length, response?.length, response?.status]
        .join()
    );
  const truth = told(dissectPackets(packets));
  fc.assert(
    fc.property(fc.array(fc.nat(packets.length - 2), { maxLength: 30 }), (places) => {
      const mixed = [...packets];
      // From the last on, so that no repetition moves before what it repeats.
      for (const at of places.toSorted((a, b) => b - a)) {
        mixed.splice(Math.min(mixed.length, at + 5), 0, packets[at]!);
      }
      assertEquals(told(dissectPackets(mixed)), truth);
    }),
    { numRuns: 40 },
  );
});
