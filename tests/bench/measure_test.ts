import { assert, assertEquals } from "@std/assert";
import { type Contestant, measure, median, ratio, table } from "./measure.ts";

Deno.test("median() is the middle, or between the two middles", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 3, 2]), 2.5);
  assertEquals(median([]), NaN);
});

Deno.test("ratio() compares runs of the same round", () => {
  const slow = { name: "slow", wall: [20, 200, 60], first: [] };
  const fast = { name: "fast", wall: [10, 100, 20], first: [] };
  assertEquals(ratio(slow, fast), 2);
  assertEquals(ratio(slow, { name: "absent", wall: [], first: [] }), NaN);
});

Deno.test("measure() leaves out what is absent or fails", async () => {
  const evaluate = (name: string, code: string): Contestant => (
    { name, program: Deno.execPath(), args: ["eval", code] }
  );
  const [good, bad, absent] = await measure([
    evaluate("good", "console.log(1)"),
    evaluate("bad", "Deno.exit(2)"),
    { name: "absent", program: "no-such-program-here", args: [] },
  ], 2);
  assertEquals(good?.wall.length, 2);
  assert(good?.wall.every((wall, round) => wall >= (good.first[round] ?? Infinity)));
  assertEquals(bad?.wall, []);
  assertEquals(absent?.wall, []);
});

Deno.test("table() aligns its columns", () => {
  assertEquals(table([["name", "ms"], ["a", "1000"]]), "name    ms\na     1000");
});
