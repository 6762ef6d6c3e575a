import { command, countOf, list, struct } from "../../core/schema/mod.ts";
import { streamId } from "../_types/identifier.ts";
import { streamHeader } from "../_types/stream.ts";
import { topicHeader } from "../_types/topic.ts";

/**
 * Describes a stream and its topics; empty where there is none.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/streams/get_stream.rs at server-0.8.0
 * and server-0.9.0-edge.5; core/common/src/commands/streams/get_stream.rs at
 * server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "get_stream",
  doc: "Describes a stream and its topics; empty where there is none.",
  code: 200,
  emptyIfMissing: true,
  request: { stream_id: streamId },
  response: {
    ...streamHeader,
    topics_count: countOf(streamHeader.topics_count, "topics"),
    topics: list(struct(topicHeader), "topics_count", "Topics of the stream."),
  },
  info: ["stream_id", "name", "messages_count"],
});
