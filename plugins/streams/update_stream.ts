import { command, name8, since } from "../../core/schema/mod.ts";
import { streamId } from "../_types/identifier.ts";
import { requestOptions } from "../_types/options.ts";

/**
 * Renames a stream.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/streams/update_stream.rs at server-0.8.0
 * and server-0.9.0-edge.5; core/common/src/commands/streams/update_stream.rs at
 * server-0.5.0.
 */
export default command({
  name: "update_stream",
  doc: "Renames a stream.",
  code: 204,
  operation: 129,
  upTo: "0.9.1-edge.1",
  request: {
    stream_id: streamId,
    name: name8("New name, 1 to 255 bytes."),
    options: since("0.9-edge.4", requestOptions),
  },
  response: {},
  info: ["stream_id", "name"],
});
