import {
  bool,
  command,
  counted,
  duration,
  fills,
  later,
  lengthOf,
  list,
  sizedBy,
  struct,
  u32,
  u64,
} from "../../core/schema/mod.ts";
import { consumer } from "../_types/consumer.ts";
import { streamId, topicId } from "../_types/identifier.ts";
import { ownerGeneration, partitionContext } from "../_types/partition_context.ts";
import { pollingStrategy } from "../_types/polling_strategy.ts";
import { batch } from "./_batch.ts";

const target = struct({
  partition_id: u32("Partition."),
  strategy: pollingStrategy,
  max_bytes: u32("Most bytes to return of the partition.", "bytes"),
  incarnation: u64("Revision of the partition's creation."),
  owner_generation: ownerGeneration,
});

const batches = list(batch, undefined, "Stored batches, or slices of them.");

const section = struct({
  partition_id: u32("Partition."),
  status: u32("0, or why the partition was not read."),
  current_offset: u64("Offset of the newest message in the partition."),
  messages_count: u32("Messages in its batches."),
  context: partitionContext,
  next_offset: u64("Where the next fetch of the partition begins."),
  records_len: lengthOf(u32("Bytes of its batches.", "bytes"), "batches"),
  batches: later(batches, []),
});

/**
 * Reads messages from several partitions at once, and waits for some where there are too few.
 * The table of sections comes first, then their batches.
 *
 * Source: src/{requests,responses}/messages/fetch_messages.rs of the crate
 * iggy_binary_protocol 0.11.1-edge.5.
 */
export default command({
  name: "fetch_messages",
  doc: "Reads messages from several partitions at once, and waits for them.",
  code: 109,
  since: "0.9.1-edge.5",
  request: {
    consumer,
    stream_id: streamId,
    topic_id: topicId,
    wait_us: duration("How long to wait for messages, at most 10 minutes."),
    request_timeout_us: duration("When the client gives up."),
    min_count: u32("Messages that are enough to answer."),
    count: u32("Most messages to return."),
    max_bytes: u32("Most bytes to return.", "bytes"),
    auto_commit: bool("Store the offsets of the last messages returned."),
    targets: counted(u32(), target, "What to read of which partition."),
  },
  response: {
    sections: counted(u32(), section, "What was read, by partition."),
    _records: fills(
      { of: "sections", field: "batches", each: true },
      sizedBy("records_len", batches),
    ),
  },
  info: ["stream_id", "topic_id", "count"],
});
