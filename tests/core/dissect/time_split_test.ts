import { assert, assertEquals } from "@std/assert";
import { forward } from "../../../core/dissect/time_split.ts";
import { compileFilter } from "../../../core/filter/mod.ts";
import { Statistics } from "../../../core/stats/mod.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";
import { dissectFixture } from "../../support/dissect.ts";

const CAPTURES = ["classic-080-midstream-full.pcap", "vsr-090e5-lossy.pcap"];

for (const capture of CAPTURES) {
  Deno.test(`the parts of every time in ${capture} add up`, async () => {
    let split = 0;
    for (const { request, response, timeSplit } of await dissectFixture(capture)) {
      const { requestUs, serverUs, responseUs, networkUs } = timeSplit;
      if (serverUs === null) continue;
      split++;
      const whole = forward(request!.stamp.begun ?? request!.stamp, response!.stamp)!;
      const sum = requestUs! + serverUs + responseUs!;
      assert(Math.abs(sum - whole) < 0.01, `${sum} of ${whole}`);
      assertEquals(networkUs, requestUs! + responseUs!);
    }
    assert(split > 100);
  });
}

Deno.test("time lost to retransmissions is the network's, not the server's", async () => {
  const statistics = new Statistics();
  const transactions = await dissectFixture("classic-080-lossy.pcap");
  for (const transaction of transactions) statistics.add(transaction);
  const [, polls] = statistics.groups.find(([key]) => key === "poll_messages")!;
  const { server, network } = polls.parts!;
  assert(polls.times.quantile(0.99) > 50_000);
  assert(server.quantile(0.99) < 5_000, "the server was fast");
  assert(network.quantile(0.99) > 50_000, "the loss was not");
});

Deno.test("a client thinks from a response to its next request", async () => {
  const transactions = await dissectFixture("classic-080-groups.pcap");
  const last = new Map<number, (typeof transactions)[number]>();
  for (const transaction of transactions) {
    const before = last.get(transaction.conversation.number);
    const { request, response, thinkUs } = transaction;
    const begun = request!.stamp.begun ?? request!.stamp;
    const wanted = before === undefined ? null : forward(before.response!.stamp, begun);
    assertEquals(thinkUs, wanted);
    if (response !== null) last.set(transaction.conversation.number, transaction);
  }
  const slow = compileFilter("iggy.think_time > 100ms", iggyRegistry());
  assertEquals(
    transactions.filter(slow).length,
    transactions.filter(({ thinkUs }) => (thinkUs ?? 0) > 100_000).length,
  );
});
