import { assert, assertEquals } from "@std/assert";
import { dissectFixture } from "../../support/dissect.ts";
import { BufferPool } from "../../../core/bytes/pool.ts";
import { readCaptures } from "../../../core/capture/mod.ts";
import type { Transaction } from "../../../core/dissect/transaction.ts";
import { Pipeline } from "../../../core/dissect/pipeline.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";

const options = { maxBytes: Infinity, showSecrets: true };

/** All that is told of a transaction, and where its time went. */
function told(one: Transaction): unknown {
  return [one.toRecord(options), one.timeSplit, one.thinkUs];
}

for (
  const name of [
    "classic-080-all.pcap",
    "classic-080-mtu1500.pcapng",
    "classic-080-lossy.pcap",
    "classic-080-pipelined.pcap",
    "classic-060-badframes.pcap",
    "vsr-090e5-all.pcap",
    "classic-080-websocket.pcap",
  ]
) {
  Deno.test(`transactions of ${name} are the same where their bytes are used again`, async () => {
    const kept = (await dissectFixture(name)).map(told);
    const passing: unknown[] = [];
    const pipeline = new Pipeline(
      iggyRegistry(),
      (one) => passing.push(told(one)),
      { transient: true },
    );
    const path = new URL(`../../../fixtures/captures/${name}`, import.meta.url).pathname;
    await readCaptures([path], (packet) => pipeline.push(packet), () => {});
    pipeline.end();
    assertEquals(passing, kept);
  });
}

Deno.test("a transaction kept beyond its sink never shows the bytes of another", async () => {
  const kept: { bytes: Uint8Array; before: Uint8Array }[] = [];
  const pipeline = new Pipeline(iggyRegistry(), ({ request, response }) => {
    for (const pdu of [request, response]) {
      if (pdu !== null) kept.push({ bytes: pdu.bytes, before: pdu.bytes.slice() });
    }
  }, { transient: true });
  const name = "classic-080-mtu1500.pcapng";
  const path = new URL(`../../../fixtures/captures/${name}`, import.meta.url).pathname;
  await readCaptures([path], (packet) => pipeline.push(packet), () => {});
  pipeline.end();
  const recycled = kept.filter(({ bytes }) => bytes.length === 0);
  assert(recycled.length > 0);
  for (const { bytes, before } of kept) if (bytes.length > 0) assertEquals(bytes, before);
});

Deno.test("a pool takes back only what it lent, once, and up to a limit", () => {
  const pool = new BufferPool();
  const own = new Uint8Array(20_000);
  pool.give(own);
  assertEquals(own.length, 20_000);
  const lent = pool.take(20_000);
  lent[0] = 1;
  pool.give(lent);
  pool.give(lent);
  assertEquals(lent.length, 0);
  assertEquals([pool.take(20_000)[0], pool.take(20_000)[0]], [1, 0]);
  const many = Array.from({ length: 40 }, () => pool.take(1 << 20).fill(1));
  for (const buffer of many) pool.give(buffer);
  const again = Array.from({ length: 40 }, () => pool.take(1 << 20)[0]!);
  assertEquals(again.reduce((sum, marked) => sum + marked, 0), 16);
});
