import { decode, encode, firstOf, struct } from "../../core/schema/mod.ts";
import { consumer } from "../../plugins/_types/consumer.ts";
import { identifier } from "../../plugins/_types/identifier.ts";
import { optionalPartition } from "../../plugins/_types/optional_partition.ts";
import { partitioning } from "../../plugins/_types/partitioning.ts";
import { requestPermissions } from "../../plugins/_types/permissions.ts";
import { pollingStrategy } from "../../plugins/_types/polling_strategy.ts";
import { userHeaders } from "../../plugins/_types/user_headers.ts";
import { assertEquals } from "../support/assert.ts";
import { CLASSIC_RELEASES, fits, fromHex, kindOf, type Side } from "./bodies.ts";

// The bytes are those printed in the protocol's fact sheet of the classic generation.

const A = ["0.5"];
const B = ["0.6", "0.7", "0.8"];
const TYPED = ["0.7", "0.8"];

/** What stands there, where, as which releases write it, and the value. */
type Row = readonly [
  what: string,
  command: string,
  side: Side,
  releases: readonly string[],
  hex: string,
  fields: unknown,
];

const options = { maxBytes: 64, showSecrets: true };

const topic = {
  partitions_count: 3,
  compression_algorithm: "none",
  message_expiry: "18446744073709551615",
  max_topic_size: "0",
  replication_factor: 1,
  name: "ev",
};

const poll = {
  consumer: { kind: "consumer", id: 1 },
  stream_id: "s",
  topic_id: "t",
  strategy: { kind: "next", value: "0" },
  count: 10,
  auto_commit: true,
};

const polled = {
  id: "1",
  offset: "7",
  timestamp: "1700000000000123",
  origin_timestamp: "1700000000000000",
  payload_length: 2,
  payload: { length: 2, hex: "6869", text: "hi" },
};

const sent = {
  checksum: "0",
  id: "1",
  offset: "0",
  timestamp: "0",
  origin_timestamp: "1700000000000000",
  payload_length: 2,
  payload: { length: 2, hex: "6869", text: "hi" },
};

const untyped = [{ key: "k", value_kind: "string", value: "v" }];
const typed = [{ key_kind: "string", key: "k", value_kind: "string", value: "v" }];

const ZERO8 = "00 00 00 00 00 00 00 00";
const ROWS: Row[] = [
  ["ping", "ping", "request", CLASSIC_RELEASES, "", {}],
  [
    "login with version and without context",
    "login_user",
    "request",
    CLASSIC_RELEASES,
    "04 69 67 67 79 04 69 67 67 79 05 00 00 00 30 2e 36 2e 30 00 00 00 00",
    { username: "iggy", password: "iggy", version: "0.6.0", context: null },
  ],
  ["user 0", "login_user", "response", B, "00 00 00 00", { user_id: 0 }],
  [
    "a client without groups",
    "get_client",
    "response",
    CLASSIC_RELEASES,
    "78 56 34 12 ff ff ff ff 01 0e 00 00 00 31 32 37 2e 30 2e 30 2e 31 3a 34 33 32 31 00 00 00 00",
    {
      client_id: 0x12345678,
      user_id: 4294967295,
      transport: "tcp",
      address: "127.0.0.1:4321",
      consumer_groups_count: 0,
      consumer_groups: [],
    },
  ],
  [
    "create_stream with an id",
    "create_stream",
    "request",
    A,
    "00 00 00 00 06 6f 72 64 65 72 73",
    { stream_id: 0, name: "orders" },
  ],
  [
    "create_stream without an id",
    "create_stream",
    "request",
    B,
    "06 6f 72 64 65 72 73",
    { name: "orders" },
  ],
  [
    "create_topic with an id",
    "create_topic",
    "request",
    A,
    "01 04 01 00 00 00 00 00 00 00 03 00 00 00 01 ff ff ff ff ff ff ff ff " +
    `${ZERO8} 01 02 65 76`,
    { stream_id: 1, topic_id: 0, ...topic },
  ],
  [
    "create_topic without an id",
    "create_topic",
    "request",
    B,
    `01 04 00 00 00 00 03 00 00 00 01 ff ff ff ff ff ff ff ff ${ZERO8} 01 02 65 76`,
    { stream_id: 0, ...topic },
  ],
  [
    "poll of partition 1",
    "poll_messages",
    "request",
    A,
    `01 01 04 01 00 00 00 02 01 73 02 01 74 01 00 00 00 05 ${ZERO8} 0a 00 00 00 01`,
    { ...poll, partition_id: 1 },
  ],
  [
    "poll of partition 0",
    "poll_messages",
    "request",
    B,
    `01 01 04 01 00 00 00 02 01 73 02 01 74 01 00 00 00 00 05 ${ZERO8} 0a 00 00 00 01`,
    { ...poll, partition_id: 0 },
  ],
  [
    "poll of a message with a CRC-32 behind 56 bytes",
    "poll_messages",
    "response",
    A,
    "01 00 00 00 07 00 00 00 00 00 00 00 01 00 00 00 | 35 23 0b 15 00 00 00 00 01 00 00 00 " +
    `00 00 00 00 ${ZERO8} 07 00 00 00 00 00 00 00 7b 40 1e 18 24 0a 06 00 00 40 1e 18 24 0a ` +
    "06 00 0b 00 00 00 02 00 00 00 | 68 69 | 01 00 00 00 6b 02 01 00 00 00 76",
    {
      partition_id: 1,
      current_offset: "7",
      messages_count: 1,
      messages: [{
        ...polled,
        checksum: "353051445",
        user_headers_length: 11,
        user_headers: untyped,
      }],
    },
  ],
  [
    "poll of a message with an XXH3-64 behind 64 bytes",
    "poll_messages",
    "response",
    TYPED,
    "01 00 00 00 07 00 00 00 00 00 00 00 01 00 00 00 | eb 27 be 9c 35 ce 8f 62 01 00 00 00 " +
    `00 00 00 00 ${ZERO8} 07 00 00 00 00 00 00 00 7b 40 1e 18 24 0a 06 00 00 40 1e 18 24 0a ` +
    `06 00 0c 00 00 00 02 00 00 00 ${ZERO8} | 68 69 | 02 01 00 00 00 6b 02 01 00 00 00 76`,
    {
      partition_id: 1,
      current_offset: "7",
      messages_count: 1,
      messages: [{
        ...polled,
        checksum: "7102121867044857835",
        user_headers_length: 12,
        reserved: "0",
        user_headers: typed,
      }],
    },
  ],
  [
    "send of a message with a header of 64 bytes",
    "send_messages",
    "request",
    TYPED,
    "12 00 00 00 | 01 04 01 00 00 00 | 01 04 01 00 00 00 | 01 00 | 01 00 00 00 | " +
    `00 00 00 00 4e 00 00 00 ${ZERO8} | ${ZERO8} 01 00 00 00 00 00 00 00 ${ZERO8} ${ZERO8} ` +
    `${ZERO8} 00 40 1e 18 24 0a 06 00 0c 00 00 00 02 00 00 00 ${ZERO8} | 68 69 | ` +
    "02 01 00 00 00 6b 02 01 00 00 00 76",
    {
      metadata_length: 18,
      stream_id: 1,
      topic_id: 1,
      partitioning: { kind: "balanced", value: null },
      messages_count: 1,
      indexes: [{ offset: 0, position: 78, timestamp: "0" }],
      messages: [{
        ...sent,
        user_headers_length: 12,
        reserved: "0",
        user_headers: typed,
      }],
    },
  ],
  [
    "send of a message with a header of 56 bytes",
    "send_messages",
    "request",
    ["0.5", "0.6"],
    "12 00 00 00 | 01 04 01 00 00 00 | 01 04 01 00 00 00 | 01 00 | 01 00 00 00 | " +
    `00 00 00 00 45 00 00 00 ${ZERO8} | ${ZERO8} 01 00 00 00 00 00 00 00 ${ZERO8} ${ZERO8} ` +
    `${ZERO8} 00 40 1e 18 24 0a 06 00 0b 00 00 00 02 00 00 00 | 68 69 | ` +
    "01 00 00 00 6b 02 01 00 00 00 76",
    {
      metadata_length: 18,
      stream_id: 1,
      topic_id: 1,
      partitioning: { kind: "balanced", value: null },
      messages_count: 1,
      indexes: [{ offset: 0, position: 69, timestamp: "0" }],
      messages: [{ ...sent, user_headers_length: 11, user_headers: untyped }],
    },
  ],
  [
    "a cluster of one node",
    "get_cluster_metadata",
    "response",
    B,
    "01 00 00 00 63 01 00 00 00 01 00 00 00 6e 09 00 00 00 31 32 37 2e 30 2e 30 2e 31 " +
    "9a 1f 90 1f b8 0b 9c 1f 00 00",
    {
      name: "c",
      nodes: [{
        name: "n",
        ip: "127.0.0.1",
        tcp_port: 8090,
        quic_port: 8080,
        http_port: 3000,
        websocket_port: 8092,
        role: "leader",
        status: "healthy",
      }],
    },
  ],
];

for (const [what, command, side, releases, hex, fields] of ROWS) {
  Deno.test(`${command} ${side}: ${what}`, () => {
    const kind = kindOf(command, side);
    const bytes = fromHex(hex);
    for (const version of releases) {
      const release = firstOf(version);
      const read = decode(kind, bytes, release);
      assertEquals(read.issues, [], version);
      assertEquals(kind.json!(read.fields, options) as unknown, fields, version);
      assertEquals(encode(kind, read.fields, release), bytes, version);
    }
    assertEquals(fits(kind, bytes, CLASSIC_RELEASES), [...releases]);
  });
}

const PIECES = [
  ["a numeric identifier", identifier, "0.8", "01 04 2a 00 00 00", 42],
  ["a named identifier", identifier, "0.8", "02 06 6f 72 64 65 72 73", "orders"],
  ["a consumer group", consumer, "0.8", "02 01 04 01 00 00 00", {
    kind: "consumer_group",
    id: 1,
  }],
  ["partition 1 of 0.5", optionalPartition, "0.5", "01 00 00 00", 1],
  ["no partition of 0.5", optionalPartition, "0.5", "00 00 00 00", null],
  ["partition 0", optionalPartition, "0.6", "01 00 00 00 00", 0],
  ["no partition", optionalPartition, "0.6", "00 00 00 00 00", null],
  ["from offset 42", pollingStrategy, "0.8", "01 2a 00 00 00 00 00 00 00", {
    kind: "offset",
    value: "42",
  }],
  ["balanced", partitioning, "0.8", "01 00", { kind: "balanced", value: null }],
  ["partition 3", partitioning, "0.8", "02 04 03 00 00 00", {
    kind: "partition_id",
    value: 3,
  }],
  ["a key", partitioning, "0.8", "03 03 61 62 63", {
    kind: "messages_key",
    value: { length: 3, hex: "616263", text: "abc" },
  }],
  [
    "user headers of 0.6",
    userHeaders,
    "0.6",
    "01 00 00 00 6b 02 01 00 00 00 76",
    untyped,
  ],
  [
    "user headers of 0.7",
    userHeaders,
    "0.7",
    "02 01 00 00 00 6b 02 01 00 00 00 76",
    typed,
  ],
  [
    "permissions",
    requestPermissions,
    "0.8",
    "01 20 00 00 00 | 00 00 00 00 00 00 00 00 00 01 | 01 | 02 00 00 00 00 01 00 00 01 00 | 01 | " +
    "05 00 00 00 00 01 01 00 | 00 | 00",
    {
      global: {
        manage_servers: false,
        read_servers: false,
        manage_users: false,
        read_users: false,
        manage_streams: false,
        read_streams: false,
        manage_topics: false,
        read_topics: false,
        poll_messages: false,
        send_messages: true,
      },
      streams: [{
        stream_id: 2,
        manage_stream: false,
        read_stream: true,
        manage_topics: false,
        read_topics: false,
        poll_messages: true,
        send_messages: false,
        topics: [{
          topic_id: 5,
          manage_topic: false,
          read_topic: true,
          poll_messages: true,
          send_messages: false,
        }],
      }],
    },
  ],
] as const;

for (const [what, kind, version, hex, value] of PIECES) {
  Deno.test(`shared type: ${what}`, () => {
    const bytes = fromHex(hex);
    const shape = struct({ value: kind });
    const { fields, issues } = decode(shape, bytes, firstOf(version));
    assertEquals(issues, []);
    assertEquals(shape.json!(fields, options) as unknown, { value });
    assertEquals(encode(shape, fields, firstOf(version)), bytes);
  });
}
