import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Ladder, LadderPdu, LadderSegment, Node } from "../../server/api.ts";
import { compileFilter } from "../../core/filter/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { filterOf } from "../../server/page/src/field_filter.ts";
import { microsBetween, packetOf, rungs } from "../../server/page/src/ladder_events.ts";
import { RowWindow } from "../../server/page/src/row_window.ts";
import {
  bothFilters,
  formatState,
  type PageState,
  parseState,
  selection,
  VIEWS,
} from "../../server/page/src/url_state.ts";
import { filterOf as nodeFilter, graphOf } from "../../server/page/src/topology_graph.ts";
import { detailOf } from "../../server/query/detail.ts";
import { dissectFixture } from "../support/dissect.ts";

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
    conversation: maybe(fc.integer()),
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

Deno.test("filter and time range become parameters", () => {
  const state = parseState("#capture=c&filter=a+%7C%7C+b&from=1.5");
  assertEquals(selection(state), { filter: "a || b", from: "1.5" });
  assertEquals(bothFilters("a || b", "c"), "(a || b) && c");
  assertEquals(bothFilters(" ", "c"), "c");
  assertEquals(bothFilters("c", "c"), "c");
});

Deno.test("a filter by a field finds the transaction that the field is of", async () => {
  const registry = iggyRegistry();
  const leaves = (node: Node): Node[] => [node, ...node.children.flatMap(leaves)];
  let tried = 0;
  for (const name of ["classic-080-all.pcap", "vsr-090e5-all.pcap"]) {
    for (const transaction of await dissectFixture(name)) {
      const detail = detailOf(transaction, {
        maxBytes: 64,
        hexBytes: 0,
        showSecrets: false,
      });
      const trees = [...detail.request?.tree ?? [], ...detail.response?.tree ?? []];
      for (const node of trees.flatMap(leaves)) {
        const filter = filterOf(node);
        // Headers of several kinds share paths, of which one may be of another type.
        if (filter === null || node.path.startsWith("iggy.vsr.")) continue;
        tried++;
        const passes = compileFilter(filter, registry)(transaction);
        assert(passes, `${filter} for transaction ${transaction.number} of ${name}`);
      }
    }
  }
  assert(tried > 5000, `${tried} fields`);
});

Deno.test("a ladder has PDUs and the segments that say something, by packet", () => {
  const segment = (packet: number, more: Partial<LadderSegment>): LadderSegment => ({
    side: "client",
    packet,
    time: `2026-11-21T08:48:19.00000${packet}000Z`,
    length: 10,
    flags: [],
    retransmitted: false,
    out_of_order: false,
    lost: 0,
    ...more,
  });
  const ladder = {
    pdus: [{ packet: 3, side: "server" } as LadderPdu],
    segments: [
      segment(1, { flags: ["SYN"] }),
      segment(2, {}),
      segment(4, { retransmitted: true }),
      segment(5, { lost: 1448 }),
    ],
  } as unknown as Ladder;
  assertEquals(rungs(ladder, false).map(packetOf), [1, 3, 4, 5]);
  assertEquals(rungs(ladder, true).map(packetOf), [1, 2, 3, 4, 5]);
  assertEquals(
    microsBetween("2026-11-21T08:48:19.999999000Z", "2026-11-21T08:48:20.000000500Z"),
    1.5,
  );
});

Deno.test("the topology sums up by client, stream and topic, and leaves out the rest", () => {
  const item = (n: number, topic: string | null) => ({
    client: `10.0.0.${n}`,
    user: "iggy",
    server: "10.0.0.9:8090",
    command: "send_messages",
    stream: topic === null ? null : "s",
    topic: topic === null ? null : `s/${topic}`,
    count: n,
    errors: n % 2,
    bytes: 10,
  });
  const graph = graphOf({
    items: [item(1, "t"), item(2, "t"), item(1, "u"), item(1, null)],
    names: {},
  });
  const told = graph.nodes.map(({ name, count }) => `${name} ${count}`).sort();
  assertEquals(told, [
    "10.0.0.1 3",
    "10.0.0.2 2",
    "10.0.0.9:8090 1",
    "s 4",
    "t 3",
    "u 1",
  ]);
  assertEquals(graph.edges.map(({ count }) => count).sort(), [1, 1, 2, 2, 3]);
  const items = Array.from({ length: 100 }, (_, n) => item(n, "t"));
  const many = graphOf({ items, names: {} });
  assertEquals([many.nodes.length, many.hidden], [42, 60]);
});

Deno.test("a stream is one box by its number and by its name, and both are filtered by", () => {
  const item = (stream: string, topic: string) => ({
    client: "10.0.0.1",
    user: null,
    server: "10.0.0.9:8090",
    command: "send_messages",
    stream,
    topic: `${stream}/${topic}`,
    count: 1,
    errors: 0,
    bytes: 10,
  });
  const { nodes } = graphOf({
    items: [item("0", "0"), item("orders", "eu"), item("orders", "0")],
    names: { "0": "orders", "orders/0": "orders/eu" },
  });
  assertEquals(nodes.map(({ name, count }) => `${name} ${count}`), [
    "10.0.0.1 3",
    "orders 3",
    "eu 3",
  ]);
  assertEquals(nodeFilter(nodes[1]!), 'iggy.stream in {"0", "orders"}');
  assertEquals(
    nodeFilter(nodes[2]!),
    'iggy.topic in {"0/0", "orders/eu", "orders/0"}',
  );
});
