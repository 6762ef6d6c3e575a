import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Dissector } from "../../core/dissect/dissector.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import {
  type NetworkOptions,
  type Script,
  simulate,
} from "../../core/tcp/simulated_network.ts";
import { TcpTracker } from "../../core/tcp/mod.ts";
import { iggyRegistry } from "../../mod.ts";
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

/** The session over a network, dissected from what a capture beside the server shows. */
function overNetwork(script: Script, options: NetworkOptions): Transaction[] {
  const transactions: Transaction[] = [];
  const dissector = new Dissector(registry, (done) => transactions.push(done));
  const tracker = new TcpTracker(dissector, {
    addressText: (address) => `10.0.0.${address & 255}`,
    report: (conversation, issue) => {
      if (conversation !== null) dissector.report(conversation, issue);
    },
  });
  simulate(script, options, (segment) => tracker.push(segment));
  tracker.end();
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

const SESSIONS = ["classic-050-all.pcap", "classic-080-all.pcap"];

for (const name of SESSIONS) {
  Deno.test(`${name} reads the same over any network that loses nothing for good`, async () => {
    const script = await sessionOf(name);
    const truth = told(overNetwork(script, { mss: 65_000 }));
    assert(truth.length > 80);
    const chance = fc.constantFrom(0, 0.05, 0.3);
    const network = fc.record({
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      mss: fc.integer({ min: 7, max: 3000 }),
      loss: chance,
      reorder: chance,
      duplicate: chance,
      clientSequence: fc.constantFrom(1000, 0xffff_fff0),
      serverSequence: fc.constantFrom(5000, 0xffff_ff00),
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
      told(overNetwork(script, { mss: 1 })),
      told(overNetwork(script, { mss: 65_000 })),
    );
  });
}
