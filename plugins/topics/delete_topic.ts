import { command } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";

/**
 * Deletes a topic with all its partitions.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/topics/delete_topic.rs at server-0.8.0
 * and server-0.9.0-edge.5; core/common/src/commands/topics/delete_topic.rs at
 * server-0.5.0.
 */
export default command({
  name: "delete_topic",
  doc: "Deletes a topic with all its partitions.",
  code: 303,
  operation: 134,
  request: { stream_id: streamId, topic_id: topicId },
  response: {},
  info: ["stream_id", "topic_id"],
});
