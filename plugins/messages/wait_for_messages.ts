import { command, counted, duration, struct, u32 } from "../../core/schema/mod.ts";
import { consumer } from "../_types/consumer.ts";
import { streamId, topicId } from "../_types/identifier.ts";
import { pollingStrategy } from "../_types/polling_strategy.ts";

const target = struct({
  partition_id: u32("Partition."),
  strategy: pollingStrategy,
});

/**
 * Waits until one of several partitions has messages.
 *
 * Source: src/requests/messages/wait_for_messages.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.4.
 */
export default command({
  name: "wait_for_messages",
  doc: "Waits until one of several partitions has messages.",
  code: 107,
  since: "0.9.1-edge.4",
  upTo: "0.9.1-edge.4",
  request: {
    consumer,
    stream_id: streamId,
    topic_id: topicId,
    wait_us: duration("How long to wait, at most 10 minutes."),
    request_timeout_us: duration("When the client gives up."),
    partitions: counted(u32(), target, "Partitions to watch, 1 to 1000."),
  },
  response: {
    partitions: counted(
      u32(),
      u32("Partition."),
      "Partitions with messages; none when the wait ended.",
    ),
  },
  info: ["stream_id", "topic_id"],
});
