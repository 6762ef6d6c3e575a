import { command, u32 } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";

/** What the request asks for; its prepare repeats it. */
export const createPartitionsRequest = {
  stream_id: streamId,
  topic_id: topicId,
  partitions_count: u32("Partitions to add, 1 to 1000."),
};

/**
 * Adds partitions to a topic.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/partitions/create_partitions.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/partitions/create_partitions.rs at server-0.5.0.
 */
export default command({
  name: "create_partitions",
  doc: "Adds partitions to a topic.",
  code: 402,
  operation: 136,
  request: createPartitionsRequest,
  response: {},
  info: ["stream_id", "topic_id", "partitions_count"],
});
