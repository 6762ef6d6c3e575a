import { Oldest } from "../../core/oldest.ts";
import { assertEquals } from "../support/assert.ts";
import { SeededRandom } from "../../core/synth/random.ts";

Deno.test("Oldest gives the keys of a map in the order they were set", () => {
  const random = new SeededRandom(1);
  const map = new Map<number, number>();
  const oldest = new Oldest(map);
  assertEquals(oldest.take(), undefined);
  for (let i = 0; i < 20_000; i++) {
    const key = random.below(60);
    const step = random.below(4);
    if (step === 0) map.delete(key);
    else if (step === 1) {
      const [expected] = map.keys();
      assertEquals(oldest.take(), expected);
      if (expected !== undefined) map.delete(expected);
    } else {
      map.delete(key);
      map.set(key, i);
    }
  }
});
