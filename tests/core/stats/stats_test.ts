import { assert, assertEquals } from "../../support/assert.ts";
import fc from "fast-check";
import {
  countedOf,
  Counters,
  GROUPINGS,
  RELATIVE_ERROR,
  Series,
  Sketch,
  Statistics,
  Timeline,
} from "../../../core/stats/mod.ts";
import { dissectFixture } from "../../support/dissect.ts";

/** The value at a rank, by sorting. */
function exact(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * values.length)) - 1]!;
}

const time = fc.oneof(
  fc.double({ min: 0.01, max: 1e10, noNaN: true }),
  fc.integer({ min: 1, max: 5000 }),
);

Deno.test("a sketch's quantiles are within 1 %, merged or not", () => {
  fc.assert(fc.property(
    fc.array(time, { minLength: 1, maxLength: 300 }),
    fc.array(time, { maxLength: 300 }),
    fc.constantFrom(0, 0.5, 0.9, 0.99, 1),
    (some, others, q) => {
      const sketch = new Sketch();
      for (const value of some) sketch.add(value);
      const other = new Sketch();
      for (const value of others) other.add(value);
      sketch.merge(other);
      const wanted = exact([...some, ...others], q);
      const found = sketch.quantile(q);
      assert(
        Math.abs(found - wanted) <= wanted * RELATIVE_ERROR * 1.0001,
        `${found} for ${wanted}`,
      );
    },
  ));
});

Deno.test("a sketch takes negative times and has none without values", () => {
  const sketch = new Sketch();
  assertEquals(sketch.quantile(0.5), NaN);
  for (const value of [-5, -1, 3]) sketch.add(value);
  assertEquals([sketch.min, sketch.max, sketch.quantile(0.5)], [-5, 3, -5]);
});

Deno.test("a sketch does not grow with what it counts", () => {
  const sketch = new Sketch();
  for (let i = 1; i <= 200_000; i++) sketch.add(i);
  assert(Math.abs(sketch.quantile(0.99) - 198_000) <= 1980);
});

for (const capture of ["classic-080-all.pcap", "classic-050-all.pcap"]) {
  Deno.test(`the counts of ${capture} are those of its records`, async () => {
    const transactions = await dissectFixture(capture);
    const statistics = new Statistics();
    for (const transaction of transactions) statistics.add(transaction);
    const { total } = statistics;
    const answered = transactions.filter(({ response }) => response !== null);
    assertEquals(total.count, transactions.length);
    assertEquals(total.unanswered, transactions.length - answered.length);
    assertEquals(
      total.errors,
      answered.filter(({ response }) => response!.status !== 0).length,
    );
    assertEquals(
      total.requestBytes + total.responseBytes,
      transactions.flatMap(({ request, response }) => [request, response])
        .reduce((sum, pdu) => sum + (pdu?.length ?? 0), 0),
    );
    const times = transactions.map(({ responseTimeUs }) => responseTimeUs)
      .filter((time) => time !== null);
    assertEquals(total.times.max, Math.max(...times));
    // Messages as the whole bodies have them.
    type Body = { messages?: unknown[] } | null;
    const messages = (name: string, side: "request" | "response") =>
      transactions.filter((one) => one.name === name && one.response?.status === 0)
        .reduce((sum, one) => {
          const pdu = one[side]!;
          if (pdu.isEmpty) return sum;
          return sum + ((pdu.decoded!.fields as Body)?.messages?.length ?? 0);
        }, 0);
    assertEquals(total.produced?.messages, messages("send_messages", "request"));
    assertEquals(total.consumed?.messages, messages("poll_messages", "response"));
  });
}

Deno.test("every grouping counts every transaction once", async () => {
  const transactions = await dissectFixture("classic-080-concurrent.pcap");
  for (const by of GROUPINGS) {
    const statistics = new Statistics({ by });
    for (const transaction of transactions) statistics.add(transaction);
    const sum = statistics.groups.reduce((sum, [, { count }]) => sum + count, 0);
    assertEquals(sum, transactions.length, by);
    assert(statistics.groups.some(([key]) => key !== null) || by === "user", by);
  }
});

Deno.test("consumers' offsets are those of their last polls", async () => {
  const transactions = await dissectFixture("classic-080-all.pcap");
  const statistics = new Statistics();
  for (const transaction of transactions) statistics.add(transaction);
  const polled = new Map<string, bigint>();
  for (const { name, request, response } of transactions) {
    if (name !== "poll_messages" || response?.status !== 0) continue;
    type Request = { consumer: { id: unknown }; stream_id: unknown; topic_id: unknown };
    type Response = { partition_id: number; messages: { offset: bigint }[] };
    const { consumer, stream_id, topic_id } = request!.decoded!.fields as Request;
    const { partition_id, messages } = response.decoded!.fields as Response;
    const last = messages.at(-1)?.offset;
    if (last === undefined) continue;
    polled.set(`${stream_id}/${topic_id}/${partition_id} ${consumer.id}`, last);
  }
  const found = statistics.offsets.places.filter(({ polled }) => polled !== null)
    .map(({ partition, consumer, polled }): [string, bigint] => [
      `${partition} ${consumer.split(" ").at(-1)}`,
      polled!,
    ]);
  assertEquals(found.sort(), [...polled].sort());
});

Deno.test("the timeline widens its buckets instead of growing", async () => {
  const transactions = await dissectFixture("classic-080-concurrent.pcap");
  const timeline = new Timeline(0.01);
  for (const transaction of transactions) timeline.add(countedOf(transaction, null));
  assert(timeline.buckets.length <= 1024);
  assert(timeline.interval > 0.01);
  const all = new Series();
  for (const { counters } of timeline.buckets) all.merge(counters);
  assertEquals(all.count, transactions.length);
});

Deno.test("no more statuses are kept apart than there is room for", () => {
  const counters = new Counters();
  const counted = {
    time: 0,
    outcome: "error",
    failure: null,
    requestBytes: 8,
    responseBytes: 8,
    responseTime: 1,
    serverTime: null,
    networkTime: null,
    thinkTime: null,
    lostTime: null,
    zeroWindowTime: null,
    producedMessages: null,
    producedBytes: null,
    consumedMessages: null,
    consumedBytes: null,
  } as const;
  for (let status = 1; status <= 5000; status++) counters.add({ ...counted, status });
  assertEquals([counters.errors, counters.statuses.size], [5000, 1001]);
  assertEquals(counters.statuses.get("(others)")?.count, 4000);
});
