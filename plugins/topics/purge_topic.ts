import { command } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";

/**
 * Deletes all messages of a topic.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/topics/purge_topic.rs at server-0.8.0
 * and server-0.9.0-edge.5; core/common/src/commands/topics/purge_topic.rs at
 * server-0.5.0.
 */
export default command({
  name: "purge_topic",
  doc: "Deletes all messages of a topic.",
  code: 305,
  operation: 135,
  upTo: "0.9.1-edge.1",
  request: { stream_id: streamId, topic_id: topicId },
  response: {},
  info: ["stream_id", "topic_id"],
});
