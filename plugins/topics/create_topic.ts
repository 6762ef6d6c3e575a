import {
  command,
  counted,
  name8,
  since,
  sized,
  struct,
  u32,
  upTo,
} from "../../core/schema/mod.ts";
import { streamId } from "../_types/identifier.ts";
import { derivedOptions, requestOptions } from "../_types/options.ts";
import { partitionAssignment } from "../_types/partition.ts";
import {
  compressionAlgorithm,
  maxTopicSize,
  messageExpiry,
  replicationFactor,
  topicDetails,
} from "../_types/topic.ts";

const request = {
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
 * server-0.5.0; prepare in
 * core/binary_protocol/src/requests/topics/create_topic_with_assignments.rs at
 * server-0.9.0-edge.5.
 */
export default command({
  name: "create_topic",
  doc: "Creates a topic and describes it and its partitions.",
  code: 302,
  operation: 132,
  replicatedAs: 64,
  request,
  response: topicDetails,
  prepare: {
    request: sized(u32(), struct(request, "The request.")),
    derived_options: since("0.9-edge.4", derivedOptions),
    partitions: counted(u32(), partitionAssignment, "Partitions to create."),
  },
  info: ["stream_id", "name", "partitions_count"],
});
