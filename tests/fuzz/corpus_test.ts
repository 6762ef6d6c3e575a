import { READY_SCENARIOS } from "../../cli/synth/ready.ts";
import { SeededRandom } from "../../core/synth/mod.ts";
import { assertEquals } from "../support/assert.ts";
import { synthesise } from "../support/synth.ts";
import { LEVELS, mutated } from "./mutate.ts";
import { faultOf } from "./run.ts";

Deno.test("what fuzzing found is found no more", async (t) => {
  const corpus = new URL("corpus/", import.meta.url);
  for (const { name } of Deno.readDirSync(corpus)) {
    if (!name.endsWith(".pcap")) continue;
    await t.step(name, async () => {
      assertEquals(faultOf(await Deno.readFile(new URL(name, corpus))), null);
    });
  }
});

for (const level of LEVELS) {
  Deno.test(`captures damaged at the level of the ${level} are dissected without fault`, () => {
    const { packets } = synthesise(READY_SCENARIOS.tour!);
    for (let seed = 1; seed <= 100; seed++) {
      assertEquals(
        faultOf(mutated(packets, level, new SeededRandom(seed))),
        null,
        `${seed}`,
      );
    }
  });
}
