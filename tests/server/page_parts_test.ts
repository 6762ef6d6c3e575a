import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { RowWindow } from "../../server/page/src/row_window.ts";
import {
  bothFilters,
  formatState,
  type PageState,
  parseState,
  selection,
  VIEWS,
  wholeFilter,
} from "../../server/page/src/url_state.ts";

const ROW = 26;

Deno.test("RowWindow shows every row it is asked to reveal, however many there are", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 5_000_000 }),
    fc.integer({ min: ROW, max: 2000 }),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
    (count, view, places) => {
      const rows = new RowWindow(ROW);
      rows.resize(count, view);
      for (const place of places) {
        const row = Math.min(count - 1, Math.floor(place * count));
        const scrollTop = rows.reveal(row);
        rows.scrolled(scrollTop); // the browser tells of what was set
        const { first, end } = rows.range;
        assert(first <= row && row < end);
        assert(end - first <= view / ROW + 18);
        const top = rows.top(row) - scrollTop;
        assert(top > -ROW && top <= view, `row ${row} of ${count} stands at ${top}`);
      }
    },
  ));
});

Deno.test("RowWindow moves by pixels for small moves and by proportion for long ones", () => {
  const rows = new RowWindow(ROW);
  const view = 520;
  rows.resize(1_000_000, view);
  rows.scrolled(100);
  assertEquals(rows.top(0) - 100, -100);
  rows.scrolled(rows.height / 2);
  const { first, end } = rows.range;
  assert(first > 499_000 && end < 501_000, `rows ${first} to ${end}`);
  rows.scrolled(rows.height - view);
  assertEquals(rows.range.end, 1_000_000);
  rows.scrolled(0);
  assertEquals(rows.range.first, 0);
});

Deno.test("RowWindow settles on a scrollTop that shows the same rows", () => {
  const rows = new RowWindow(ROW);
  rows.resize(1_000_000, 520);
  rows.scrolled(5_000_000);
  for (let at = 5_000_000; at < 5_020_000; at += 100) rows.scrolled(at);
  const before = rows.range;
  rows.scrolled(rows.settle());
  assertEquals(rows.range, before);
});

Deno.test("the address of the page holds its whole state", () => {
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
  const state = fc.record<PageState>({
    view: fc.constantFrom(...VIEWS),
    capture: maybe(fc.stringMatching(/^[a-z0-9]{1,26}$/)),
    filter: fc.string({ unit: "grapheme" }),
    transaction: maybe(fc.nat()),
    conversation: maybe(fc.nat()),
    from: maybe(fc.nat().map((value) => value / 1e3)),
    to: maybe(fc.nat().map((value) => value / 1e3)),
  });
  fc.assert(fc.property(state, (given) => {
    assertEquals(parseState(formatState(given)), given);
  }));
});

Deno.test("an address that makes no sense shows the first page", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const state = parseState(`#${text}`);
    assert(VIEWS.includes(state.view));
  }));
  assertEquals(parseState("#view=nothing&from=1e99&to=-3&conversation=0x1"), {
    view: "captures",
    capture: null,
    filter: "",
    transaction: null,
    conversation: null,
    from: null,
    to: null,
  });
});

Deno.test("filter and time range become parameters, or one filter", () => {
  const state = parseState("#capture=c&filter=a+%7C%7C+b&from=1.5");
  assertEquals(selection(state), { filter: "a || b", from: "1.5" });
  assertEquals(
    wholeFilter(state),
    '(a || b) && frame.time >= "1970-01-01T00:00:01.500Z"',
  );
  assertEquals(bothFilters("a || b", "c"), "(a || b) && c");
  assertEquals(bothFilters(" ", "c"), "c");
  assertEquals(bothFilters("c", "c"), "c");
});
