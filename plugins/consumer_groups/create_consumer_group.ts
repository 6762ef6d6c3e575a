import { command, name8, u32, upTo } from "../../core/schema/mod.ts";
import { groupDetails } from "../_types/consumer_group.ts";
import { streamId, topicId } from "../_types/identifier.ts";

/**
 * Creates a consumer group and describes it.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/consumer_groups/create_consumer_group.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/consumer_groups/create_consumer_group.rs at server-0.5.0;
 * layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at server-0.5.0.
 */
export default command({
  name: "create_consumer_group",
  doc: "Creates a consumer group and describes it.",
  code: 602,
  operation: 139,
  request: {
    stream_id: streamId,
    topic_id: topicId,
    group_id: upTo("0.5", u32("Wanted number; 0 lets the server choose.")),
    name: name8("Name, 1 to 255 bytes."),
  },
  response: groupDetails,
  info: ["stream_id", "topic_id", "name"],
});
