import {
  byRelease,
  countOf,
  enumeration,
  idFrom,
  list,
  since,
  struct,
  text32,
  u32,
  upTo,
  volatile,
} from "../../core/schema/mod.ts";

const doc = "What carries the connection.";

/**
 * A connected client as responses describe it.
 *
 * Source: apache/iggy core/binary_protocol/src/responses/clients/client_response.rs at
 * server-0.8.0; core/common/src/types/client/client_info.rs at server-0.5.0.
 */
export const clientHeader = {
  client_id: volatile(
    u32("Number of the connection: XXH32 of its address as text up to 0.8."),
  ),
  user_id: u32("User; 4294967295 is nobody since 0.6, 0 up to 0.5."),
  transport: byRelease(
    since("0.6", enumeration({ 1: "tcp", 2: "quic", 3: "http", 4: "websocket" }, doc)),
    upTo("0.5", enumeration({ 1: "tcp", 2: "quic", 3: "http" }, doc)),
  ),
  address: volatile(text32("Address and port of the client; IPv6 in brackets.")),
  consumer_groups_count: u32("Consumer groups the client is a member of."),
};

const clientGroup = struct({
  stream_id: idFrom("0.6", "Stream of the group's topic."),
  topic_id: idFrom("0.6", "Topic of the group."),
  group_id: idFrom("0.6", "Consumer group."),
});

/** A client with the consumer groups it is a member of. */
export const clientDetails = {
  ...clientHeader,
  consumer_groups_count: countOf(clientHeader.consumer_groups_count, "consumer_groups"),
  consumer_groups: list(
    clientGroup,
    "consumer_groups_count",
    "Consumer groups the client is a member of.",
  ),
};
