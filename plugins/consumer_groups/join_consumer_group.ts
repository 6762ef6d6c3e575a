import { command, counted, u128, u32 } from "../../core/schema/mod.ts";
import { groupId, streamId, topicId } from "../_types/identifier.ts";

/**
 * Makes the client a member of a consumer group.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/consumer_groups/join_consumer_group.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/consumer_groups/join_consumer_group.rs at server-0.5.0.
 */
export default command({
  name: "join_consumer_group",
  doc: "Makes the client a member of a consumer group.",
  code: 604,
  operation: 148,
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
    client_id: u128("Client that joins."),
    in_flight: counted(
      u32(),
      u32("Partition with messages under way."),
      "Partitions in use.",
    ),
  },
  info: ["stream_id", "topic_id", "group_id"],
});
