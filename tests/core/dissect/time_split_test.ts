import { assert, assertEquals } from "@std/assert";
import { forward } from "../../../core/dissect/time_split.ts";
import { compileFilter } from "../../../core/filter/mod.ts";
import { Statistics } from "../../../core/stats/mod.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";
import { transactionsOf } from "../../../core/dissect/mod.ts";
import { MAIN } from "../../cli/support.ts";
import { run } from "../../support/peer.ts";
import { keysOf } from "../../support/keys.ts";
import { dissectFixture } from "../../support/dissect.ts";

const CAPTURES = ["classic-080-midstream-full.pcap", "vsr-090e5-lossy.pcap"];

for (const capture of CAPTURES) {
  Deno.test(`the parts of every time in ${capture} add up`, async () => {
    let split = 0;
    for (const { request, response, timeSplit } of await dissectFixture(capture)) {
      const { requestUs, roundTripUs, serverUs, responseUs, lostUs, zeroWindowUs } =
        timeSplit;
      if (serverUs === null) continue;
      split++;
      const whole = forward(request!.stamp.begun ?? request!.stamp, response!.stamp)!;
      const network = requestUs! + roundTripUs! + responseUs! + lostUs!;
      const sum = network + serverUs + zeroWindowUs!;
      assert(Math.abs(sum - whole) < 0.01, `${sum} of ${whole}`);
      assert(Math.abs(timeSplit.networkUs! - network) < 0.01);
      for (const part of Object.values(timeSplit)) assert(part >= 0, `${part}`);
    }
    assert(split > 100);
  });
}

/** A scenario whose only delay is the network's, captured at a place. */
async function simulated(at: string) {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/far.pcapng`;
    const scenario = `${folder}/far.yaml`;
    await Deno.writeTextFile(
      scenario,
      `network: { delay: 50ms }
tap: { at: ${at} }
clients:
  - steps:
      - command: login_user
        alone: true
      - repeat: 20
        steps:
          - command: ping
            alone: true
            think: 300ms
`,
    );
    const { code, stderr } = await run(Deno.execPath(), [
      "run",
      "--allow-read",
      "--allow-write",
      MAIN,
      "synth",
      scenario,
      "-w",
      path,
    ]);
    assertEquals(code, 0, stderr);
    const transactions = await Array.fromAsync(transactionsOf(path, iggyRegistry()));
    return transactions.filter(({ name }) => name === "ping");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the way to the server is the network's, wherever the capture is", async () => {
  for (const [at, roundTrip] of [["client", 100_000], ["server", 0]] as const) {
    const pings = await simulated(at);
    assertEquals(pings.length, 20);
    for (const { responseTimeUs, timeSplit, thinkUs } of pings) {
      const { serverUs, roundTripUs } = timeSplit;
      assert(Math.abs(roundTripUs! - roundTrip) < 5000, `${at}: ${roundTripUs}`);
      assert(Math.abs(responseTimeUs! - roundTrip - serverUs!) < 5000, `${serverUs}`);
      // What a scenario calls think is the server's.
      assert(Math.abs(serverUs! - 300_000) < 5000, `${at}: the server takes ${serverUs}`);
      assert(thinkUs! < 5000, `${at}: the client thinks ${thinkUs}`);
    }
  }
});

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

Deno.test("a client thinks from a response to its next request, less the way to it", async () => {
  const transactions = await dissectFixture("classic-080-groups.pcap");
  const last = new Map<number, (typeof transactions)[number]>();
  for (const transaction of transactions) {
    const before = last.get(transaction.conversation.number);
    const { request, response, thinkUs } = transaction;
    const begun = request!.stamp.begun ?? request!.stamp;
    if (before === undefined) assertEquals(thinkUs, null);
    else {
      const whole = forward(before.response!.stamp, begun)!;
      assert(thinkUs! <= whole && thinkUs! >= whole - 500, `${thinkUs} of ${whole}`);
    }
    if (response !== null) last.set(transaction.conversation.number, transaction);
  }
  const slow = compileFilter("iggy.think_time > 100ms", iggyRegistry());
  assertEquals(
    transactions.filter(slow).length,
    transactions.filter(({ thinkUs }) => (thinkUs ?? 0) > 100_000).length,
  );
});

Deno.test("without a round trip to the server its time is not known", async () => {
  const capture = "vsr-090e5-quic.pcap";
  const all = await dissectFixture(capture, { keys: keysOf(capture) });
  for (const { timeSplit, thinkUs } of all) {
    assertEquals([timeSplit.serverUs, timeSplit.networkUs, thinkUs], [null, null, null]);
  }
  assert(all.some(({ responseTimeUs }) => responseTimeUs !== null));
});
