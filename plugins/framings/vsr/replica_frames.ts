import {
  bool,
  byRelease,
  enumeration,
  fixedBytes,
  type Kind,
  secret,
  since,
  size,
  struct,
  u128,
  u32,
  u64,
  u8,
  unlessZeros,
  upTo,
  zeros,
} from "../../../core/schema/mod.ts";
import { registration } from "../../_types/session.ts";
import { manifest, stateChunk, viewSuffix } from "./bodies.ts";
import { type FrameKind, frameKind, type FrameTools } from "./frames.ts";
import {
  client,
  clock,
  commit,
  group,
  incarnation,
  nonce,
  ofBody,
  ofPrepare,
  op,
  requestNumber,
  ruled,
  sealed,
  sealedWithBody,
  VSR_HEADER,
} from "./header_parts.ts";
import { PREPARE, REPAIR_PREPARE } from "./names.ts";

const E1 = "0.9.1-edge.1";
const E2 = "0.9.1-edge.2";

/** The partition's incarnation, in headers since 0.9.1-edge.2. */
const partition_incarnation = since(E2, incarnation);
/** Reserved bytes: fewer since headers have the incarnation. */
const rest = (before: number): Kind<null> =>
  byRelease(since(E2, zeros(before - 8)), upTo(E1, zeros(before)));

const prepareFields = ({ operation }: FrameTools) => ({
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
  retry_capacity: since(
    E2,
    u32("Retries the group remembers, as its first prepare says."),
  ),
  partition_incarnation,
  _reserved: byRelease(since(E2, zeros(8)), upTo(E1, zeros(28))),
  session: since(E2, u64("Session of the client; 0 for logins and what servers made.")),
});

const prepareSeals = { header: ofPrepare, body: ofBody };
const outcome = (names: Record<number, string>) =>
  enumeration(names, "What became of it.");

const secret32 = (doc: string) => secret(fixedBytes(32, doc));

/** Of unpublished builds since 0.9.1-edge.1; zeros in all others. */
const buildIdentity = unlessZeros(fixedBytes(32, "Build of the sender."));

const bits = (doc: string) =>
  ruled(u128(doc), (bitset, { size }) => {
    const entries = Math.max(0, Math.floor((Number(size) - VSR_HEADER) / VSR_HEADER));
    const beyond = bitset >> BigInt(entries) !== 0n;
    return beyond ? `bits beyond the ${entries} headers of the body` : null;
  });

/**
 * The frames that replicas send each other.
 *
 * Source: apache/iggy core/binary_protocol/src/consensus/header.rs at server-0.9.0-edge.5, and
 * src/consensus/header.rs of the crate iggy_binary_protocol 0.11.1-edge.2, 0.11.1-edge.3 and
 * 0.11.1-edge.7.
 */
export const REPLICA_FRAMES: readonly FrameKind[] = Object.freeze([
  frameKind({
    number: PREPARE,
    name: "prepare",
    doc: "The unit of replication: an operation of a group with its place in the log.",
    fields: prepareFields,
    seals: prepareSeals,
    operationAt: 208,
  }),
  frameKind({
    number: 7,
    name: "prepare_ok",
    doc: "A backup has a prepare.",
    fields: ({ operation }) => ({
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
    }),
    seals: sealed,
  }),
  frameKind({
    number: 9,
    name: "commit",
    doc: "How far the primary has committed the group.",
    fields: () => ({
      commit_checksum: u128("0."),
      timestamp_monotonic: u64("Sender's clock since its start."),
      commit,
      checkpoint_op: u64("0."),
      group,
      partition_incarnation,
      _reserved: rest(80),
    }),
    seals: sealed,
  }),
  frameKind({
    number: 10,
    name: "start_view_change",
    doc: "Asks for another view.",
    fields: () => ({ group, partition_incarnation, _reserved: rest(120) }),
    seals: sealed,
  }),
  frameKind({
    number: 11,
    name: "do_view_change",
    doc: "What a replica's log ends with, for the next view's primary.",
    fields: () => ({
      op: op("Operation of the first header in the body."),
      commit: ruled(
        commit,
        (value, scope) => value > (scope.op as bigint) ? "a commit beyond op" : null,
      ),
      group,
      log_view: ruled(
        u32("View in which the sender's log was last in order."),
        (value, scope) =>
          value > (scope.view as number) ? "a log_view beyond view" : null,
      ),
      flags: since(
        "0.9.1-edge.3",
        ruled(
          u8("Bit 0: the sender's log is not to be trusted after a restart."),
          (value) => value > 1 ? `unknown flag bits ${value}` : null,
        ),
      ),
      _reserved: byRelease(
        since("0.9.1-edge.3", zeros(59)),
        since(E2, zeros(60)),
        upTo(E1, zeros(68)),
      ),
      partition_incarnation,
      nack_bitset: bits("Bit i: operation op - i was never prepared here."),
      present_bitset: bits("Bit i: the body of operation op - i is here."),
    }),
    seals: sealedWithBody,
    body: viewSuffix,
  }),
  frameKind({
    number: 12,
    name: "start_view",
    doc: "The log with which a view begins.",
    fields: () => ({
      op: op("Operation of the first header in the body."),
      commit,
      group,
      partition_incarnation,
      _reserved: rest(88),
      incarnation: u128("The asking replica's; 0 where none asked."),
    }),
    seals: sealedWithBody,
    body: viewSuffix,
  }),
  frameKind({
    number: 14,
    name: "replica_hello",
    doc: "Opens a link between replicas.",
    fields: () => ({
      nonce: secret32("Dialer's nonce; 0 without authentication."),
      _no_mac: zeros(32),
      _no_status: zeros(1),
      identity: buildIdentity,
      _reserved: zeros(31),
    }),
  }),
  frameKind({
    number: 15,
    name: "replica_challenge",
    doc: "Answers a hello.",
    fields: () => ({
      nonce: secret32("Acceptor's nonce."),
      mac: secret32("Acceptor's keyed hash."),
      status: enumeration({
        0: "ok",
        1: "unknown_command",
        2: "cluster_mismatch",
        3: "directional_rule",
        4: "auth_required",
        5: "mac_mismatch",
        6: "incompatible_build",
      }, "What the acceptor says to the dialer."),
      identity: buildIdentity,
      _reserved: zeros(31),
    }),
  }),
  frameKind({
    number: 16,
    name: "replica_finish",
    doc: "Ends a handshake.",
    fields: () => ({
      _no_nonce: zeros(32),
      mac: secret32("Dialer's keyed hash."),
      _no_status: zeros(1),
      identity: buildIdentity,
      _reserved: zeros(31),
    }),
  }),
  frameKind({
    number: 17,
    name: "request_start_view",
    doc: "Asks for the log of the current view.",
    fields: () => ({
      group,
      partition_incarnation,
      _reserved: rest(104),
      incarnation: u128("Number of this start of the replica."),
    }),
    seals: sealed,
  }),
  frameKind({
    number: 18,
    name: "request_prepares",
    doc: "Asks for prepares that are missing.",
    fields: () => ({
      nonce,
      from_op: u64("First operation wanted."),
      to_op: u64("Last operation wanted."),
      group,
      partition_incarnation,
      _reserved: rest(88),
    }),
    seals: sealed,
  }),
  frameKind({
    number: REPAIR_PREPARE,
    name: "repair_prepare",
    doc: "A prepare sent again to a replica that lags.",
    fields: prepareFields,
    seals: prepareSeals,
    operationAt: 208,
  }),
  frameKind({
    number: 20,
    name: "repair_done",
    doc: "All prepares that were asked for have been sent.",
    fields: () => ({
      nonce,
      op: op("Last operation served."),
      group,
      partition_incarnation,
      _reserved: rest(96),
    }),
    seals: sealed,
  }),
  frameKind({
    number: 21,
    name: "range_evicted",
    doc: "Prepares that were asked for are not kept any more.",
    fields: () => ({
      nonce,
      op: op("Oldest operation kept."),
      group,
      partition_incarnation,
      _reserved: rest(96),
    }),
    seals: sealed,
  }),
  frameKind({
    number: 22,
    name: "request_state_transfer",
    doc: "Asks for the whole state of a group.",
    fields: () => ({ nonce, group, partition_incarnation, _reserved: rest(104) }),
    seals: sealed,
  }),
  frameKind({
    number: 23,
    name: "state_transfer_target",
    doc: "Says what there is to fetch of a state.",
    fields: () => ({
      nonce,
      commit_op: u64("Operation that the state stands for."),
      group,
      available: bool("There is a state to fetch."),
      unavailable_transient: bool("There is none now, but may be later."),
      _align: zeros(6),
      commit_max: u64("Highest operation known to be committed anywhere."),
      partition_incarnation,
      _reserved: rest(80),
    }),
    seals: sealed,
    body: manifest,
  }),
  frameKind({
    number: 24,
    name: "request_state_chunk",
    doc: "Asks for a part of a state's artifact.",
    fields: () => ({
      nonce,
      offset: size("Where the chunk begins in its artifact."),
      group,
      len: u32("Bytes wanted.", "bytes"),
      artifact: u32("Index of the artifact in the manifest."),
      partition_incarnation,
      _reserved: rest(88),
    }),
    seals: sealed,
  }),
  frameKind({
    number: 25,
    name: "state_chunk",
    doc: "A part of a state's artifact.",
    fields: () => ({
      nonce,
      offset: size("Where the chunk begins in its artifact."),
      group,
      artifact: u32("Index of the artifact in the manifest."),
      _reserved: rest(92),
      partition_incarnation,
    }),
    seals: sealed,
    body: stateChunk,
  }),
  frameKind({
    number: 26,
    name: "forward_register",
    doc: "A login that a backup passes on to the primary.",
    fields: () => ({
      client,
      nonce,
      user_id: u32("User whose credentials the backup verified."),
      _reserved: zeros(92),
    }),
    seals: sealed,
    body: () => struct(registration),
  }),
  frameKind({
    number: 27,
    name: "forward_register_result",
    doc: "What became of a login that was passed on.",
    fields: () => {
      const outcomes = {
        0: "ok",
        1: "not_primary",
        2: "not_caught_up",
        3: "pipeline_full",
        4: "in_progress",
        5: "canceled",
        6: "client_id_owned_by_another_user",
      };
      return {
        nonce,
        client,
        epoch: u64("The session; 0 unless ok."),
        watermark: u64("Last request number of the session; 0 unless ok."),
        _reserved: zeros(79),
        outcome: byRelease(
          since(E2, outcome({ ...outcomes, 7: "unauthenticated" })),
          upTo(E1, outcome(outcomes)),
        ),
      };
    },
    seals: sealed,
  }),
  frameKind({
    number: 28,
    name: "forward_logout",
    doc: "A logout that a backup passes on to the primary.",
    fields: () => ({
      client,
      nonce,
      session: u64("The session that ends."),
      request: u64("Number of the logout; 2^64 - 1 where the connection closed."),
      _reserved: zeros(80),
    }),
    seals: sealed,
  }),
  frameKind({
    number: 29,
    name: "forward_logout_result",
    doc: "What became of a logout that was passed on.",
    fields: () => {
      const outcomes = {
        0: "ok",
        1: "not_primary",
        2: "pipeline_full",
        3: "in_progress",
        4: "canceled",
      };
      return {
        nonce,
        client,
        commit: u64("The logout's operation; 0 unless ok."),
        _reserved: zeros(87),
        outcome: byRelease(
          since(
            E2,
            outcome({ ...outcomes, 5: "request_too_old", 6: "operation_mismatch" }),
          ),
          upTo(E1, outcome(outcomes)),
        ),
      };
    },
    seals: sealed,
  }),
]);
