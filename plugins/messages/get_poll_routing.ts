import { command } from "../../core/schema/mod.ts";
import { pollRouting } from "../_types/poll_routing.ts";
import { pollRequest } from "./poll_messages.ts";

/**
 * Asks which replica a poll is to be sent to; it has the whole poll in it.
 *
 * Source: src/{requests,responses}/messages/ of the crate iggy_binary_protocol 0.11.0.
 */
export default command({
  name: "get_poll_routing",
  doc: "Asks which replica a poll is to be sent to.",
  code: 103,
  since: "0.9.0",
  upTo: "0.9.1-edge.1",
  request: pollRequest,
  response: pollRouting,
  info: ["stream_id", "topic_id", "partition_id"],
});
