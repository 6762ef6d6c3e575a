import { assertEquals } from "@std/assert";
import { dissectFixture } from "../../support/dissect.ts";
import { BufferPool } from "../../../core/bytes/pool.ts";
import { readCaptures } from "../../../core/capture/mod.ts";
import { Pipeline } from "../../../core/dissect/pipeline.ts";
import { iggyRegistry } from "../../../mod.ts";

const options = { maxBytes: Infinity, showSecrets: true };

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
    const kept = (await dissectFixture(name)).map((one) => one.toRecord(options));
    const passing: unknown[] = [];
    const pipeline = new Pipeline(
      iggyRegistry(),
      (one) => passing.push(one.toRecord(options)),
      { transient: true },
    );
    const path = new URL(`../../../fixtures/captures/${name}`, import.meta.url).pathname;
    await readCaptures([path], (packet) => pipeline.push(packet), () => {});
    pipeline.end();
    assertEquals(passing, kept);
  });
}

Deno.test("a pool takes back only what it lent, once, and up to a limit", () => {
  const pool = new BufferPool();
  const own = new Uint8Array(20_000);
  pool.give(own);
  const lent = pool.take(20_000);
  assertEquals(lent.buffer === own.buffer, false);
  pool.give(lent);
  pool.give(lent);
  assertEquals(pool.take(20_000).buffer === lent.buffer, true);
  assertEquals(pool.take(20_000).buffer === lent.buffer, false);
  const many = Array.from({ length: 40 }, () => pool.take(1 << 20));
  for (const buffer of many) pool.give(buffer);
  const again = Array.from({ length: 40 }, () => pool.take(1 << 20).buffer);
  assertEquals(many.filter(({ buffer }) => again.includes(buffer)).length, 16);
});
