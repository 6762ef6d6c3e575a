import {
  bool,
  enumeration,
  type Fields,
  type Kind,
  secret,
  size,
  u128,
  u32,
  u64,
  zeros,
} from "../../../core/schema/mod.ts";
import {
  client,
  clock,
  commit,
  fixedBytes,
  frame,
  group,
  nonce,
  ofBody,
  ofPrepare,
  op,
  operation,
  requestNumber,
  sealed,
  sealedWithBody,
} from "./header_parts.ts";
import { PREPARE, REPAIR_PREPARE } from "./names.ts";

const prepareFields = {
  client: u128("Client that asked; all ones for what a server made itself."),
  parent: u128("Checksum of the prepare before it in the group."),
  request_checksum: u128("The request's."),
  op: op(),
  commit,
  timestamp: clock,
  request: requestNumber,
  operation: operation(),
  _padding: zeros(7),
  group,
  user_id: u32("Acting user."),
  _reserved: zeros(28),
};

/** A prepare's header where its body does not follow: in bodies of view changes. */
export const prepareHeader: Kind<Fields> = frame(PREPARE, prepareFields, {
  header: ofPrepare,
});

const prepareSeals = { header: ofPrepare, body: ofBody };
const outcome = (names: Record<number, string>) =>
  enumeration(names, "What became of it.");

/**
 * The headers of what replicas send each other, by command byte.
 *
 * Source: apache/iggy core/binary_protocol/src/consensus/header.rs at server-0.9.0-edge.5.
 */
export const REPLICA_HEADERS: Readonly<Record<number, Kind<Fields>>> = Object.freeze({
  6: frame(PREPARE, prepareFields, prepareSeals),
  7: frame(7, {
    parent: u128("The prepare's parent."),
    prepare_checksum: u128("The prepare's checksum."),
    op: op(),
    commit,
    timestamp: clock,
    request: requestNumber,
    operation: operation(),
    _padding: zeros(7),
    group,
    _reserved: zeros(48),
  }, sealed),
  9: frame(9, {
    commit_checksum: u128("0."),
    timestamp_monotonic: u64("Sender's clock since its start."),
    commit,
    checkpoint_op: u64("0."),
    group,
    _reserved: zeros(80),
  }, sealed),
  10: frame(10, { group, _reserved: zeros(120) }, sealed),
  11: frame(11, {
    op: op("Operation of the first header in the body."),
    commit,
    group,
    log_view: u32("View in which the sender's log was last in order."),
    _reserved: zeros(68),
    nack_bitset: u128("Bit i: operation op - i was never prepared here."),
    present_bitset: u128("Bit i: the body of operation op - i is here."),
  }, sealedWithBody),
  12: frame(12, {
    op: op("Operation of the first header in the body."),
    commit,
    group,
    _reserved: zeros(88),
    incarnation: u128("The asking replica's; 0 where none asked."),
  }, sealedWithBody),
  14: frame(14, {
    nonce: secret(fixedBytes(32, "Dialer's nonce; 0 without authentication.")),
    _reserved: zeros(96),
  }),
  15: frame(15, {
    nonce: secret(fixedBytes(32, "Acceptor's nonce.")),
    mac: secret(fixedBytes(32, "Acceptor's keyed hash.")),
    status: enumeration({
      0: "ok",
      1: "unknown_command",
      2: "cluster_mismatch",
      3: "directional_rule",
      4: "auth_required",
      5: "mac_mismatch",
    }, "What the acceptor says to the dialer."),
    _reserved: zeros(63),
  }),
  16: frame(16, {
    _no_nonce: zeros(32),
    mac: secret(fixedBytes(32, "Dialer's keyed hash.")),
    _reserved: zeros(64),
  }),
  17: frame(17, {
    group,
    _reserved: zeros(104),
    incarnation: u128("Number of this start of the replica."),
  }, sealed),
  18: frame(18, {
    nonce,
    from_op: u64("First operation wanted."),
    to_op: u64("Last operation wanted."),
    group,
    _reserved: zeros(88),
  }, sealed),
  19: frame(REPAIR_PREPARE, prepareFields, prepareSeals),
  20: frame(20, {
    nonce,
    op: op("Last operation served."),
    group,
    _reserved: zeros(96),
  }, sealed),
  21: frame(21, {
    nonce,
    op: op("Oldest operation kept."),
    group,
    _reserved: zeros(96),
  }, sealed),
  22: frame(22, { nonce, group, _reserved: zeros(104) }, sealed),
  23: frame(23, {
    nonce,
    commit_op: u64("Operation that the state stands for."),
    group,
    available: bool("There is a state to fetch."),
    unavailable_transient: bool("There is none now, but may be later."),
    _align: zeros(6),
    commit_max: u64("Highest operation known to be committed anywhere."),
    _reserved: zeros(80),
  }, sealed),
  24: frame(24, {
    nonce,
    offset: size("Where the chunk begins in its artifact."),
    group,
    len: u32("Bytes wanted.", "bytes"),
    artifact: u32("Index of the artifact in the manifest."),
    _reserved: zeros(88),
  }, sealed),
  25: frame(25, {
    nonce,
    offset: size("Where the chunk begins in its artifact."),
    group,
    artifact: u32("Index of the artifact in the manifest."),
    _reserved: zeros(92),
  }, sealed),
  26: frame(26, {
    client,
    nonce,
    user_id: u32("User whose credentials the backup verified."),
    _reserved: zeros(92),
  }, sealed),
  27: frame(27, {
    nonce,
    client,
    epoch: u64("The session; 0 unless ok."),
    watermark: u64("Last request number of the session; 0 unless ok."),
    _reserved: zeros(79),
    outcome: outcome({
      0: "ok",
      1: "not_primary",
      2: "not_caught_up",
      3: "pipeline_full",
      4: "in_progress",
      5: "canceled",
      6: "client_id_owned_by_another_user",
    }),
  }, sealed),
  28: frame(28, {
    client,
    nonce,
    session: u64("The session that ends."),
    request: u64("Number of the logout; 2^64 - 1 where the connection closed."),
    _reserved: zeros(80),
  }, sealed),
  29: frame(29, {
    nonce,
    client,
    commit: u64("The logout's operation; 0 unless ok."),
    _reserved: zeros(87),
    outcome: outcome({
      0: "ok",
      1: "not_primary",
      2: "pipeline_full",
      3: "in_progress",
      4: "canceled",
    }),
  }, sealed),
});
