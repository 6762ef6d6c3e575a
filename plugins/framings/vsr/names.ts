/**
 * The numbers of the VSR framing with their names, in snake_case of upstream's enums.
 *
 * Source: apache/iggy core/binary_protocol/src/consensus/ at server-0.9.0-edge.5.
 *
 * @module
 */

/** The command byte of a frame (byte 60). */
export const COMMAND_NAMES: Readonly<Record<number, string>> = Object.freeze({
  0: "reserved",
  1: "ping",
  2: "pong",
  3: "ping_client",
  4: "pong_client",
  5: "request",
  6: "prepare",
  7: "prepare_ok",
  8: "reply",
  9: "commit",
  10: "start_view_change",
  11: "do_view_change",
  12: "start_view",
  13: "eviction",
  14: "replica_hello",
  15: "replica_challenge",
  16: "replica_finish",
  17: "request_start_view",
  18: "request_prepares",
  19: "repair_prepare",
  20: "repair_done",
  21: "range_evicted",
  22: "request_state_transfer",
  23: "state_transfer_target",
  24: "request_state_chunk",
  25: "state_chunk",
  26: "forward_register",
  27: "forward_register_result",
  28: "forward_logout",
  29: "forward_logout_result",
});

/** The largest legal command byte. */
export const LAST_COMMAND = 29;

/** A client's request. */
export const REQUEST = 5;
/** A prepare, the unit of replication. */
export const PREPARE = 6;
/** A backup's acknowledgement of a prepare. */
export const PREPARE_OK = 7;
/** A server's answer. */
export const REPLY = 8;
/** The primary's word on how far the group is committed. */
export const COMMIT = 9;
/** The end of a session, sent by the server. */
export const EVICTION = 13;
/** The first frame on a link between replicas. */
export const REPLICA_HELLO = 14;
/** A prepare sent again to a replica that lags. */
export const REPAIR_PREPARE = 19;

/** The operation of requests, replies and prepares. */
export const OPERATION_NAMES: Readonly<Record<number, string>> = Object.freeze({
  0: "reserved",
  1: "register",
  2: "non_replicated",
  3: "logout",
  64: "create_topic_with_assignments",
  65: "create_partitions_with_assignments",
  66: "remove_consumer_group_member",
  67: "complete_consumer_group_revocation",
  68: "truncate_partition",
  128: "create_stream",
  129: "update_stream",
  130: "delete_stream",
  131: "purge_stream",
  132: "create_topic",
  133: "update_topic",
  134: "delete_topic",
  135: "purge_topic",
  136: "create_partitions",
  137: "delete_partitions",
  138: "delete_segments",
  139: "create_consumer_group",
  140: "delete_consumer_group",
  141: "create_user",
  142: "update_user",
  143: "delete_user",
  144: "change_password",
  145: "update_permissions",
  146: "create_personal_access_token",
  147: "delete_personal_access_token",
  148: "join_consumer_group",
  149: "leave_consumer_group",
  160: "send_messages",
  161: "store_consumer_offset",
  162: "delete_consumer_offset",
  164: "store_consumer_offset_2",
  165: "delete_consumer_offset_2",
});

/** Operation of a login; its request does not say by which credentials. */
export const REGISTER = 1;
/** Operation of requests that are not replicated; they carry a command code. */
export const NON_REPLICATED = 2;
/** First operation of the partition plane; below, but for 2, lies the metadata plane. */
export const FIRST_PARTITION_OPERATION = 160;

/** Why a server ends a session. */
export const EVICTION_REASONS: Readonly<Record<number, string>> = Object.freeze({
  0: "reserved",
  1: "no_session",
  2: "client_release_too_low",
  3: "client_release_too_high",
  4: "invalid_request_operation",
  5: "invalid_request_body",
  6: "invalid_request_body_size",
  7: "session_too_low",
  8: "session_release_mismatch",
  9: "invalid_credentials",
  10: "invalid_token",
  11: "user_inactive",
  12: "session_error",
  13: "stale_client",
  14: "incompatible_protocol",
  15: "malformed_login",
});

/** Reason of an eviction that answers no request: the session was idle for too long. */
export const STALE_CLIENT = 13;
/** Reason of an eviction that tells which protocol versions the server takes. */
export const INCOMPATIBLE_PROTOCOL = 14;

const METADATA_GROUP = 1n << 63n;

/**
 * The consensus group of a number, in words: `metadata`, or the stream, topic and partition
 * whose messages it replicates (20, 12 and 20 bits).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(groupText(1n << 63n), "metadata");
 * assertEquals(groupText(1n << 32n | 2n << 20n | 3n), "stream 1, topic 2, partition 3");
 * ```
 */
export function groupText(group: bigint): string {
  if (group === METADATA_GROUP) return "metadata";
  const partition = group & 0xf_ffffn;
  const topic = group >> 20n & 0xfffn;
  return `stream ${group >> 32n}, topic ${topic}, partition ${partition}`;
}
