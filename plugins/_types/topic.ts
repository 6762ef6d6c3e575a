import {
  countOf,
  duration,
  enumeration,
  idFrom,
  list,
  name8,
  since,
  size,
  timestamp,
  u32,
  u64,
  u8,
  upTo,
} from "../../core/schema/mod.ts";
import { derivedOptions, responseOptions } from "./options.ts";
import { partition } from "./partition.ts";

/** The compression a topic declares; nothing on this wire is compressed by it. */
export const compressionAlgorithm = enumeration(
  { 1: "none", 2: "gzip" },
  "Compression that the topic declares; payloads here are not compressed by it.",
);

/** How long a topic keeps messages. */
export const messageExpiry = duration(
  "How long messages are kept; 0 is the server's default, 2^64-1 for ever.",
);

/** How large a topic may grow. */
export const maxTopicSize = size(
  "Bytes the topic may hold; 0 is the server's default, 2^64-1 no limit.",
);

/** Copies of a topic. */
export const replicationFactor = u8(
  "Copies of the topic; 0 in a request is unspecified.",
);

/**
 * A topic as responses describe it.
 *
 * Source: apache/iggy core/binary_protocol/src/responses/streams/get_stream.rs at server-0.8.0
 * and server-0.9.0-edge.5; src/responses/streams/get_stream.rs of the crate
 * iggy_binary_protocol 0.11.1-edge.2.
 */
export const topicHeader = {
  id: idFrom("0.6", "Number of the topic in its stream."),
  created_at: timestamp("When the topic was created."),
  partitions_count: u32("Partitions of the topic."),
  message_expiry: upTo("0.9.1-edge.1", messageExpiry),
  compression_algorithm: upTo("0.9.1-edge.1", compressionAlgorithm),
  max_topic_size: upTo("0.9.1-edge.1", maxTopicSize),
  replication_factor: upTo("0.9-edge.3", replicationFactor),
  size_bytes: size("Bytes of all its messages."),
  messages_count: u64("Messages in all its partitions."),
  name: name8("Name, 1 to 255 bytes."),
  options: since("0.9-edge.4", responseOptions),
  derived_options: since("0.9-edge.4", derivedOptions),
};

/** A topic with its partitions. */
export const topicDetails = {
  ...topicHeader,
  partitions_count: countOf(topicHeader.partitions_count, "partitions"),
  partitions: list(partition, "partitions_count", "Partitions of the topic."),
};
