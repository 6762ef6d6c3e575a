import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Packet } from "../../core/capture/packet.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { iggyRegistry } from "../../mod.ts";
import { packetsOf } from "../support/packets_of.ts";

const registry = iggyRegistry();

function dissect(packets: Iterable<Packet>): Transaction[] {
  const transactions: Transaction[] = [];
  const pipeline = new Pipeline(registry, (done) => transactions.push(done));
  for (const packet of packets) pipeline.push(packet);
  pipeline.end();
  return transactions;
}

/** A request with its response, by the packets that completed them; null for a lone one. */
function pair({ conversation, name, request, response }: Transaction): string | null {
  if (!request?.whole || !response?.whole) return null;
  return [
    conversation.client,
    name,
    request.stamp.packet,
    request.length,
    response.stamp.packet,
    response.length,
    response.status,
  ].join(" ");
}

const pairsOf = (transactions: readonly Transaction[]): string[] =>
  transactions.map(pair).filter((text) => text !== null);

/** Clients that wait for each answer, as every SDK does on the classic framing. */
const SESSIONS = [
  "classic-050-all.pcap",
  "classic-060-badframes.pcap",
  "classic-080-all.pcap",
  "classic-080-go.pcap",
  "classic-080-mtu1500.pcapng",
];

for (const name of SESSIONS) {
  Deno.test(`no packet lost from ${name} makes a wrong pair`, async () => {
    const packets = await packetsOf(name);
    const truth = new Set(pairsOf(dissect(packets)));
    let kept = 0;
    for (let lost = 0; lost < packets.length; lost++) {
      const pairs = pairsOf(dissect(packets.toSpliced(lost, 1)));
      assertEquals(
        pairs.filter((found) => !truth.has(found)),
        [],
        `packet ${lost + 1} lost`,
      );
      kept += pairs.length;
    }
    const share = kept / truth.size / packets.length;
    assert(share > 0.98, `only ${(100 * share).toFixed(1)} % of the pairs were found`);
  });

  Deno.test(`${name} read from any packet on makes no wrong pair`, async () => {
    const packets = await packetsOf(name);
    const truth = new Set(pairsOf(dissect(packets)));
    for (let first = 1; first < packets.length; first++) {
      const pairs = pairsOf(dissect(packets.slice(first)));
      assertEquals(
        pairs.filter((found) => !truth.has(found)),
        [],
        `from packet ${first + 1}`,
      );
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
  const truth = told(dissect(packets));
  fc.assert(
    fc.property(fc.array(fc.nat(packets.length - 2), { maxLength: 30 }), (places) => {
      const mixed = [...packets];
      // From the last on, so that no repetition moves before what it repeats.
      for (const at of places.toSorted((a, b) => b - a)) {
        mixed.splice(Math.min(mixed.length, at + 5), 0, packets[at]!);
      }
      assertEquals(told(dissect(mixed)), truth);
    }),
    { numRuns: 40 },
  );
});
