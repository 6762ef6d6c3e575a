import { command } from "../../core/schema/mod.ts";
import { ackLevel } from "../_types/ack_level.ts";
import { consumer } from "../_types/consumer.ts";
import { streamId, topicId } from "../_types/identifier.ts";
import { optionalPartition } from "../_types/optional_partition.ts";

/**
 * Forgets how far a consumer has read, with a choice of acknowledgement.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/consumer_offsets/delete_consumer_offset_2.rs
 * at server-0.9.0-edge.4.
 */
export default command({
  name: "delete_consumer_offset_2",
  doc: "Forgets how far a consumer has read, with a choice of acknowledgement.",
  code: 124,
  operation: 165,
  since: "0.9-edge.2",
  upTo: "0.9-edge.4",
  request: {
    consumer,
    stream_id: streamId,
    topic_id: topicId,
    partition_id: optionalPartition,
    ack: ackLevel,
  },
  response: {},
  info: ["consumer", "stream_id", "topic_id", "partition_id"],
});
