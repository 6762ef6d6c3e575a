import { assert, assertEquals } from "@std/assert";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { Batch } from "../../server/store/batch.ts";
import { dissectFixture } from "../support/dissect.ts";

Deno.test("a transaction that waits tells what was known of its conversation when it came", async () => {
  const [first, second] = await dissectFixture("classic-080-all.pcap");
  const batch = new Batch();
  first!.conversation.user = "before";
  batch.add(first!);
  first!.conversation.user = "after";
  batch.add(second!);
  assert(first!.conversation === second!.conversation);
  const users = batch.take().map(({ conversation }) => conversation.user);
  assertEquals(users, ["before", "after"]);
  assertEquals(batch.take(), []);
});

Deno.test("at most 64 transactions wait", async () => {
  const [first] = await dissectFixture("classic-080-all.pcap");
  const batch = new Batch();
  while (!batch.add(first!));
  assertEquals(batch.take().length, 64);
});

Deno.test("fewer transactions wait where they have many bytes", async () => {
  const lengths = ({ request, response }: Transaction) =>
    (request?.bytes.length ?? 0) + (response?.bytes.length ?? 0);
  const largest = (await dissectFixture("classic-080-lossy.pcap"))
    .reduce((most, one) => lengths(one) > lengths(most) ? one : most);
  const expected = Math.ceil(256 * 1024 / lengths(largest));
  assert(expected < 64);
  const batch = new Batch();
  while (!batch.add(largest));
  assertEquals(batch.take().length, expected);
});
