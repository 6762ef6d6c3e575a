import { assert, assertEquals } from "@std/assert";
import {
  type ConsumerPlace,
  Courses,
  MAX_MOMENTS,
  Offsets,
  Traffic,
} from "../../core/stats/mod.ts";
import type { Transaction } from "../../core/dissect/mod.ts";
import { dissectFixture, truthOf } from "../support/dissect.ts";

/** A call of `classic-080-groups.jsonl`, as far as offsets are concerned. */
interface Call {
  conn: string;
  cmd: string;
  args: { auto?: boolean; partition?: number; offset?: string };
  result: { ok?: Polled & Stored };
}
interface Polled {
  partitionId: number;
  currentOffset: string;
  offsets: string[];
}
interface Stored {
  storedOffset: string;
}

function follow(transactions: readonly Transaction[]): Offsets {
  const offsets = new Offsets();
  for (const transaction of transactions) {
    if (transaction.response === null) continue;
    offsets.add(transaction, new Traffic(transaction));
  }
  return offsets;
}

const partitionOf = ({ partition }: ConsumerPlace) => Number(partition.split("/").at(-1));

Deno.test("the lag of every partition is what the server says at the end", async () => {
  const calls = truthOf<Call>("classic-080-groups");
  const transactions = await dissectFixture("classic-080-groups.pcap");
  // The server's own answer about stored offsets is kept back: it is the truth.
  const blind = transactions.filter(({ name }) => name !== "get_consumer_offset");
  for (const all of [transactions, blind]) {
    const { places } = follow(all);
    assertEquals(places.length, 6);
    for (const place of places) {
      const said = calls.find(({ cmd, args }) =>
        cmd === "GetConsumerOffset" && args.partition === partitionOf(place)
      )!.result.ok!;
      assertEquals(place.stored, BigInt(said.storedOffset), place.partition);
      assertEquals(
        place.lag,
        BigInt(said.currentOffset) - BigInt(said.storedOffset),
        place.partition,
      );
    }
  }
});

Deno.test("who read which partition, how often it changed hands and what was skipped", async () => {
  const calls = truthOf<Call>("classic-080-groups");
  const { places, groups } = follow(await dissectFixture("classic-080-groups.pcap"));
  for (const place of places) {
    const polls = calls.flatMap(({ cmd, conn, result }) =>
      cmd === "PollMessages" && result.ok?.partitionId === partitionOf(place) &&
        result.ok.offsets.length > 0
        ? [{ conn, offsets: result.ok.offsets }]
        : []
    );
    assertEquals(place.polled, BigInt(polls.at(-1)!.offsets.at(-1)!));
    assertEquals(
      place.handovers,
      polls.filter(({ conn }, i) => i > 0 && polls[i - 1]!.conn !== conn).length,
    );
    const offsets = polls.flatMap((poll) => poll.offsets).map(Number);
    assertEquals(place.repeated, offsets.length - new Set(offsets).size);
    const steps = offsets.map((offset, i) => i === 0 ? 1 : offset - offsets[i - 1]!);
    assertEquals(
      place.skipped,
      steps.reduce((sum, step) => sum + Math.max(0, step - 1), 0),
    );
    assertEquals(
      place.members.reduce((sum, { messages }) => sum + messages, 0),
      offsets.length,
    );
  }
  const [group] = groups;
  const count = (cmd: string) => calls.filter((call) => call.cmd === cmd).length;
  assertEquals(
    [group!.joins, group!.leaves],
    [count("JoinConsumerGroup"), count("LeaveConsumerGroup")],
  );
  assert(group!.pauseUs! > 0);
});

Deno.test("what commits by itself counts as stored, and a deleted offset does not", async () => {
  const { places } = follow(await dissectFixture("classic-080-all.pcap"));
  const stored = new Map(places.map((place) => [
    `${place.partition} ${place.consumer}`,
    place.stored,
  ]));
  assertEquals(stored.get("orders/eu/1 orders/eu consumer billing"), 199n);
  assertEquals(stored.get("orders/eu/0 orders/eu consumer 1"), null);
  const newest = new Map<string, bigint>();
  for (const place of places) {
    if (place.newest === null) continue;
    const known = newest.get(place.partition);
    assertEquals(known ?? place.newest, place.newest, "one newest offset a partition");
    newest.set(place.partition, place.newest);
  }
});

Deno.test("every poll of the small load that commits is stored", async () => {
  const { places } = follow(await dissectFixture("vsr-090e5-load-small.pcap.gz"));
  assertEquals(places.length, 8);
  for (const { stored, polled, newest, lag } of places) {
    assertEquals([stored, lag], [polled, 0n]);
    assert(polled !== null && polled === newest);
  }
});

Deno.test("the lag over time is what was known at each moment", async () => {
  for (const name of ["classic-080-groups.pcap", "classic-080-concurrent.pcap"]) {
    const transactions = await dissectFixture(name);
    const { moments, places } = follow(transactions);
    const steps = moments.slice(1).map((moment, i) => moment - moments[i]!);
    assert(moments.length > 60 && new Set(steps).size === 1, name);
    assertEquals(places.map(({ lags }) => lags?.at(-1)), places.map(({ lag }) => lag));
    const at = ({ response }: Transaction) =>
      response === null ? Infinity : response.stamp.seconds + response.stamp.nanos / 1e9;
    for (let i = 5; i < moments.length; i += 20) {
      const before = follow(transactions.filter((one) => at(one) * 1000 < moments[i]!));
      const known = new Map(
        before.places.map(({ partition, consumer, lag }) => [
          `${partition} ${consumer}`,
          lag,
        ]),
      );
      for (const { partition, consumer, lags } of places) {
        const lag = known.get(`${partition} ${consumer}`) ?? null;
        assertEquals(lags![i], lag, `${partition} ${consumer} at ${moments[i]}`);
      }
    }
  }
});

Deno.test("courses are bounded, however long they go on and wherever they begin", () => {
  const courses = new Courses();
  const course = courses.begin();
  for (const time of [1e9, 1e9 + 5, 0, 4e9, 4e9 + 1e-3]) {
    courses.set(course, time, BigInt(Math.floor(time)));
    assert(courses.moments.length <= MAX_MOMENTS);
    assertEquals(courses.values(course).length, courses.moments.length);
  }
  assertEquals(courses.values(course).at(-1), 4_000_000_000n);
});
