import { command, since, u64 } from "../../core/schema/mod.ts";
import { ownerGeneration } from "../_types/partition_context.ts";
import { ackLevel } from "../_types/ack_level.ts";
import { consumer } from "../_types/consumer.ts";
import { streamId, topicId } from "../_types/identifier.ts";
import { optionalPartition } from "../_types/optional_partition.ts";

const request = {
  consumer,
  stream_id: streamId,
  topic_id: topicId,
  partition_id: optionalPartition,
  offset: u64("Offset of the last message that was read."),
  ack: since("0.9-edge.5", ackLevel),
};

/**
 * Stores how far a consumer has read.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/consumer_offsets/store_consumer_offset.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/consumer_offsets/store_consumer_offset.rs at server-0.5.0;
 * prepare in src/requests/consumer_offsets/mod.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.2.
 */
export default command({
  name: "store_consumer_offset",
  doc: "Stores how far a consumer has read.",
  code: 121,
  operation: 161,
  request,
  response: {},
  prepare: {
    ...request,
    owner_generation: since("0.9.1-edge.2", ownerGeneration),
  },
  info: ["consumer", "stream_id", "topic_id", "partition_id", "offset"],
});
