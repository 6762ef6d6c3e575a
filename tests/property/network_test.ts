import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import { type Script, simulate, type SimulateOptions } from "../../core/synth/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { dissectFixture } from "../support/dissect.ts";

const registry = iggyRegistry();

/** What the two ends of a captured session wrote, in order. */
async function sessionOf(name: string, longest = Infinity): Promise<Script> {
  return (await dissectFixture(name))
    .filter(({ conversation, request, response }) =>
      conversation.number === 0 && request!.length + response!.length < longest
    )
    .flatMap(({ request, response }): Script => [
      ["client", request!.bytes],
      ["server", response!.bytes],
    ]);
}

/** The session over a network, dissected from what a tap on it shows. */
function overNetwork(script: Script, options: SimulateOptions): Transaction[] {
  const transactions: Transaction[] = [];
  const pipeline = new Pipeline(registry, (done) => transactions.push(done));
  const tcp = { retries: Infinity, timestamps: false, ...options.tcp };
  simulate(script, { ...options, tcp }, (packet) => pipeline.push(packet));
  pipeline.end();
  return transactions;
}

/** All that the packets' numbers and times do not change. */
function told(transactions: readonly Transaction[]): unknown[] {
  return transactions.map((transaction) => {
    const { request, response, ...rest } = transaction.toRecord({
      maxBytes: 16,
      showSecrets: true,
    });
    return [
      rest.command,
      rest.release,
      rest.issues,
      request?.length,
      request?.fields,
      response?.length,
      response?.status,
      response?.fields,
    ];
  });
}

/** Whole PDUs in a packet each. */
const LONG = { offload: 65_000, receiveBuffer: 1 << 22, firstWindow: 1000 };
const SESSIONS = ["classic-050-all.pcap", "classic-080-all.pcap"];

for (const name of SESSIONS) {
  Deno.test(`${name} reads the same over any network that loses nothing for good`, async () => {
    const script = await sessionOf(name);
    const truth = told(overNetwork(script, { tcp: LONG }));
    assert(truth.length > 80);
    const chance = fc.constantFrom(0, 0.05, 0.3);
    const network = fc.record({
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      tcp: fc.record({
        mss: fc.integer({ min: 7, max: 3000 }),
        initialSequence: fc.constantFrom(1000, 0xffff_fff0),
      }),
      path: fc.record({ loss: chance, reorder: chance, duplicate: chance }),
      tap: fc.constantFrom("client" as const, "middle" as const, "server" as const),
    });
    fc.assert(
      fc.property(network, (options) => {
        assertEquals(told(overNetwork(script, options)), truth);
      }),
      { numRuns: 15 },
    );
  });

  Deno.test(`${name} reads the same byte by byte`, async () => {
    const script = await sessionOf(name, 5000);
    assertEquals(
      told(overNetwork(script, { tcp: { mss: 1 } })),
      told(overNetwork(script, { tcp: LONG })),
    );
  });
}
