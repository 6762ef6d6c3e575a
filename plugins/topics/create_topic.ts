import { command, name8, since, u32, upTo } from "../../core/schema/mod.ts";
import { streamId } from "../_types/identifier.ts";
import { requestOptions } from "../_types/options.ts";
import {
  compressionAlgorithm,
  maxTopicSize,
  messageExpiry,
  replicationFactor,
  topicDetails,
} from "../_types/topic.ts";

/** What the request asks for; its prepare repeats it. */
export const createTopicRequest = {
  stream_id: streamId,
  topic_id: upTo("0.5", u32("Wanted number; 0 lets the server choose.")),
  partitions_count: u32("Partitions to create, 0 to 1000."),
  compression_algorithm: upTo("0.9-edge.3", compressionAlgorithm),
  message_expiry: upTo("0.9-edge.3", messageExpiry),
  max_topic_size: upTo("0.9-edge.3", maxTopicSize),
  replication_factor: upTo("0.9-edge.3", replicationFactor),
  name: name8("Name, 1 to 255 bytes."),
  options: since("0.9-edge.4", requestOptions),
};

/**
 * Creates a topic and describes it and its partitions.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/topics/create_topic.rs at server-0.8.0
 * and server-0.9.0-edge.5; core/common/src/commands/topics/create_topic.rs at
 * server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "create_topic",
  doc: "Creates a topic and describes it and its partitions.",
  code: 302,
  operation: 132,
  request: createTopicRequest,
  response: topicDetails,
  info: ["stream_id", "name", "partitions_count"],
});
