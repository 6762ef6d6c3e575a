import { command, u32, u64, u8 } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";

/**
 * Asks which replica leads a partition.
 *
 * Source: src/requests/messages/get_partition_route.rs and
 * src/responses/messages/partition_route.rs of the crate iggy_binary_protocol 0.11.1-edge.2.
 */
export default command({
  name: "get_partition_route",
  doc: "Asks which replica leads a partition.",
  code: 105,
  since: "0.9.1-edge.2",
  request: {
    stream_id: streamId,
    topic_id: topicId,
    partition_id: u32("Partition."),
  },
  response: {
    incarnation: u64("Revision of the partition's creation."),
    metadata_op: u64("Metadata operation that the view comes from."),
    view: u32("View of the partition's group."),
    partitions_count: u32("Partitions of the topic."),
    primary_replica: u8("Replica that leads it."),
  },
  info: ["stream_id", "topic_id", "partition_id", "primary_replica"],
});
