import { command } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";
import { topicDetails } from "../_types/topic.ts";

/**
 * Describes a topic and its partitions; empty where there is none.
 *
 * Source: apache/iggy core/binary_protocol/src/{requests,responses}/topics/get_topic.rs
 * at server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/topics/get_topic.rs
 * at server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "get_topic",
  doc: "Describes a topic and its partitions; empty where there is none.",
  code: 300,
  emptyIfMissing: true,
  request: { stream_id: streamId, topic_id: topicId },
  response: topicDetails,
  info: ["stream_id", "topic_id", "name", "messages_count"],
});
