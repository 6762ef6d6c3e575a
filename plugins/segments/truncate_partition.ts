import { command, u32, u64 } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";

/**
 * Deletes the messages that the deleted segments held; sent by replicas only. Servers since
 * 0.9.1-edge.2 may have a field more; the crates do not say.
 *
 * Source: apache/iggy core/metadata/src/stm/stream.rs at server-0.9.0-edge.5.
 */
export default command({
  name: "truncate_partition",
  doc: "Deletes a partition's messages up to an offset; sent by replicas only.",
  operation: 68,
  replicates: "delete_segments",
  since: "0.9-edge.2",
  request: {
    stream_id: streamId,
    topic_id: topicId,
    partition_id: u32("Partition."),
    up_to_offset: u64("Messages up to this offset go."),
  },
  response: {},
  info: ["stream_id", "topic_id", "partition_id", "up_to_offset"],
});
