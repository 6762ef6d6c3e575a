import {
  bool,
  command,
  countOf,
  idFrom,
  list,
  since,
  u32,
  u64,
  upTo,
  volatile,
} from "../../core/schema/mod.ts";
import { consumer } from "../_types/consumer.ts";
import { streamId, topicId } from "../_types/identifier.ts";
import { optionalPartition } from "../_types/optional_partition.ts";
import { partitionContext } from "../_types/partition_context.ts";
import { pollingStrategy } from "../_types/polling_strategy.ts";
import { batch } from "./_batch.ts";
import { message } from "./_message.ts";

/** What a poll asks for. */
export const pollRequest = {
  consumer,
  stream_id: streamId,
  topic_id: topicId,
  partition_id: optionalPartition,
  strategy: pollingStrategy,
  count: u32("Most messages to return."),
  auto_commit: bool("Store the offset of the last message returned."),
};

/** What a poll answers. */
export const polled = {
  partition_id: idFrom(
    "0.6",
    "Partition; 4294967295 when the group's assignment is stale and is to be synced.",
    "messages_count",
  ),
  current_offset: volatile(u64("Offset of the newest message in the partition.")),
  messages_count: countOf(u32("Messages that follow."), "messages", "batches.messages"),
  context: since("0.9.1-edge.2", partitionContext),
  messages: upTo("0.9-edge.4", list(message, "messages_count", "Messages.")),
  batches: since(
    "0.9-edge.5",
    list(batch, undefined, "Stored batches, or slices of them."),
  ),
};

/**
 * Reads messages from a partition.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/messages/poll_messages.rs at
 * server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/messages/poll_messages.rs at server-0.5.0;
 * core/common/src/types/message/polled_messages.rs at server-0.5.0;
 * src/responses/messages/poll_messages.rs of the crate iggy_binary_protocol 0.11.1-edge.2.
 */
export default command({
  name: "poll_messages",
  doc: "Reads messages from a partition.",
  code: 100,
  request: pollRequest,
  response: polled,
  info: ["stream_id", "topic_id", "partition_id", "count", "messages_count"],
});
