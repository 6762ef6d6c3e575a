import { command } from "../../core/schema/mod.ts";
import { groupId, streamId, topicId } from "../_types/identifier.ts";

/**
 * Deletes a consumer group.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/consumer_groups/delete_consumer_group.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/consumer_groups/delete_consumer_group.rs at server-0.5.0.
 */
export default command({
  name: "delete_consumer_group",
  doc: "Deletes a consumer group.",
  code: 603,
  operation: 140,
  request: {
    stream_id: streamId,
    topic_id: topicId,
    group_id: groupId,
  },
  response: {},
  info: ["stream_id", "topic_id", "group_id"],
});
