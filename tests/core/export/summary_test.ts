import { assertEquals } from "@std/assert";
import { transactionsOf } from "../../../core/dissect/mod.ts";
import { requestSummary, responseSummary } from "../../../core/export/summary.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";

const OPTIONS = { maxBytes: 64, showSecrets: false };

/** Lines of a command in a capture, without those that are the same. */
async function lines(capture: string, command: string): Promise<string[]> {
  const found = new Set<string>();
  const path = new URL(`../../../fixtures/captures/${capture}`, import.meta.url);
  for await (const transaction of transactionsOf(path, iggyRegistry())) {
    if (transaction.name !== command) continue;
    const text = (summary: typeof requestSummary) =>
      summary(transaction, OPTIONS).map(({ text }) => text).join("");
    found.add(`${text(requestSummary)} → ${text(responseSummary)}`);
  }
  return [...found];
}

Deno.test("a send tells its partition or its key", async () => {
  assertEquals((await lines("classic-080-all.pcap", "send_messages")).slice(0, 3), [
    "send_messages stream=orders topic=eu 3 messages partition=0 → ok",
    "send_messages stream=orders topic=eu 1 message → ok",
    "send_messages stream=orders topic=eu 1 message key=customer-42 → ok",
  ]);
  const [first] = await lines("vsr-090e5-all.pcap", "send_messages");
  assertEquals(
    first,
    "send_messages stream=orders topic=eu 3 messages partition=0 → ok 1 confirmation",
  );
});

Deno.test("a poll tells who reads, whether that commits, and the offsets that came", async () => {
  const classic = await lines("classic-080-groups.pcap", "poll_messages");
  assertEquals(
    classic.find((line) => line.includes("offsets")),
    "poll_messages stream=orders topic=eu count=3 group=billing auto_commit → ok 3 messages offsets 0–2",
  );
});
