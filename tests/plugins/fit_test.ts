import { decode, encode, firstOf } from "../../core/schema/mod.ts";
import { assertEquals } from "../support/assert.ts";
import {
  CLASSIC_RELEASES,
  fits,
  fromHex,
  kindOf,
  type Side,
  VSR_RELEASES,
} from "./bodies.ts";

// Which releases explain a payload: the tables of classic.md 3.9 and vsr.md 5.2 and 5.3.

const A = ["0.5"];
const B = ["0.6", "0.7", "0.8"];
const UNTYPED = ["0.5", "0.6"];
const TYPED = ["0.7", "0.8"];
const VSR_A = ["0.9-edge.2", "0.9-edge.3"];
const VSR_B = ["0.9-edge.4"];
const VSR_C = ["0.9-edge.5"];
const VSR_AB = [...VSR_A, ...VSR_B];
const VSR_BC = [...VSR_B, ...VSR_C];

/** Fields written as `release` does, and the releases of its generation that explain them. */
type Row = readonly [
  what: string,
  command: string,
  side: Side,
  release: string,
  fits: readonly string[],
  fields: object,
];

const at = { stream_id: 1, topic_id: "t" };
const topic = {
  partitions_count: 1,
  compression_algorithm: "none",
  message_expiry: 0n,
  max_topic_size: 0n,
  replication_factor: 1,
  name: "ev",
  options: [],
};
const reader = { consumer: { kind: "consumer", id: 1 }, ...at, partition_id: 1 };
const poll = {
  ...reader,
  strategy: { kind: "next", value: 0n },
  count: 10,
  auto_commit: false,
};
const plain = {
  checksum: 0n,
  id: 1n,
  offset: 0n,
  timestamp: 0n,
  origin_timestamp: 1_700_000_000_000_000n,
  payload: new TextEncoder().encode("hi"),
  user_headers: [],
};
const frame = {
  checksum: 0n,
  id: 1n,
  offset_delta: 0,
  timestamp_delta: 0,
  payload: new TextEncoder().encode("hi"),
  user_headers: [],
};
const batch = {
  partition_id: 0n,
  base_offset: 0n,
  base_timestamp: 0n,
  origin_timestamp: 1_700_000_000_000_000n,
  batch_checksum: 0n,
  messages: [frame, frame],
};
const send = { ...at, partitioning: { kind: "balanced", value: null } };
const polled = { partition_id: 1, current_offset: 9n };
const stats = {
  process_id: 1,
  cpu_usage: 0,
  total_cpu_usage: 0,
  memory_usage: 0n,
  total_memory: 0n,
  available_memory: 0n,
  run_time: 0n,
  start_time: 0n,
  read_bytes: 0n,
  written_bytes: 0n,
  messages_size_bytes: 0n,
  streams_count: 0,
  topics_count: 0,
  partitions_count: 0,
  segments_count: 0,
  messages_count: 0n,
  clients_count: 0,
  consumer_groups_count: 0,
  hostname: "h",
  os_name: "o",
  os_version: "v",
  kernel_version: "k",
  iggy_server_version: "0.8.0",
  iggy_server_semver: 8000,
  cache_metrics: [],
  threads_count: 4,
  free_disk_space: 0n,
  total_disk_space: 0n,
};
const node = {
  id: 1,
  name: "n",
  address: "127.0.0.1:8090",
  ip: "127.0.0.1",
  tcp_port: 8090,
  quic_port: 8080,
  http_port: 3000,
  websocket_port: 8092,
  role: "leader",
  status: "healthy",
};
const cluster = { name: "c", cluster_id: 1, transport: "tcp", nodes: [node] };
const stream = {
  id: 1,
  created_at: 1n,
  topics_count: 0,
  size_bytes: 0n,
  messages_count: 0n,
  name: "s",
  options: [],
};
const topicHeader = {
  ...topic,
  id: 1,
  created_at: 1n,
  partitions_count: 0,
  size_bytes: 0n,
  messages_count: 0n,
  derived_options: [],
};
const partition = {
  id: 1,
  created_at: 1n,
  segments_count: 1,
  current_offset: 0n,
  size_bytes: 0n,
  messages_count: 0n,
};
const user = {
  id: 1,
  created_at: 1n,
  status: "active",
  username: "iggy",
  options: [],
  permissions: null,
};
const group = { id: 1, partitions_count: 1, members_count: 0, name: "g" };
const client = {
  client_id: 1,
  user_id: 1,
  transport: "tcp",
  address: "127.0.0.1:1",
  consumer_groups: [],
};
const option = {
  key_kind: "string",
  key: "segment_size",
  value_kind: "uint64",
  value: 1n,
};
const login = { username: "iggy", password: "iggy", version: null, context: null };

const ROWS: readonly Row[] = [
  ["with an id", "create_stream", "request", "0.5", A, { stream_id: 7, name: "orders" }],
  ["without an id", "create_stream", "request", "0.8", B, { name: "orders" }],
  ["an id that looks like a name's length", "create_stream", "request", "0.5", A, {
    stream_id: 10,
    name: "orders",
  }],
  ["a name that looks like an id", "create_stream", "request", "0.8", CLASSIC_RELEASES, {
    name: "abc\x02de",
  }],
  ["with an id", "create_topic", "request", "0.5", A, { ...at, topic_id: 7, ...topic }],
  ["without an id", "create_topic", "request", "0.8", B, { ...at, ...topic }],
  ["with an id", "create_consumer_group", "request", "0.5", A, {
    ...at,
    group_id: 7,
    name: "g",
  }],
  ["without an id", "create_consumer_group", "request", "0.8", B, { ...at, name: "g" }],
  ["partition alone", "poll_messages", "request", "0.5", A, poll],
  ["partition with flag", "poll_messages", "request", "0.6", B, poll],
  ["partition alone", "get_consumer_offset", "request", "0.5", A, reader],
  ["partition with flag", "get_consumer_offset", "request", "0.6", B, reader],
  ["partition alone", "delete_consumer_offset", "request", "0.5", A, reader],
  ["partition with flag", "delete_consumer_offset", "request", "0.6", B, reader],
  ["partition alone", "store_consumer_offset", "request", "0.5", A, {
    ...reader,
    offset: 7n,
  }],
  ["partition with flag", "store_consumer_offset", "request", "0.6", B, {
    ...reader,
    offset: 7n,
  }],
  ["version and context", "login_user", "request", "0.8", CLASSIC_RELEASES, login],
  ["56-byte headers", "send_messages", "request", "0.6", UNTYPED, {
    ...send,
    messages: [plain, plain],
  }],
  ["64-byte headers", "send_messages", "request", "0.7", TYPED, {
    ...send,
    messages: [plain, plain],
  }],
  ["56-byte headers without checksum", "poll_messages", "response", "0.6", UNTYPED, {
    ...polled,
    messages: [plain],
  }],
  ["56-byte headers with CRC-32", "poll_messages", "response", "0.5", A, {
    ...polled,
    messages: [{ ...plain, checksum: 0x1234_5678n }],
  }],
  ["56-byte headers with XXH3-64", "poll_messages", "response", "0.6", ["0.6"], {
    ...polled,
    messages: [{ ...plain, checksum: 0x1_1234_5678n }],
  }],
  ["64-byte headers", "poll_messages", "response", "0.7", TYPED, {
    ...polled,
    messages: [{ ...plain, checksum: 0x1_1234_5678n }],
  }],
  ["nothing for a group member", "poll_messages", "response", "0.5", CLASSIC_RELEASES, {
    partition_id: 0,
    current_offset: 0n,
    messages: [],
  }],
  ["108 bytes and texts", "get_stats", "response", "0.7", ["0.5", "0.6", "0.7"], stats],
  ["20 bytes more", "get_stats", "response", "0.8", ["0.8"], stats],
  ["of the commits after 0.5.0", "get_cluster_metadata", "response", "0.5", A, cluster],
  ["with ports", "get_cluster_metadata", "response", "0.6", B, cluster],
  ["over TCP", "get_client", "response", "0.5", CLASSIC_RELEASES, client],
  ["over WebSocket", "get_client", "response", "0.6", B, {
    ...client,
    transport: "websocket",
  }],
  ["user 1", "login_user", "response", "0.5", CLASSIC_RELEASES, { user_id: 1 }],
  ["user 0", "login_user", "response", "0.6", B, { user_id: 0 }],
  ["user 0", "login_with_personal_access_token", "response", "0.6", B, { user_id: 0 }],
  ["stream 1", "create_stream", "response", "0.5", CLASSIC_RELEASES, stream],
  ["stream 0", "create_stream", "response", "0.6", B, { ...stream, id: 0 }],
  ["topic 0", "get_topics", "response", "0.6", B, {
    topics: [{ ...topicHeader, id: 0 }],
  }],
  ["partition 1", "get_topic", "response", "0.5", CLASSIC_RELEASES, {
    ...topicHeader,
    partitions_count: 1,
    partitions: [partition],
  }],
  ["partition 0", "get_topic", "response", "0.6", B, {
    ...topicHeader,
    partitions_count: 1,
    partitions: [{ ...partition, id: 0 }],
  }],
  ["group 0", "get_consumer_groups", "response", "0.6", B, {
    consumer_groups: [{ ...group, id: 0 }],
  }],
  ["partition 0 of a member", "get_consumer_group", "response", "0.6", B, {
    ...group,
    members_count: 1,
    members: [{ id: 7, partitions: [0] }],
  }],
  ["partition 0", "get_consumer_offset", "response", "0.6", B, {
    partition_id: 0,
    current_offset: 1n,
    stored_offset: 1n,
  }],

  ["User without options", "get_user", "response", "0.9-edge.3", VSR_A, user],
  ["User with options", "get_user", "response", "0.9-edge.4", VSR_BC, user],
  ["User without options", "get_users", "response", "0.9-edge.3", VSR_A, {
    users: [user],
  }],
  ["User with options", "get_users", "response", "0.9-edge.4", VSR_BC, { users: [user] }],
  ["without options", "create_user", "request", "0.9-edge.5", VSR_RELEASES, {
    ...user,
    password: "iggy",
  }],
  ["with options", "create_user", "request", "0.9-edge.5", VSR_BC, {
    ...user,
    password: "iggy",
    options: [option],
  }],
  ["with options", "update_user", "request", "0.9-edge.5", VSR_BC, {
    user_id: 1,
    username: null,
    status: null,
    options: [option],
  }],
  ["messages", "poll_messages", "response", "0.9-edge.4", VSR_AB, {
    ...polled,
    messages: [plain, plain],
  }],
  ["batches", "poll_messages", "response", "0.9-edge.5", VSR_C, {
    ...polled,
    batches: [batch, batch],
  }],
  ["nothing", "poll_messages", "response", "0.9-edge.5", VSR_RELEASES, {
    ...polled,
    batches: [],
  }],
  ["index and messages", "send_messages", "request", "0.9-edge.4", VSR_AB, {
    ...send,
    messages: [plain, plain],
  }],
  ["a batch", "send_messages", "request", "0.9-edge.5", VSR_C, {
    ...send,
    batches: [batch],
  }],
  ["a batch", "send_messages", "prepare", "0.9-edge.2", VSR_RELEASES, {
    batches: [batch],
  }],
  ["without ack", "store_consumer_offset", "request", "0.9-edge.4", VSR_AB, {
    ...reader,
    offset: 7n,
  }],
  ["with ack", "store_consumer_offset", "request", "0.9-edge.5", VSR_C, {
    ...reader,
    offset: 7n,
    ack: "quorum",
  }],
  ["without ack", "delete_consumer_offset", "request", "0.9-edge.4", VSR_AB, reader],
  ["with ack", "delete_consumer_offset", "request", "0.9-edge.5", VSR_C, {
    ...reader,
    ack: "no_ack",
  }],
  ["Stream without options", "get_stream", "response", "0.9-edge.3", VSR_A, {
    ...stream,
    topics: [],
  }],
  ["Stream with options", "get_stream", "response", "0.9-edge.4", VSR_BC, {
    ...stream,
    topics: [],
  }],
  ["Stream and Topic of A", "get_stream", "response", "0.9-edge.3", VSR_A, {
    ...stream,
    topics_count: 1,
    topics: [topicHeader],
  }],
  ["Stream and Topic of B", "get_stream", "response", "0.9-edge.4", VSR_BC, {
    ...stream,
    topics_count: 1,
    topics: [topicHeader],
  }],
  ["Streams without options", "get_streams", "response", "0.9-edge.3", VSR_A, {
    streams: [stream, stream],
  }],
  ["Streams with options", "get_streams", "response", "0.9-edge.4", VSR_BC, {
    streams: [stream, stream],
  }],
  ["without options", "create_stream", "request", "0.9-edge.3", VSR_RELEASES, {
    name: "s",
  }],
  ["with options", "create_stream", "request", "0.9-edge.4", VSR_BC, {
    name: "s",
    options: [option],
  }],
  ["with options", "update_stream", "request", "0.9-edge.4", VSR_BC, {
    stream_id: 1,
    name: "s",
    options: [option],
  }],
  ["Topic of A", "get_topic", "response", "0.9-edge.3", VSR_A, {
    ...topicHeader,
    partitions: [],
  }],
  ["Topic of B", "get_topic", "response", "0.9-edge.4", VSR_BC, {
    ...topicHeader,
    partitions: [],
  }],
  ["Topics to the end", "get_topics", "response", "0.9-edge.3", VSR_A, {
    topics: [topicHeader],
  }],
  ["Topics behind a count", "get_topics", "response", "0.9-edge.4", VSR_BC, {
    topics: [topicHeader],
  }],
  ["no Topics behind a count", "get_topics", "response", "0.9-edge.4", VSR_BC, {
    topics: [],
  }],
  ["with settings", "create_topic", "request", "0.9-edge.3", VSR_A, { ...at, ...topic }],
  ["with options", "create_topic", "request", "0.9-edge.4", VSR_BC, { ...at, ...topic }],
  ["with settings", "update_topic", "request", "0.9-edge.3", VSR_A, { ...at, ...topic }],
  ["with options", "update_topic", "request", "0.9-edge.4", VSR_BC, { ...at, ...topic }],
  [
    "without derived options",
    "create_topic_with_assignments",
    "request",
    "0.9-edge.3",
    VSR_A,
    {
      request: { ...at, ...topic },
      partitions: [{ partition_id: 0, consensus_group_id: 1n }],
    },
  ],
  [
    "with derived options",
    "create_topic_with_assignments",
    "request",
    "0.9-edge.4",
    VSR_BC,
    {
      request: { ...at, ...topic },
      derived_options: [],
      partitions: [{ partition_id: 0, consensus_group_id: 1n }],
    },
  ],
];

for (const [what, command, side, release, expected, fields] of ROWS) {
  Deno.test(`${command} ${side}, ${what}, as ${release} writes it`, () => {
    const kind = kindOf(command, side);
    const releases = release.startsWith("0.9") ? VSR_RELEASES : CLASSIC_RELEASES;
    const bytes = encode(kind, fields, firstOf(release));
    assertEquals(fits(kind, bytes, releases), [...expected]);
  });
}

/** Bytes that no release explains, and what is said of them. */
const FAULTS: readonly (readonly [string, string, Side, string, string])[] = [
  [
    "update_user",
    "a byte behind the fields",
    "request",
    "01 04 00 00 00 00 00 00 00",
    "1 trailing bytes",
  ],
  ["get_stream", "an identifier of kind 3", "request", "03 01 61", "stream_id: form 3"],
  ["get_stream", "a number of 2 bytes", "request", "01 02 00 00", "stream_id: form 1"],
  ["get_stream", "an empty name", "request", "02 00", "empty name"],
  ["get_stream", "a name with a NUL", "request", "02 02 61 00", "text holds a NUL"],
  [
    "get_stream",
    "a name that is not UTF-8",
    "request",
    "02 01 ff",
    "stream_id: text is not UTF-8",
  ],
  [
    "flush_unsaved_buffer",
    "a flag of 2",
    "request",
    "02 01 61 02 01 61 00 00 00 00 02",
    "flag byte 2",
  ],
  ["update_user", "a presence byte of 2", "request", "02 01 61 02 00", "presence byte 2"],
  ["get_snapshot_file", "an unknown compression", "request", "09 00", "unknown value 9"],
  [
    "send_messages",
    "a metadata length that is too long",
    "request",
    "13 00 00 00 01 04 01 00 00 00 01 04 01 00 00 00 01 00 00 00 00 00 00",
    "metadata: 1 bytes too many",
  ],
  [
    "send_messages",
    "a metadata length that is too short",
    "request",
    "11 00 00 00 01 04 01 00 00 00 01 04 01 00 00 00 01 00 00 00 00 00",
    "messages_count: 4 bytes needed, 3 left",
  ],
];

for (const [command, what, side, hex, message] of FAULTS) {
  Deno.test(`${command} ${side} reports ${what}`, () => {
    const bytes = fromHex(hex);
    const { issues } = decode(kindOf(command, side), bytes, firstOf("0.8"));
    assertEquals(issues.map((issue) => issue.message.slice(0, message.length)), [
      message,
    ]);
    assertEquals(fits(kindOf(command, side), bytes, CLASSIC_RELEASES), []);
  });
}

Deno.test("index positions that miss the messages are noted and decide nothing", () => {
  const kind = kindOf("send_messages", "request");
  const bytes = encode(kind, {
    ...send,
    indexes: [{ position: 66 }, { position: 1 }],
    messages: [plain, plain],
  }, firstOf("0.8"));
  const { issues, problems } = decode(kind, bytes, firstOf("0.8"));
  assertEquals(problems, 0);
  assertEquals(issues.map(({ severity, message }) => `${severity}: ${message}`), [
    "note: position 1 of entry 1, but its item ends at 132",
  ]);
});

Deno.test("user headers that do not parse are bytes, odd values are noted", () => {
  const kind = kindOf("poll_messages", "response");
  const read = (user_headers: Uint8Array) => {
    const fields = { ...polled, messages: [{ ...plain, user_headers }] };
    const bytes = encode(kind, fields as object, firstOf("0.8"));
    const { fields: back, issues, problems } = decode(kind, bytes, firstOf("0.8"));
    assertEquals(problems, 0);
    const { messages } = back as { messages: { user_headers: unknown }[] };
    return { headers: messages[0]!.user_headers, said: issues.map((i) => i.message) };
  };
  const cipher = fromHex("9d 31 ff 07 55");
  assertEquals(read(cipher), {
    headers: cipher,
    said: ["not readable as user headers; kept as bytes"],
  });
  assertEquals(read(fromHex("02 01 00 00 00 6b 0b 01 00 00 00 07")), {
    headers: [{
      key_kind: "string",
      key: "k",
      value_kind: "uint32",
      value: fromHex("07"),
    }],
    said: ["messages.0.user_headers.0.value: value does not fit value_kind uint32"],
  });
  assertEquals(read(fromHex("02 01 00 00 00 6b 63 01 00 00 00 07")), {
    headers: [{ key_kind: "string", key: "k", value_kind: 99, value: fromHex("07") }],
    said: ["unknown value 99"],
  });
});

Deno.test("an option with a key that is no string fits no release", () => {
  const kind = kindOf("create_stream", "request");
  const bytes = fromHex("01 73 01 01 00 00 00 6b 02 01 00 00 00 76");
  assertEquals(fits(kind, bytes, VSR_RELEASES), []);
});

Deno.test("a batch with a reserved byte set or a wrong count fits no release", () => {
  const kind = kindOf("send_messages", "prepare");
  const bytes = encode(kind, { batches: [batch] }, firstOf("0.9-edge.5"));
  const reserved = bytes.slice();
  reserved[100] = 1;
  const count = bytes.slice();
  count[48] = 3;
  assertEquals(fits(kind, bytes, VSR_C), VSR_C);
  assertEquals(fits(kind, reserved, VSR_C), []);
  assertEquals(fits(kind, count, VSR_C), []);
});

Deno.test("offsets and times of batch messages are computed", () => {
  const kind = kindOf("send_messages", "prepare");
  const fields = {
    batches: [{
      ...batch,
      base_offset: 40n,
      base_timestamp: 500n,
      origin_timestamp: 100n,
      messages: [{ ...frame, offset_delta: 2, timestamp_delta: 7 }],
    }],
  };
  const bytes = encode(kind, fields, firstOf("0.9-edge.5"));
  const { fields: back } = decode(kind, bytes, firstOf("0.9-edge.5"));
  const { offset, timestamp, origin_timestamp } =
    (back as { batches: { messages: Record<string, unknown>[] }[] }).batches[0]!
      .messages[0]!;
  assertEquals({ offset, timestamp, origin_timestamp } as unknown, {
    offset: 42n,
    timestamp: 500n,
    origin_timestamp: 107n,
  });
});

Deno.test("a login by password and one by token are told apart by their bytes", () => {
  const info = {
    version_info: { protocol_version: 11264, sdk_name: "go-sdk", sdk_version: "0.9.0" },
    client_context: null,
  };
  const release = firstOf("0.9-edge.5");
  const byPassword = kindOf("login_register", "request");
  const byToken = kindOf("login_register_with_pat", "request");
  const password = encode(
    byPassword,
    { ...info, username: "iggy", password: "iggy" },
    release,
  );
  const token = encode(byToken, { ...info, token: "abcdefgh".repeat(8) }, release);
  const which = (bytes: Uint8Array) =>
    [byPassword, byToken].map((kind) => decode(kind, bytes, release).problems === 0);
  assertEquals(which(password), [true, false]);
  assertEquals(which(token), [false, true]);
});
