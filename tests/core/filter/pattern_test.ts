import { assert, assertEquals } from "../../support/assert.ts";
import fc from "fast-check";
import { Pattern } from "../../../core/filter/mod.ts";

Deno.test("patterns match as PCRE does", () => {
  const rows: [pattern: string, text: string, matches: boolean][] = [
    ["a.c", "xABCx", true],
    ["a.c", "a\nc", false],
    ["^a", "ba", false],
    ["a$", "ba\n", true],
    ["a$", "ba\nb", false],
    ["a\\z", "ba\n", false],
    ["\\Aa", "ab", true],
    ["\\bfoo\\b", "a foo b", true],
    ["\\bfoo\\b", "afoo b", false],
    ["o\\Bo", "foo", true],
    ["(?:ab|cd){2,3}$", "abcdab", true],
    ["^(ab|cd){2}$", "abcdab", false],
    ["[^a-c]z", "az", false],
    ["[^a-c]z", "dz", true],
    ["[]a]", "]", true],
    ["[a\\]b-]+$", "-]", true],
    ["[[:digit:]]+x", "12x", true],
    ["\\x41\\x{42}", "ab", true],
    ["\\d+\\s\\w+", "12 ab", true],
    ["a{,3}", "a{,3}", true],
    ["é日", "É日", true],
    ["\u0100$", "\u0101", true],
    ["", "", true],
    ["a||b", "zzz", true],
    ["(?i)A", "a", true],
  ];
  for (const [pattern, text, matches] of rows) {
    assertEquals(new Pattern(pattern).test(text), matches, `${pattern} on ${text}`);
  }
});

Deno.test("bytes match one by one", () => {
  const text = new TextEncoder().encode("né\xff");
  assert(new Pattern("n..").test(text));
  assert(new Pattern("\\xc3\\xa9").test(text));
});

Deno.test("no pattern runs away", () => {
  const rows: [pattern: string, text: string][] = [
    ["^(a+)+$", `${"a".repeat(1_000_000)}b`],
    ["(a|b)*a(a|b){12}x", "ab".repeat(100_000)],
    ["(.*)(.*)(.*)(.*)(.*)x", "a".repeat(1_000_000)],
    ["(a?){300}a{300}", "a".repeat(500)],
    ["((a*)*)*b", "a".repeat(1_000_000)],
  ];
  for (const [pattern, text] of rows) {
    const start = performance.now();
    new Pattern(pattern).test(text);
    const took = performance.now() - start;
    assert(took < 60_000, `${pattern}: ${took} ms`);
  }
});

Deno.test("small patterns agree with the language's own engine", () => {
  const atom = fc.constantFrom(
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    "\\w",
    "\\b",
    "^",
    "$",
    "c",
  );
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 4 },
      atom,
      fc.tuple(tie("pattern"), tie("pattern")).map(([a, b]) => a + b),
      fc.tuple(tie("pattern"), tie("pattern")).map(([a, b]) => `(${a}|${b})`),
      fc.tuple(tie("pattern"), fc.constantFrom("*", "+", "?", "{2}", "{1,2}", "*?"))
        .map(([a, repeat]) => `(?:${a})${repeat}`),
    ),
  }));
  const text = fc.string({
    unit: fc.constantFrom("a", "b", "B", "c", " "),
    maxLength: 8,
  });
  fc.assert(
    fc.property(pattern, text, (pattern, text) => {
      assertEquals(new Pattern(pattern).test(text), new RegExp(pattern, "i").test(text));
    }),
    { numRuns: 2000 },
  );
});
