import { command } from "../../core/schema/mod.ts";
import { consumer } from "../_types/consumer.ts";
import { streamId, topicId } from "../_types/identifier.ts";
import { optionalPartition } from "../_types/optional_partition.ts";
import { pollRouting } from "../_types/poll_routing.ts";

/**
 * Asks which replica a consumer's offset is to be stored at. Servers 0.9-edge.2 to 0.9-edge.4
 * had another command under the code.
 *
 * Source: src/{requests,responses}/consumer_offsets/ of the crate iggy_binary_protocol 0.11.0.
 */
export default command({
  name: "get_consumer_offset_routing",
  doc: "Asks which replica a consumer's offset is to be stored at.",
  code: 123,
  since: "0.9.0",
  upTo: "0.9.1-edge.1",
  request: {
    consumer,
    stream_id: streamId,
    topic_id: topicId,
    partition_id: optionalPartition,
  },
  response: pollRouting,
  info: ["consumer", "stream_id", "topic_id", "partition_id"],
});
