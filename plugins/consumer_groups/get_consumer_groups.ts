import { command, list, struct } from "../../core/schema/mod.ts";
import { groupHeader } from "../_types/consumer_group.ts";
import { streamId, topicId } from "../_types/identifier.ts";

/**
 * Lists the consumer groups of a topic.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/consumer_groups/get_consumer_groups.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/consumer_groups/get_consumer_groups.rs at server-0.5.0;
 * layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at server-0.5.0.
 */
export default command({
  name: "get_consumer_groups",
  doc: "Lists the consumer groups of a topic.",
  code: 601,
  request: { stream_id: streamId, topic_id: topicId },
  response: {
    consumer_groups: list(
      struct(groupHeader),
      undefined,
      "Consumer groups of the topic.",
    ),
  },
  info: ["stream_id", "topic_id"],
});
