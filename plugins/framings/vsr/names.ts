/**
 * The numbers of the VSR framing that its algorithms ask about. Names come from the tables of
 * frames and commands.
 *
 * Source: apache/iggy core/binary_protocol/src/consensus/ at server-0.9.0-edge.5.
 *
 * @module
 */

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

/** Operations that are no command's, or of which only the name is known. */
export const OTHER_OPERATIONS: Readonly<Record<number, string>> = Object.freeze({
  0: "reserved",
  2: "non_replicated",
  66: "remove_consumer_group_member",
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
