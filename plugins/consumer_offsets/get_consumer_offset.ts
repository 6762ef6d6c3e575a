import { command, idFrom, u64, volatile } from "../../core/schema/mod.ts";
import { consumer } from "../_types/consumer.ts";
import { streamId, topicId } from "../_types/identifier.ts";
import { optionalPartition } from "../_types/optional_partition.ts";

/**
 * Reports how far a consumer has read; empty where it never stored an offset.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/consumer_offsets/get_consumer_offset.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/consumer_offsets/get_consumer_offset.rs at server-0.5.0;
 * core/common/src/types/consumer/consumer_offset_info.rs at server-0.5.0.
 */
export default command({
  name: "get_consumer_offset",
  doc: "Reports how far a consumer has read; empty where it never stored an offset.",
  code: 120,
  emptyIfMissing: true,
  request: {
    consumer,
    stream_id: streamId,
    topic_id: topicId,
    partition_id: optionalPartition,
  },
  response: {
    partition_id: idFrom("0.6", "Partition."),
    current_offset: volatile(u64("Offset of the newest message in the partition.")),
    stored_offset: volatile(u64("Offset that the consumer stored.")),
  },
  info: ["consumer", "stream_id", "topic_id", "partition_id", "stored_offset"],
});
