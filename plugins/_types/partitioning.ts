import {
  absent,
  byTag,
  bytes,
  enumeration,
  sized,
  struct,
  u32,
  u8,
} from "../../core/schema/mod.ts";

/**
 * How the partition of sent messages is chosen: u8 kind, u8 length, value.
 *
 * Source: apache/iggy core/binary_protocol/src/primitives/partitioning.rs at server-0.8.0;
 * core/common/src/types/message/partitioning.rs at server-0.5.0.
 */
export const partitioning = struct({
  kind: enumeration(
    { 1: "balanced", 2: "partition_id", 3: "messages_key" },
    "Who chooses: the server in turn, the client, or the server by hash of the key.",
  ),
  value: sized(
    u8(),
    byTag("kind", {
      balanced: absent,
      partition_id: u32("Partition."),
      messages_key: bytes("Key, 1 to 255 bytes."),
    }, "Null, the partition, or the key of 1 to 255 bytes."),
  ),
}, "How the partition is chosen.");
