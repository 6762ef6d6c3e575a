import {
  idFrom,
  name8,
  since,
  size,
  timestamp,
  u32,
  u64,
} from "../../core/schema/mod.ts";
import { derivedOptions, responseOptions } from "./options.ts";

/**
 * A stream as responses describe it.
 *
 * Source: apache/iggy core/binary_protocol/src/responses/streams/stream_response.rs at
 * server-0.8.0 and server-0.9.0-edge.5; src/responses/streams/stream_response.rs of the crate
 * iggy_binary_protocol 0.11.1-edge.2.
 */
export const streamHeader = {
  id: idFrom("0.6", "Number of the stream."),
  created_at: timestamp("When the stream was created."),
  topics_count: u32("Topics in the stream."),
  size_bytes: size("Bytes of all its messages."),
  messages_count: u64("Messages in all its topics."),
  name: name8("Name, 1 to 255 bytes."),
  options: since("0.9-edge.4", responseOptions),
  derived_options: since("0.9.1-edge.2", derivedOptions),
};
