import { command, u32 } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";

/**
 * Removes partitions from a topic, from the highest number down.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/partitions/delete_partitions.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/partitions/delete_partitions.rs at server-0.5.0.
 */
export default command({
  name: "delete_partitions",
  doc: "Removes partitions from a topic, from the highest number down.",
  code: 403,
  operation: 137,
  request: {
    stream_id: streamId,
    topic_id: topicId,
    partitions_count: u32("Partitions to remove, 1 to 1000."),
  },
  response: {},
  info: ["stream_id", "topic_id", "partitions_count"],
});
