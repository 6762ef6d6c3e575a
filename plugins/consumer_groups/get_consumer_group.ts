import { command } from "../../core/schema/mod.ts";
import { groupDetails } from "../_types/consumer_group.ts";
import { groupId, streamId, topicId } from "../_types/identifier.ts";

/**
 * Describes a consumer group and its members; empty where there is none.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/consumer_groups/get_consumer_group.rs at
 * server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/consumer_groups/get_consumer_group.rs at server-0.5.0;
 * layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at server-0.5.0.
 */
export default command({
  name: "get_consumer_group",
  doc: "Describes a consumer group and its members; empty where there is none.",
  code: 600,
  emptyIfMissing: true,
  request: {
    stream_id: streamId,
    topic_id: topicId,
    group_id: groupId,
  },
  response: groupDetails,
  info: ["stream_id", "topic_id", "group_id"],
});
