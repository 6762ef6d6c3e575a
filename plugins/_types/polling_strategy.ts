import { enumeration, struct, u64 } from "../../core/schema/mod.ts";

/**
 * Where a poll begins.
 *
 * Source: apache/iggy core/binary_protocol/src/primitives/polling_strategy.rs at server-0.8.0;
 * core/common/src/types/message/polling_strategy.rs at server-0.5.0.
 */
export const pollingStrategy = struct({
  kind: enumeration(
    { 1: "offset", 2: "timestamp", 3: "first", 4: "last", 5: "next" },
    "What decides on the first message.",
  ),
  value: u64("Offset of the first message, or µs since the epoch; otherwise ignored."),
}, "Where the poll begins.");
