import fc from "fast-check";
import { align } from "../../../core/compare/mod.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const letters = fc.array(fc.constantFrom(..."abcdef"), { maxLength: 60 });

Deno.test("an alignment keeps the order of both sides and pairs equal keys only", () => {
  fc.assert(fc.property(letters, letters, (a, b) => {
    const matches = align(a, b);
    matches.forEach(([i, j], at) => {
      assertEquals(a[i], b[j]);
      const before = matches[at - 1];
      assert(before === undefined || before[0] < i && before[1] < j);
    });
  }));
});

Deno.test("a sequence is aligned with itself whole, and with part of itself", () => {
  fc.assert(fc.property(letters, fc.nat(), (a, seed) => {
    assertEquals(align(a, a).length, a.length);
    const at = a.length === 0 ? 0 : seed % a.length;
    // Distinct keys leave no doubt which one is missing.
    const keys = a.map((letter, i) => `${letter}${i}`);
    const without = keys.toSpliced(at, 1);
    assertEquals(align(keys, without).length, without.length);
  }));
});

Deno.test("loose keys align what lies between the strict ones, and nothing across them", () => {
  const strict = [["s1", "k", "s2"], ["t1", "k", "t2"]] as const;
  const loose = [["s", "k", "s"], ["s", "k", "s"]] as const;
  assertEquals(align(...strict, loose), [[0, 0], [1, 1], [2, 2]]);
  assertEquals(align(["x1", "k"], ["k", "x2"], [["x", "k"], ["k", "x"]]), [[1, 0]]);
});

Deno.test("100 000 keys in reverse are aligned at once", () => {
  const keys = Array.from({ length: 100_000 }, (_, i) => `k${i}`);
  assertEquals(align(keys, keys.toReversed()).length, 1);
});
