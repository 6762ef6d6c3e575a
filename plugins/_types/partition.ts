import {
  counted,
  idFrom,
  since,
  size,
  struct,
  timestamp,
  u32,
  u64,
  u8,
  volatile,
} from "../../core/schema/mod.ts";
import { partitionContext } from "./partition_context.ts";

const node = u8("Node of the cluster, by the id of its replica.");

/**
 * A partition as responses describe it.
 *
 * Source: apache/iggy core/binary_protocol/src/responses/topics/get_topic.rs at server-0.8.0;
 * src/responses/topics/get_topic.rs of the crate iggy_binary_protocol 0.11.1-edge.2 and
 * 0.11.1-edge.8.
 */
export const partition = struct({
  id: idFrom("0.6", "Number of the partition in its topic."),
  created_at: timestamp("When the partition was created."),
  segments_count: u32("Segments on disk."),
  current_offset: volatile(u64("Offset of the newest message.")),
  size_bytes: size("Bytes of all its messages."),
  messages_count: u64("Messages in the partition."),
  context: since("0.9.1-edge.2", partitionContext),
  members: since("0.9.1-edge.7", counted(u8(), node, "Nodes that keep the partition.")),
  in_sync_members: since(
    "0.9.1-edge.7",
    counted(u8(), node, "Those that have all of it."),
  ),
});
