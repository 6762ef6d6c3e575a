import { command } from "../../core/schema/mod.ts";
import { streamId } from "../_types/identifier.ts";

/**
 * Deletes a stream with all its topics.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/streams/delete_stream.rs at server-0.8.0
 * and server-0.9.0-edge.5; core/common/src/commands/streams/delete_stream.rs at
 * server-0.5.0.
 */
export default command({
  name: "delete_stream",
  doc: "Deletes a stream with all its topics.",
  code: 203,
  operation: 130,
  request: { stream_id: streamId },
  response: {},
  info: ["stream_id"],
});
