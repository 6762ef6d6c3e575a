import type { TrafficRoles } from "../core/schema/mod.ts";

/**
 * What Iggy's fields mean to statistics: which name a stream, a consumer or an offset, and
 * which hold messages. Everything that counts or follows traffic reads it here.
 */
export const iggyTraffic: TrafficRoles = {
  stream: ["request.stream_id"],
  topic: ["request.topic_id"],
  partition: [
    "request.partition_id",
    {
      at: "request.partitioning.value",
      when: ["request.partitioning.kind", "partition_id"],
    },
    "response.partition_id",
    "response.confirmations.partition_id",
  ],
  key: [{
    at: "request.partitioning.value",
    when: ["request.partitioning.kind", "messages_key"],
  }],
  noPartition: 0xffff_ffff,
  consumer: [{ at: "request.consumer.id", when: ["request.consumer.kind", "consumer"] }],
  member: [{
    at: "request.consumer.id",
    when: ["request.consumer.kind", "consumer_group"],
  }],
  group: ["request.group_id"],
  stores: ["request.offset"],
  follows: [{ at: "request.strategy.kind", when: ["request.strategy.kind", "next"] }],
  commits: ["request.auto_commit"],
  stored: ["response.stored_offset"],
  newest: ["response.current_offset"],
  appended: ["response.confirmations.base_offset"],
  generation: ["response.generation"],
  wanted: ["request.count"],
  messages: {
    count: "messages_count",
    list: "messages",
    batches: "batches",
    indexes: "indexes",
    batchLength: "batch_length",
    baseOffset: "base_offset",
    offset: "offset",
    payload: "payload",
    payloadLength: "payload_length",
    userHeadersLength: "user_headers_length",
  },
  commands: {
    forget: ["delete_consumer_offset", "delete_consumer_offset_2"],
    join: ["join_consumer_group"],
    leave: ["leave_consumer_group"],
    lookup: [
      "get_stream",
      "get_streams",
      "get_topic",
      "get_topics",
      "get_consumer_group",
      "get_consumer_groups",
      "get_cluster_metadata",
      "sync_consumer_group",
    ],
    keepAlive: ["ping"],
  },
};
