import { assert, assertEquals } from "@std/assert";
import { isError, isFailure, type Outcome } from "../../../core/dissect/outcome.ts";
import { compileFilter } from "../../../core/filter/mod.ts";
import { Statistics } from "../../../core/stats/mod.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";
import { dissectFixture } from "../../support/dissect.ts";

/** How many transactions came to what. */
async function outcomes(capture: string): Promise<Partial<Record<string, number>>> {
  const found: Partial<Record<string, number>> = {};
  for (const { outcome } of await dissectFixture(capture)) {
    const name = outcome ?? "none";
    found[name] = (found[name] ?? 0) + 1;
  }
  return found;
}

Deno.test("PDUs between replicas go one way and are not unanswered", async () => {
  const transactions = await dissectFixture("vsr-090e5-cluster.pcap");
  const statistics = new Statistics();
  for (const transaction of transactions) statistics.add(transaction);
  const { count, unanswered, oneWay, errors } = statistics.total;
  assertEquals([unanswered, oneWay, errors], [0, count, 0]);
  assert(count > 1000);
});

Deno.test("an eviction is a failure like an error status, and has a filter", async () => {
  assertEquals(await outcomes("vsr-090e5-all.pcap"), { ok: 83, error: 11, evicted: 1 });
  const passes = compileFilter("iggy.failed", iggyRegistry());
  const transactions = await dissectFixture("vsr-090e5-all.pcap");
  assertEquals(transactions.filter(passes).length, 12);
  const evicted = compileFilter('iggy.outcome == "evicted"', iggyRegistry());
  assertEquals(transactions.filter(evicted).map(({ name }) => name), ["login_register"]);
});

Deno.test("a request without its response failed, a response without its request did not", async () => {
  const transactions = await dissectFixture("classic-080-midstream.pcap");
  const orphan = transactions.find(({ request }) => request === null)!;
  assertEquals(orphan.outcome, "ok");
  const open = transactions.filter(({ outcome }) => outcome === "unanswered");
  assert(open.every(({ response }) => response === null));
  assert(open.every(({ outcome }) => isFailure(outcome) && !isError(outcome)));
});

Deno.test("packets of a PDU between replicas are from who sent it", async () => {
  const transactions = await dissectFixture("vsr-090e5-cluster.pcap");
  const registry = iggyRegistry();
  for (const side of ["client", "server"] as const) {
    const sent = transactions.filter(({ request }) => request?.sender === side);
    assert(sent.length > 0);
    for (const transaction of sent.slice(0, 20)) {
      const { clientPort, serverPort } = transaction.conversation;
      const [source, target] = side === "client"
        ? [clientPort, serverPort]
        : [serverPort, clientPort];
      const filter = `tcp.srcport == ${source} && tcp.dstport == ${target}`;
      assert(compileFilter(filter, registry)(transaction), filter);
      const record = transaction.toRecord({ maxBytes: 64, showSecrets: false });
      assertEquals(record.request?.sender, side);
    }
  }
});

Deno.test("no outcome is both an error and fine", () => {
  const fine: Outcome[] = ["ok", "one_way"];
  for (const outcome of fine) assert(!isError(outcome) && !isFailure(outcome));
});

Deno.test("a command that servers never answer goes one way", async () => {
  const transactions = await dissectFixture("proto-0111e8-client.pcap");
  const cancelled = transactions.filter(({ command }) => command?.unanswered);
  assert(cancelled.length > 0);
  for (const { name, outcome } of cancelled) {
    assertEquals([name, outcome], ["cancel_deferred_request", "one_way"]);
  }
});
