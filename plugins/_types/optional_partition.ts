import {
  byRelease,
  nullable,
  optional,
  since,
  u32,
  upTo,
} from "../../core/schema/mod.ts";

const doc = "Partition; null lets the server choose: the one assigned in the group, " +
  "or the first.";

/**
 * A partition or none. Up to 0.5 the number alone, 0 for none; since 0.6 a flag byte and the
 * number, which is there (0) without a partition too.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/messages/poll_messages.rs at
 * server-0.8.0; core/common/src/commands/messages/poll_messages.rs at server-0.5.0.
 */
export const optionalPartition = byRelease<number | null>(
  since("0.6", optional(u32(doc), 4)),
  upTo("0.5", nullable(u32(doc), 0)),
);
