import { command } from "../../core/schema/mod.ts";
import { polled, pollRequest } from "./poll_messages.ts";

/**
 * Reads messages from a partition, on the replica that leads it.
 *
 * Source: src/requests/messages/poll_messages.rs and src/codes.rs of the crate
 * iggy_binary_protocol 0.11.0.
 */
export default command({
  name: "poll_messages_on_primary",
  doc: "Reads messages from a partition, on the replica that leads it.",
  code: 104,
  since: "0.9.0",
  upTo: "0.9.1-edge.1",
  request: pollRequest,
  response: polled,
  info: ["stream_id", "topic_id", "partition_id", "count", "messages_count"],
});
