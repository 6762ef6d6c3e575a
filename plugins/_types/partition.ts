import {
  idFrom,
  size,
  struct,
  timestamp,
  u32,
  u64,
  volatile,
} from "../../core/schema/mod.ts";

/**
 * A partition as responses describe it.
 *
 * Source: apache/iggy core/binary_protocol/src/responses/topics/get_topic.rs at server-0.8.0.
 */
export const partition = struct({
  id: idFrom("0.6", "Number of the partition in its topic."),
  created_at: timestamp("When the partition was created."),
  segments_count: u32("Segments on disk."),
  current_offset: volatile(u64("Offset of the newest message.")),
  size_bytes: size("Bytes of all its messages."),
  messages_count: u64("Messages in the partition."),
});

/**
 * A partition and the consensus group that replicates it, in prepares.
 *
 * Source: apache/iggy core/binary_protocol/src/primitives/partition_assignment.rs at
 * server-0.9.0-edge.5.
 */
export const partitionAssignment = struct({
  partition_id: u32("Number of the partition in its topic."),
  consensus_group_id: u64("Consensus group: stream << 32 | topic << 20 | partition."),
});
