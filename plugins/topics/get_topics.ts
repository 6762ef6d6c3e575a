import {
  byRelease,
  command,
  counted,
  list,
  since,
  struct,
  u32,
  unordered,
  upTo,
} from "../../core/schema/mod.ts";
import { streamId } from "../_types/identifier.ts";
import { topicHeader } from "../_types/topic.ts";

const topic = struct(topicHeader);

/**
 * Lists the topics of a stream.
 *
 * Source: apache/iggy core/binary_protocol/src/{requests,responses}/topics/get_topics.rs
 * at server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/topics/get_topics.rs
 * at server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "get_topics",
  doc: "Lists the topics of a stream.",
  code: 301,
  request: { stream_id: streamId },
  response: {
    topics: byRelease(
      since("0.9-edge.4", unordered(counted(u32(), topic, "Topics, in any order."))),
      upTo("0.9-edge.3", unordered(list(topic, undefined, "Topics, in any order."))),
    ),
  },
  info: ["stream_id"],
});
