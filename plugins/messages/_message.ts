import {
  byRelease,
  bytes,
  crc32OfRest,
  endsOf,
  exactly,
  lengthOf,
  listOfCount,
  since,
  sizedBy,
  struct,
  timestamp,
  u128,
  u32,
  u64,
  upTo,
  volatile,
  xxh3NotCrc32,
  xxh3OfRest,
} from "../../core/schema/mod.ts";
import { userHeaders } from "../_types/user_headers.ts";

/**
 * A message of the classic generation and of 0.9-edge.2 to edge.4: header of 56 bytes up to
 * 0.6, of 64 bytes since 0.7; the payload before the user headers. From 0.9-edge.2 on the
 * checksum is that of the stored form and cannot be computed from these bytes.
 *
 * Source: apache/iggy core/common/src/types/message/message_header.rs at server-0.8.0 and
 * server-0.5.0.
 */
export const message = struct({
  checksum: byRelease(
    since("0.9-edge.2", u64("XXH3-64 of the stored form; 0 where none was made.")),
    since("0.7", xxh3OfRest),
    since("0.6", xxh3NotCrc32),
    upTo("0.5", crc32OfRest),
  ),
  id: volatile(u128("Id; 0 in a request lets the server choose.")),
  offset: volatile(u64("Offset in the partition; 0 in a request.")),
  timestamp: timestamp("When the server appended the message; 0 in a request."),
  origin_timestamp: timestamp("When the client made the message."),
  user_headers_length: lengthOf(u32("Bytes of the user headers."), "user_headers"),
  payload_length: lengthOf(u32("Bytes of the payload."), "payload"),
  reserved: since("0.7", exactly(u64("Reserved, zero."), 0n)),
  payload: bytes(
    "What the message carries; encrypted where the client does so.",
    "payload_length",
  ),
  user_headers: sizedBy("user_headers_length", userHeaders),
});

const index = struct({
  offset: exactly(u32("Zero; the server sets it."), 0),
  position: u32("Where the message ends, in bytes from the first message's start."),
  timestamp: exactly(u64("Zero; the server sets it."), 0n),
});

const entries = listOfCount(index, "messages_count", "Where each message ends.");
const ends = {
  field: "position",
  others: { offset: 0, timestamp: 0n },
  items: "messages",
  lengths: ["user_headers_length", "payload_length"],
};

/**
 * The index before the messages of a request: 16 bytes for each.
 *
 * Source: apache/iggy core/common/src/types/message/index_view.rs at server-0.8.0 and
 * server-0.5.0.
 */
export const messageIndexes = byRelease(
  since("0.7", endsOf(entries, { ...ends, fixed: 64 })),
  upTo("0.6", endsOf(entries, { ...ends, fixed: 56 })),
);
