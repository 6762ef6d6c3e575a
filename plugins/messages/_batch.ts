import {
  byRelease,
  bytes,
  countOf,
  exactly,
  hoist,
  lengthOf,
  list,
  optional,
  since,
  size,
  sizedBy,
  struct,
  sumOf,
  timestamp,
  u128,
  u16,
  u32,
  u64,
  upTo,
  volatile,
  xxh3OfParts,
  xxh3OfRest,
  zeros,
} from "../../core/schema/mod.ts";
import { userHeaders } from "../_types/user_headers.ts";

const frame = struct({
  checksum: xxh3OfRest,
  id: volatile(u128("Id; 0 in a request lets the server choose.")),
  offset_delta: u32("Offset, counted from the batch's base_offset."),
  timestamp_delta: u32("Client's time in µs, counted from the batch's origin_timestamp."),
  user_headers_length: lengthOf(u32("Bytes of the user headers."), "user_headers"),
  payload_length: lengthOf(u32("Bytes of the payload."), "payload"),
  reserved: exactly(u64("Reserved, zero."), 0n),
  payload: bytes(
    "What the message carries; encrypted where the client does so.",
    "payload_length",
  ),
  user_headers: sizedBy("user_headers_length", userHeaders),
  offset: volatile(sumOf("base_offset", "offset_delta", u64("Offset in the partition."))),
  timestamp: sumOf(
    "base_timestamp",
    null,
    timestamp("When the server took the batch; 0 in a request."),
  ),
  origin_timestamp: sumOf(
    "origin_timestamp",
    "timestamp_delta",
    timestamp("When the client made the message."),
  ),
});

/** Bytes of a producer behind its flag. */
const PRODUCER_BYTES = 19;

const producer = struct({
  _align: zeros(3),
  producer_id: u64("Producer: session * 2^20 + its number in Rust."),
  epoch: u16("Epoch of the producer, at most 32767."),
  _padding: zeros(2),
  base_sequence: u32("Sequence number of the first message, at most 2^31 - 1."),
}, "Who made the batch, for sending it exactly once; null where nobody is named.");

/**
 * A batch of messages, the one form for sending, replication and polling since 0.9-edge.5 (in
 * prepares since 0.9-edge.2): header of 256 bytes, then messages with headers of 48 bytes, the
 * payload before the user headers.
 *
 * Source: apache/iggy core/binary_protocol/src/batch.rs at server-0.9.0-edge.5; src/batch.rs of
 * the crate iggy_binary_protocol 0.11.1-edge.8.
 */
export const batch = struct({
  partition_id: u64("Partition; 0 in a request."),
  base_offset: volatile(u64("Offset that the deltas count from; 0 in a request.")),
  base_timestamp: timestamp("When the server took the batch; 0 in a request."),
  origin_timestamp: timestamp("When the client made the first message."),
  batch_length: lengthOf(
    size("Bytes of the batch, this header included."),
    256,
    "messages",
  ),
  batch_checksum: xxh3OfParts([[0, 40], [48, 52]], "messages", "checksum", {
    at: 52,
    ranges: [[52, 53], [56, 66], [68, 72]],
  }),
  message_count: countOf(u32("Messages in the batch."), "messages"),
  producer: since("0.9.1-edge.8", optional(producer, PRODUCER_BYTES)),
  _reserved: byRelease(
    since("0.9.1-edge.8", zeros(184)),
    upTo("0.9.1-edge.7", zeros(204)),
  ),
  messages: hoist(
    sizedBy("batch_length", list(frame, "message_count", "Messages."), 256),
  ),
});
