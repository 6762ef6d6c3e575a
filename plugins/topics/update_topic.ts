import { command, name8, since, upTo } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";
import { requestOptions } from "../_types/options.ts";
import {
  compressionAlgorithm,
  maxTopicSize,
  messageExpiry,
  replicationFactor,
} from "../_types/topic.ts";

/**
 * Renames a topic and changes its settings.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/topics/update_topic.rs at server-0.8.0
 * and server-0.9.0-edge.5; core/common/src/commands/topics/update_topic.rs at
 * server-0.5.0.
 */
export default command({
  name: "update_topic",
  doc: "Renames a topic and changes its settings.",
  code: 304,
  operation: 133,
  upTo: "0.9.1-edge.1",
  request: {
    stream_id: streamId,
    topic_id: topicId,
    compression_algorithm: upTo("0.9-edge.3", compressionAlgorithm),
    message_expiry: upTo("0.9-edge.3", messageExpiry),
    max_topic_size: upTo("0.9-edge.3", maxTopicSize),
    replication_factor: upTo("0.9-edge.3", replicationFactor),
    name: name8("New name, 1 to 255 bytes."),
    options: since("0.9-edge.4", requestOptions),
  },
  response: {},
  info: ["stream_id", "topic_id", "name"],
});
