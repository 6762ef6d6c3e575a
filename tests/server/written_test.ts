import { assert, assertEquals } from "@std/assert";
import type { ConversationStatistics } from "../../core/tcp/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { BlockCache } from "../../server/store/block_cache.ts";
import { CaptureIndex } from "../../server/store/capture_index.ts";
import { KindNames } from "../../server/store/kinds.ts";
import { dissectFixture } from "../support/dissect.ts";

/** Transactions of a block. */
const BLOCK = 512;

Deno.test("bytes that the end of a conversation writes are told", async () => {
  const registry = iggyRegistry();
  let statistics: ConversationStatistics | undefined;
  const [first] = await dissectFixture("classic-080-all.pcap", {
    registry,
    conversation: (_, found) => statistics = found,
  });
  const folder = await Deno.makeTempDir();
  const context = {
    registry,
    kinds: new KindNames(registry),
    blocks: new BlockCache(0),
  };
  const index = new CaptureIndex(folder, "capture", context, "new");
  try {
    const written = () => Deno.statSync(`${folder}/pdus`).size;
    let told = index.add(first!) + index.observe(0, statistics!);
    // Of the rest of the block most was looked at; the last transactions wait.
    for (let i = 1; i < BLOCK; i++) told += index.add(first!);
    assertEquals([told, written()], [0, 0]);
    told += index.observe(0, statistics!);
    assert(written() > 0);
    assertEquals(told, written());
  } finally {
    index.close();
    await Deno.remove(folder, { recursive: true });
  }
});
