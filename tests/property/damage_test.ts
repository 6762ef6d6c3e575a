import { keysOf } from "../support/keys.ts";
import { assert } from "@std/assert";
import fc from "fast-check";
import type { Packet } from "../../core/capture/packet.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { fixtures, packetsOf } from "../support/packets.ts";

const registry = iggyRegistry();

/** Ethernet, IPv4 and TCP headers without options: damage behind them is Iggy's to bear. */
const HEADERS = 54;

/** Overwrites bytes of a packet: about one in `spacing`. */
function damaged(
  packet: Packet,
  spacing: number,
  from: number,
  random: () => number,
): Packet {
  const bytes = packet.bytes.slice();
  const start = Math.min(from, bytes.length);
  for (
    let at = start + random() % spacing;
    at < bytes.length;
    at += 1 + random() % spacing
  ) {
    bytes[at] = random();
  }
  return { ...packet, bytes };
}

/** A small generator, so that a run of many thousand bytes comes from one printed seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state >>> 8;
  };
}

for (const name of fixtures(600_000)) {
  Deno.test(`${name} with damaged bytes gives records and never throws`, async () => {
    const packets = await packetsOf(name);
    const keys = keysOf(name);
    const damage = fc.record({
      seed: fc.integer({ min: 1 }),
      spacing: fc.constantFrom(20, 200, 5000),
      from: fc.constantFrom(0, HEADERS),
      lost: fc.constantFrom(0, 0.01),
    });
    fc.assert(
      fc.property(damage, ({ seed, spacing, from, lost }) => {
        const random = generator(seed);
        let records = 0;
        const pipeline = new Pipeline(registry, (transaction) => {
          const record = transaction.toRecord({ maxBytes: 64, showSecrets: false });
          records += JSON.stringify(record).length > 0 ? 1 : 0;
        }, { keys });
        for (const packet of packets) {
          if (random() % 1000 < lost * 1000) continue;
          pipeline.push(damaged(packet, spacing, from, random));
        }
        pipeline.end();
        assert(records <= 100_000);
      }),
      { numRuns: 6 },
    );
  });
}
