import { command, u32 } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";

/**
 * Deletes the oldest segments of a partition.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/segments/delete_segments.rs at
 * server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/segments/delete_segments.rs at server-0.5.0.
 */
export default command({
  name: "delete_segments",
  doc: "Deletes the oldest segments of a partition.",
  code: 503,
  operation: 138,
  request: {
    stream_id: streamId,
    topic_id: topicId,
    partition_id: u32("Partition."),
    segments_count: u32("Segments to delete."),
  },
  response: {},
  info: ["stream_id", "topic_id", "partition_id", "segments_count"],
});
