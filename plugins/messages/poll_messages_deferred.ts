import { command, duration, struct, u32 } from "../../core/schema/mod.ts";
import { polled, pollRequest } from "./poll_messages.ts";

/**
 * Reads messages from a partition; the server holds the answer back until there are enough.
 *
 * Source: src/requests/messages/poll_messages.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.4.
 */
export default command({
  name: "poll_messages_deferred",
  doc: "Reads messages from a partition, and waits for them.",
  code: 106,
  since: "0.9.1-edge.4",
  request: {
    poll: struct(pollRequest, "What to read."),
    wait_us: duration("How long to wait for messages, at most 10 minutes."),
    min_count: u32("Messages that are enough to answer."),
    max_bytes: u32("Most bytes to return.", "bytes"),
    request_timeout_us: duration("When the client gives up."),
  },
  response: polled,
  info: [
    "poll.stream_id",
    "poll.topic_id",
    "poll.partition_id",
    "poll.count",
    "messages_count",
  ],
});
