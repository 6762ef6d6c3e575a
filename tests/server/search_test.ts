import { assert, assertEquals } from "@std/assert";
import { compileFilter, parse } from "../../core/filter/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import type { RowPage } from "../../server/api.ts";
import { Pushdown } from "../../server/query/pushdown.ts";
import { KindNames } from "../../server/store/kinds.ts";
import { dissectFixture } from "../support/dissect.ts";
import { problemOf, until, withServer } from "./support.ts";

/** Filters with what the index makes of them: all, candidates, or nothing. */
const FILTERS = [
  ["iggy.status != 0", "exact"],
  ["iggy.status == 0", "exact"],
  ["iggy.status in {40, 42, 1009}", "exact"],
  ["iggy.status in {40 .. 1009}", "none"],
  ["!(iggy.status == 0)", "exact"],
  ["iggy.status", "exact"],
  ["!iggy.code", "exact"],
  ["iggy.failed", "exact"],
  ["!iggy.failed", "exact"],
  ['iggy.command == "poll_messages"', "exact"],
  ['iggy.command != "poll_messages" && tcp.stream == 0', "exact"],
  ['iggy.command contains "poll"', "none"],
  ['iggy.command in {"ping", "get_me"} || iggy.code == 0x26', "none"],
  ["iggy.response_time > 1ms", "exact"],
  ["iggy.response_time <= 0.0005", "exact"],
  ["iggy.response_time == 607us", "exact"],
  ["iggy.response_time in {607us, 1ms, 250000ns}", "exact"],
  ["!(iggy.response_time > 1ms)", "exact"],
  [
    "iggy.server_time >= 100us || iggy.network_time < 1us || iggy.think_time > 2s",
    "exact",
  ],
  ["iggy.status != 0 && frame.number > 50", "exact"],
  ["iggy.status != 0 || frame.number > 50", "exact"],
  ["frame.number != 50", "none"],
  ["frame.number in {4, 8, 50, 51}", "exact"],
  ["iggy.length > 300 && iggy.length <= 5000", "exact"],
  ["iggy.request && !iggy.response", "exact"],
  ["iggy.issue", "exact"],
  ['iggy.issue.severity == "error" || iggy.issue.severity == "note"', "exact"],
  ['iggy.issue.severity == "grave"', "none"],
  ["tcp.stream != 0", "exact"],
  ["udp.stream", "exact"],
  ["iggy.status == 0 && frame.time_relative > 0.01", "candidates"],
  ["iggy.status == 0 || frame.time_relative > 0.01", "none"],
  ["iggy.send_messages", "candidates"],
  ["iggy.create_topic.request.name", "candidates"],
  ['iggy.create_topic.request.name contains "t"', "candidates"],
  ["iggy.poll_messages.response.messages.offset == 5", "candidates"],
  ["all iggy.poll_messages.response.messages.offset > 0", "candidates"],
  ["iggy.poll_messages.request.count in {1 .. 10}", "candidates"],
  ["!iggy.send_messages", "none"],
  ["count(iggy.poll_messages.response.messages.offset) > 1", "none"],
  ["all iggy.status != 0", "none"],
  ["iggy.status !== 0", "none"],
  ["iggy.transaction >= 10 && iggy.transaction < 20", "exact"],
] as const;

for (
  const name of ["classic-080-lossy.pcap", "vsr-090e5-all.pcap", "vsr-090e5-cluster.pcap"]
) {
  Deno.test(`the index finds in ${name} what filters let pass`, async () => {
    const registry = iggyRegistry();
    const { root, commands } = registry;
    const pushdown = new Pushdown(root, commands, new KindNames(registry));
    const transactions = await dissectFixture(name, { registry });
    await withServer({}, async ({ upload, json }) => {
      const { id } = await upload(name);
      for (const [filter, kind] of FILTERS) {
        const condition = pushdown.conditionOf(parse(filter)!);
        const made = condition === null
          ? "none"
          : condition.isExact
          ? "exact"
          : "candidates";
        assertEquals(made, kind, filter);
        const expected = transactions.filter(compileFilter(filter, registry))
          .map(({ number }) => number);
        const query = `view=row&limit=1000&filter=${encodeURIComponent(filter)}`;
        const page = await json<RowPage>(`/api/captures/${id}/transactions?${query}`);
        const found = page.items.map(({ transaction }) => transaction);
        assertEquals(found, expected.slice(0, 1000), filter);
        assertEquals(page.total, expected.length);
        assertEquals([page.complete, page.searched], [true, 1]);
      }
    });
  });
}

const SLOW = "iggy.poll_messages.response.messages.payload contains 99:98:97";

Deno.test("searches end when nobody waits for them, and small ones wait for none", async () => {
  const limits = { searches: 1, waitingSearches: 100 };
  await withServer({ limits }, async ({ upload, ask, services }) => {
    const big = await upload("classic-080-load-small.pcap.gz");
    const small = await upload("classic-080-all.pcap");
    const gone = new AbortController();
    const of = (id: string, filter: string, more = "") =>
      `/api/captures/${id}/transactions?filter=${encodeURIComponent(filter)}${more}`;
    const lost = Array.from(
      { length: 50 },
      (_, i) =>
        ask(of(big.id, `${SLOW} && frame.number > ${i}`), { signal: gone.signal }),
    );
    let settled = 0;
    for (const each of lost) each.then(() => settled++);
    await until(() => services.metrics.value("iggyscope_searches_total") >= 50);
    const answer = await ask(of(small.id, SLOW));
    assertEquals(answer.status, 200);
    await answer.body?.cancel();
    assertEquals(settled, 0, "a small one is answered meanwhile");
    gone.abort();
    for (const answer of await Promise.all(lost)) await problemOf(answer, 503);
    // None of the fifty is still at work: the next one has the place at once.
    const first = await ask(of(big.id, `${SLOW} || iggy.command == "ping"`, "&wait=1"));
    assertEquals(first.status, 200);
    await first.body?.cancel();
  });
});

Deno.test("the first rows of a long search come before the last, with how far it is", async () => {
  await withServer({}, async ({ upload, json }) => {
    const { id, transactions } = await upload("classic-080-load-small.pcap.gz");
    const filter = encodeURIComponent("iggy.poll_messages.request.count > 0");
    const path = `/api/captures/${id}/transactions?view=row&limit=5&filter=${filter}`;
    const early = await json<RowPage>(`${path}&wait=30`);
    assert(!early.complete && early.searched < 1, `${early.searched}`);
    assert(early.total < transactions);
    let late = early;
    await until(async () => {
      late = await json<RowPage>(`${path}&wait=1000`);
      return late.complete;
    });
    assertEquals(late.searched, 1);
    assert(late.total > early.total);
    assertEquals(late.items.slice(0, early.items.length), early.items);
  });
});
