import { command, u128, u32, u64 } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";

/**
 * Hands a partition from one member of a group to the next; sent by replicas only.
 *
 * Source: apache/iggy core/metadata/src/stm/consumer_group.rs at server-0.9.0-edge.5.
 */
export default command({
  name: "complete_consumer_group_revocation",
  doc: "Hands a partition from one member of a group to the next; sent by replicas only.",
  operation: 67,
  since: "0.9-edge.2",
  request: {
    stream_id: streamId,
    topic_id: topicId,
    group_id: u64("Consumer group, by number."),
    source_client_id: u128("Client that gives the partition up."),
    partition_id: u32("Partition that moves."),
  },
  response: {},
  info: ["stream_id", "topic_id", "group_id", "partition_id"],
});
