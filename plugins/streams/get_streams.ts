import { command, list, struct, unordered } from "../../core/schema/mod.ts";
import { streamHeader } from "../_types/stream.ts";

/**
 * Lists the streams.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/streams/get_streams.rs at server-0.8.0
 * and server-0.9.0-edge.5; core/common/src/commands/streams/get_streams.rs at
 * server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "get_streams",
  doc: "Lists the streams.",
  code: 201,
  request: {},
  response: {
    streams: unordered(list(struct(streamHeader), undefined, "Streams, in any order.")),
  },
});
