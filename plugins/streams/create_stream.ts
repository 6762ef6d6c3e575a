import { command, name8, since, u32, upTo } from "../../core/schema/mod.ts";
import { requestOptions } from "../_types/options.ts";
import { streamHeader } from "../_types/stream.ts";

/**
 * Creates a stream and describes it.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/streams/create_stream.rs at server-0.8.0
 * and server-0.9.0-edge.5; core/common/src/commands/streams/create_stream.rs at
 * server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "create_stream",
  doc: "Creates a stream and describes it.",
  code: 202,
  operation: 128,
  request: {
    stream_id: upTo("0.5", u32("Wanted number; 0 lets the server choose.")),
    name: name8("Name, 1 to 255 bytes."),
    options: since("0.9-edge.4", requestOptions),
  },
  response: streamHeader,
  info: ["name"],
});
