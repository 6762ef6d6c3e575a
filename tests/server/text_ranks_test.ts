import { assertEquals } from "@std/assert";
import { TextRanks } from "../../server/store/text_ranks.ts";

/** Ranks as one sort of everything gives them. */
function plainRanks(texts: readonly string[]): number[] {
  const ranks = new Map([...new Set(texts)].sort().map((text, rank) => [text, rank]));
  return texts.map((text) => ranks.get(text)!);
}

function ranksOf(texts: readonly string[]): number[] {
  const ranks = new TextRanks();
  for (const text of texts) ranks.add(text);
  return [...ranks.finish()];
}

Deno.test("texts of many runs are ranked as one sort ranks them", () => {
  // Each text comes twice, in runs far apart; 7919 and 150 000 have no common divisor.
  const length = 300_000, distinct = 150_000;
  const texts = Array.from(
    { length },
    (_, i) => `stream=${i % 3} offset=${i * 7919 % distinct}`,
  );
  assertEquals(ranksOf(texts), plainRanks(texts));
});

Deno.test("few, long, empty and broken texts are ranked too", () => {
  assertEquals(ranksOf([]), []);
  assertEquals(ranksOf(["", "", ""]), [0, 0, 0]);
  const odd = ["\ud800", "é", "e\u0301", "\u{1f600}", "", "\0", "a".repeat(70_000)];
  assertEquals(ranksOf(odd), plainRanks(odd));
  // Twenty megabytes of text: runs end by their size, too.
  const long = Array.from({ length: 300 }, (_, i) => `${i % 77} ${"x".repeat(70_000)}`);
  assertEquals(ranksOf(long), plainRanks(long));
});
