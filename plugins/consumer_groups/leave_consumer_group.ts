import { command, u128 } from "../../core/schema/mod.ts";
import { groupId, streamId, topicId } from "../_types/identifier.ts";

/**
 * Ends the membership of the client in a consumer group.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/consumer_groups/leave_consumer_group.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/consumer_groups/leave_consumer_group.rs at server-0.5.0.
 */
export default command({
  name: "leave_consumer_group",
  doc: "Ends the membership of the client in a consumer group.",
  code: 605,
  operation: 149,
  request: {
    stream_id: streamId,
    topic_id: topicId,
    group_id: groupId,
  },
  response: {},
  prepare: {
    stream_id: streamId,
    topic_id: topicId,
    group_id: groupId,
    client_id: u128("Client that leaves."),
  },
  info: ["stream_id", "topic_id", "group_id"],
});
