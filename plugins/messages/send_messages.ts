import {
  command,
  counted,
  countOf,
  endOfPart,
  lengthOf,
  lengthOfPart,
  list,
  since,
  single,
  struct,
  u32,
  u64,
  upTo,
  volatile,
} from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";
import { partitioning } from "../_types/partitioning.ts";
import { batch } from "./_batch.ts";
import { message, messageIndexes } from "./_message.ts";

const confirmation = struct({
  stream_id: u32("Stream."),
  topic_id: u32("Topic."),
  partition_id: u32("Partition."),
  base_offset: volatile(u64("Offset of the first message.")),
});

/**
 * Appends messages to a partition.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/messages/send_messages.rs at
 * server-0.8.0; core/binary_protocol/src/{requests,responses}/messages/send_messages.rs
 * at server-0.9.0-edge.5; core/common/src/commands/messages/send_messages.rs at
 * server-0.5.0.
 */
export default command({
  name: "send_messages",
  doc: "Appends messages to a partition.",
  code: 101,
  operation: 160,
  resultSection: false,
  staged: { length: "metadata_length", count: "messages_count", itemSize: 16 },
  request: {
    metadata_length: lengthOfPart(
      lengthOf(
        u32("Bytes of the four fields that follow."),
        "stream_id",
        "topic_id",
        "partitioning",
        "messages_count",
      ),
    ),
    stream_id: streamId,
    topic_id: topicId,
    partitioning,
    messages_count: countOf(u32("Messages, 1 or more."), "messages", "batches.messages"),
    _metadata: endOfPart,
    indexes: upTo("0.9-edge.4", messageIndexes),
    messages: upTo("0.9-edge.4", list(message, "messages_count", "Messages.")),
    batches: since("0.9-edge.5", single(batch, "The messages, in one batch.")),
  },
  response: {
    confirmations: since(
      "0.9-edge.2",
      counted(u32(), confirmation, "Where messages went."),
    ),
  },
  prepare: { batches: single(batch, "The messages, in one batch.") },
  info: ["stream_id", "topic_id", "messages_count"],
});
