import {
  bool,
  chain,
  described,
  optional,
  sized,
  struct,
  u32,
  unordered,
} from "../../core/schema/mod.ts";

const topic = struct({
  topic_id: u32("Topic."),
  manage_topic: bool("May change and delete the topic."),
  read_topic: bool("May read the topic's details."),
  poll_messages: bool("May poll from the topic."),
  send_messages: bool("May send to the topic."),
});

const stream = struct({
  stream_id: u32("Stream."),
  manage_stream: bool("May change and delete the stream."),
  read_stream: bool("May read the stream's details."),
  manage_topics: bool("May create, change and delete the stream's topics."),
  read_topics: bool("May read the details of the stream's topics."),
  poll_messages: bool("May poll from all topics of the stream."),
  send_messages: bool("May send to all topics of the stream."),
  topics: unordered(chain(topic, "Rights in single topics.")),
});

/** What a user may do. */
export const permissions = struct({
  global: struct({
    manage_servers: bool("May manage the servers."),
    read_servers: bool("May read the servers' details."),
    manage_users: bool("May create, change and delete users."),
    read_users: bool("May read the users' details."),
    manage_streams: bool("May create, change and delete all streams."),
    read_streams: bool("May read the details of all streams."),
    manage_topics: bool("May create, change and delete all topics."),
    read_topics: bool("May read the details of all topics."),
    poll_messages: bool("May poll from all topics."),
    send_messages: bool("May send to all topics."),
  }, "Rights on everything."),
  streams: unordered(chain(stream, "Rights in single streams.")),
});

/**
 * What a user may do, in a request: u8 flag, u32 length, permissions.
 *
 * Source: apache/iggy core/binary_protocol/src/primitives/permissions.rs at server-0.8.0;
 * core/common/src/types/permissions/permissions_global.rs at server-0.5.0.
 */
export const requestPermissions = described(
  optional(sized(u32(), permissions)),
  "What the user may do; null for nothing.",
);

/** What a user may do, in a response: as in a request, but none is four zero bytes. */
export const responsePermissions = described(
  optional(sized(u32(), permissions), 3),
  "What the user may do; null for nothing.",
);
