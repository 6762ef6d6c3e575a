import { command, counted, u32, u64 } from "../../core/schema/mod.ts";
import { groupId, streamId, topicId } from "../_types/identifier.ts";

/**
 * Tells a member which partitions it is to read; empty where it has none.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/consumer_groups/sync_consumer_group.rs
 * at server-0.9.0-edge.5.
 */
export default command({
  name: "sync_consumer_group",
  doc: "Tells a member which partitions it is to read; empty where it has none.",
  code: 606,
  since: "0.9-edge.2",
  emptyIfMissing: true,
  request: {
    stream_id: streamId,
    topic_id: topicId,
    group_id: groupId,
  },
  response: {
    generation: u64("Counts the assignments of the group."),
    partitions: counted(u32(), u32("Partition."), "Partitions assigned to the client."),
  },
  info: ["stream_id", "topic_id", "group_id"],
});
