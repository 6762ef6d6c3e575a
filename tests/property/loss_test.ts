import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Packet } from "../../core/capture/packet.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { judge, truthOfPackets } from "../support/judge.ts";
import { dissectPackets, packetsOf } from "../support/packets.ts";
import { FATES, places } from "../support/single_packets.ts";

/**
 * Sessions, and the share of pairs that one impaired packet leaves at least. Classic clients
 * wait for each answer, as every SDK does; VSR ones pipeline and overtake too.
 */
const SESSIONS = [
  ["classic-050-all.pcap", 0.999],
  ["classic-060-badframes.pcap", 0.98],
  ["classic-080-all.pcap", 0.999],
  ["classic-080-go.pcap", 0.999],
  ["classic-080-mtu1500.pcapng", 0.999],
  ["classic-080-websocket.pcap", 0.95],
  ["vsr-090e4-all.pcap", 0.98],
  ["vsr-090e5-all.pcap", 0.98],
  ["vsr-090e5-go.pcap", 0.98],
  ["vsr-090e5-java-overtake.pcap", 0.97],
  ["vsr-090e5-pipelined.pcap", 0.95],
  ["vsr-090e5-websocket.pcap", 0.95],
] as const;

/**
 * PDUs that may be shown although the whole capture does not: a test client stated 1000 bytes
 * for a frame of 256 with whole frames behind it, which are found where its head is missing.
 */
const INVENTED: Readonly<Record<string, number>> = { "vsr-090e5-pipelined.pcap": 1 };

/** What may happen to one packet, or to all before it. */
const IMPAIRED = {
  ...FATES,
  first: (packets: Packet[], at: number): Packet[] => packets.slice(at),
};

for (const [name, least] of SESSIONS) {
  for (const [fate, impaired] of Object.entries(IMPAIRED)) {
    Deno.test(`no packet of ${name} that is ${fate} makes a wrong pair`, async () => {
      const packets = await packetsOf(name);
      const truth = truthOfPackets(packets);
      const sum = { judged: 0, lost: 0 };
      for (const at of places(packets.length)) {
        const { wrong, invented, mistimed, judged, lost } = judge(
          truth,
          impaired(packets, at),
        );
        assertEquals({ wrong, mistimed }, NOTHING, `packet ${at + 1}`);
        assert(invented.length <= (INVENTED[name] ?? 0), `packet ${at + 1}: ${invented}`);
        sum.judged += judged;
        sum.lost += lost;
      }
      const share = 1 - sum.lost / sum.judged;
      assert(
        share >= least,
        `only ${(100 * share).toFixed(2)} % of the pairs were found`,
      );
    });
  }
}

const NOTHING = { wrong: [], mistimed: [] };

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
