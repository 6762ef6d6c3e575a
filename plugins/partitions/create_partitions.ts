import { command, counted, sized, struct, u32 } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";
import { partitionAssignment } from "../_types/partition.ts";

const request = {
  stream_id: streamId,
  topic_id: topicId,
  partitions_count: u32("Partitions to add, 1 to 1000."),
};

/**
 * Adds partitions to a topic.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/partitions/create_partitions.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/partitions/create_partitions.rs at server-0.5.0; prepare in
 * core/binary_protocol/src/requests/partitions/create_partitions_with_assignments.rs at
 * server-0.9.0-edge.5.
 */
export default command({
  name: "create_partitions",
  doc: "Adds partitions to a topic.",
  code: 402,
  operation: 136,
  replicatedAs: 65,
  request,
  response: {},
  prepare: {
    request: sized(u32(), struct(request, "The request.")),
    partitions: counted(u32(), partitionAssignment, "Partitions to create."),
  },
  info: ["stream_id", "topic_id", "partitions_count"],
});
