import { bool, command, u32 } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";

/**
 * Writes messages held in memory to disk. Servers since 0.9-edge.2 answer
 * feature_unavailable.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/messages/flush_unsaved_buffer.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/messages/flush_unsaved_buffer.rs at server-0.5.0.
 */
export default command({
  name: "flush_unsaved_buffer",
  doc: "Writes messages held in memory to disk.",
  code: 102,
  upTo: "0.9.0",
  request: {
    stream_id: streamId,
    topic_id: topicId,
    partition_id: u32("Partition."),
    fsync: bool("Wait until the disk has them."),
  },
  response: {},
  info: ["stream_id", "topic_id", "partition_id"],
});
