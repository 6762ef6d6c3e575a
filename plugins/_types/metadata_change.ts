import {
  byTag,
  bytes,
  counted,
  described,
  enumeration,
  name8,
  optional,
  sized,
  struct,
  timestamp,
  u128,
  u16,
  u32,
  u64,
  u8,
} from "../../core/schema/mod.ts";
import { optionBlock } from "./options.ts";
import { permissions } from "./permissions.ts";
import { userStatus } from "./user.ts";

/** What a metadata change is about. */
export const changeGroup = enumeration(
  {
    1: "streams",
    2: "topics",
    3: "partitions",
    4: "consumer_groups",
    5: "consumer_group_members",
    6: "users",
    7: "personal_access_tokens",
    8: "sessions",
  },
  "What it is about.",
  true,
);

/** A place in the log of metadata changes. */
export const changeCursor = struct({
  log_id: u128("Id of the log."),
  op: u64("Operation; 0 is before the first."),
  checksum: u128("Checksum of its prepare; 0 before the first."),
  ordinal: u32("Which of the operation's changes."),
}, "A place in the log.");

/** Where a listing of the current state goes on. */
export const pageToken = struct({
  anchor: changeCursor,
  required_head: u64("Operation that the server has to know first."),
  groups_mask: u8("Bit i: group i + 1 is listed."),
  group: changeGroup,
  last_key: sized(u16(), bytes("Key of the last item that was listed.")),
}, "Where the listing goes on.");

const stream = struct({
  stream_id: u32("Stream."),
  stream_created_op: u64("Operation that created it."),
}, "The stream.");
const topic = struct({
  stream,
  topic_id: u32("Topic."),
  topic_created_op: u64("Operation that created it."),
}, "The topic.");
const user = struct({
  user_id: u32("User."),
  user_created_at: timestamp("When the user was created."),
}, "The user.");

const optionsOf = optional(
  struct({
    explicit: sized(u32(), described(optionBlock, "Options that were given.")),
    derived: sized(u32(), described(optionBlock, "Options that the server added.")),
  }, "Options; null where the server cannot read them."),
  0,
  0,
);
const requested = optional(u64("Operation that asked for it; null where nobody did."));
const partitionIds = counted(u32(), u32("Partition."), "Partitions, in rising order.");
const rights = described(
  optional(permissions),
  "What the user may do; null for nothing.",
);

const named = { created_at: timestamp("When it was created."), name: name8("Its name.") };
const groupOf = {
  topic,
  group_id: u32("Consumer group."),
  name: name8("Name of the group."),
};
const member = {
  topic,
  group_id: u32("Consumer group."),
  member_id: u32("Member of the group."),
  client_id: u128("Client that is the member."),
};

const streamBody = struct({ key: stream, ...named, options: optionsOf });
const userBody = struct({
  key: user,
  username: name8("Name of the user."),
  status: userStatus,
  permissions: rights,
  options: optionsOf,
});
const userIdentity = struct({ key: user, username: name8("Name of the user.") });
const token = { user, name: name8("Name of the token.") };
const tokenBody = struct({ ...token, expiry: timestamp("When it ends; 0 is never.") });
const session = {
  user,
  client_id: u128("Client of the session."),
  session: u64("Session: the op of the login."),
};
const partitionsCount = u32("Partitions of the topic.");
const groupsCount = u32("Consumer groups of the topic.");

const topicBody = struct({
  key: topic,
  ...named,
  partitions_count: partitionsCount,
  options: optionsOf,
});

/** Bodies of changes by the kind of change. */
const bodies = {
  stream_created: streamBody,
  stream_updated: streamBody,
  stream_deleted: struct({ key: stream, ...named, requested_op: requested }),
  topic_created: topicBody,
  topic_updated: topicBody,
  topic_deleted: struct({ key: topic, ...named, requested_op: requested }),
  partitions_changed: struct({
    topic,
    partitions_count: partitionsCount,
    removed_partition_ids: partitionIds,
    requested_op: requested,
  }),
  consumer_group_created: struct({ ...groupOf, consumer_groups_count: groupsCount }),
  consumer_group_deleted: struct({
    ...groupOf,
    consumer_groups_count: groupsCount,
    requested_op: requested,
  }),
  consumer_group_member_joined: struct({
    ...member,
    members_count: u32("Members of the group."),
    partition_ids: partitionIds,
  }),
  consumer_group_member_left: struct({
    ...member,
    members_count: u32("Members of the group."),
    reason: enumeration({ 0: "left", 1: "session_ended" }, "Why."),
  }),
  consumer_group_partition_handed_over: struct({
    topic,
    group_id: u32("Consumer group."),
    partition_id: u32("Partition that moved."),
    member_id: optional(u32("Member that reads it now; null for none.")),
  }),
  user_created: userBody,
  user_updated: userBody,
  user_deleted: userIdentity,
  user_password_changed: userIdentity,
  user_permissions_updated: struct({
    key: user,
    username: name8("Name of the user."),
    permissions: rights,
    reason: enumeration({ 0: "updated", 1: "resource_deleted" }, "Why."),
  }),
  personal_access_token_created: tokenBody,
  personal_access_token_deleted: struct({
    ...token,
    reason: enumeration({ 0: "deleted", 1: "expired" }, "Why."),
  }),
  session_registered: struct(session),
  session_closed: struct({
    ...session,
    reason: enumeration({ 0: "logout", 1: "expired", 2: "revoked" }, "Why."),
  }),
};

/**
 * One change of the metadata.
 *
 * Source: src/primitives/metadata_changes/ and src/responses/system/get_metadata_changes.rs of
 * the crate iggy_binary_protocol 0.11.1-edge.3.
 */
export const changeRecord = struct({
  op: u64("Operation that made the change."),
  ordinal: u32("Which of the operation's changes."),
  checksum: u128("Checksum of its prepare."),
  timestamp: timestamp("When."),
  actor_user_id: optional(u32("User who did it; null for the server.")),
  group: changeGroup,
  kind: enumeration(
    {
      1: "stream_created",
      2: "stream_updated",
      3: "stream_deleted",
      10: "topic_created",
      11: "topic_updated",
      12: "topic_deleted",
      20: "partitions_changed",
      30: "consumer_group_created",
      31: "consumer_group_deleted",
      40: "consumer_group_member_joined",
      41: "consumer_group_member_left",
      42: "consumer_group_partition_handed_over",
      50: "user_created",
      51: "user_updated",
      52: "user_deleted",
      53: "user_password_changed",
      54: "user_permissions_updated",
      60: "personal_access_token_created",
      61: "personal_access_token_deleted",
      70: "session_registered",
      71: "session_closed",
    },
    "What happened.",
    true,
  ),
  body: sized(u32(), byTag("kind", bodies, "What changed, as kind says.")),
});

/** One thing of the current state. */
export const currentItem = struct({
  group: changeGroup,
  body: sized(
    u32(),
    byTag("group", {
      streams: streamBody,
      topics: struct({ key: topic, ...named, options: optionsOf }),
      partitions: struct({ topic, partitions_count: partitionsCount }),
      consumer_groups: struct(groupOf),
      consumer_group_members: struct({ ...member, partition_ids: partitionIds }),
      users: userBody,
      personal_access_tokens: tokenBody,
      sessions: struct(session),
    }, "The thing, as group says."),
  ),
});
