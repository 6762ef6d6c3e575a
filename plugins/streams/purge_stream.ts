import { command } from "../../core/schema/mod.ts";
import { streamId } from "../_types/identifier.ts";

/**
 * Deletes all messages of a stream.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/streams/purge_stream.rs at server-0.8.0
 * and server-0.9.0-edge.5; core/common/src/commands/streams/purge_stream.rs at
 * server-0.5.0.
 */
export default command({
  name: "purge_stream",
  doc: "Deletes all messages of a stream.",
  code: 205,
  operation: 131,
  upTo: "0.9.1-edge.1",
  request: { stream_id: streamId },
  response: {},
  info: ["stream_id"],
});
