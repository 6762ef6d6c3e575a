import {
  bool,
  byRelease,
  enumeration,
  list,
  since,
  size,
  struct,
  u16,
  u32,
  u64,
  u8,
  upTo,
  zeros,
} from "../../../core/schema/mod.ts";
import { sessionList } from "./bodies.ts";
import { type FrameKind, frameKind } from "./frames.ts";
import { group, incarnation, nonce, notZero, ruled, sealed } from "./header_parts.ts";

const namespace = u64("Consensus group of the partition; 0 for the metadata group.");
const revision = u64("Revision of the partition's creation.");
const E1 = "0.9.1-edge.1";
const E2 = "0.9.1-edge.2";
const E7 = "0.9.1-edge.7";

const sessionFields = () => ({
  incomplete: bool("There are more sessions than these."),
  _reserved: byRelease(since(E2, zeros(119)), upTo(E1, zeros(127))),
  namespace_revision: since(
    E2,
    u64("Revision of the partitions that were swept; 0 in heartbeats."),
  ),
});

const partitionStatus = struct({
  namespace,
  created_revision: revision,
  view: u32("View of the partition's group."),
  commit: u64("Highest operation known to be committed."),
  current_offset: u64("Offset of the newest message."),
  messages_count: u64("Messages in the partition."),
  size_bytes: size("Bytes of all its messages."),
  segments_count: u32("Segments on disk."),
  in_sync_nodes: u32("Bit n: node n has all of it."),
});

const KINDS = {
  0: "metadata_probe",
  1: "metadata_reply",
  2: "partition_probe",
  3: "partition_reply",
  4: "source_probe",
  5: "source_reply",
  6: "primary_transfer",
};

/**
 * The frames between replicas that came with the 0.9.1 series.
 *
 * Source: src/consensus/header.rs of the crate iggy_binary_protocol 0.11.1-edge.1,
 * 0.11.1-edge.2 and 0.11.1-edge.7; src/primitives/partition_status.rs of 0.11.1-edge.7.
 */
export const NEWER_FRAMES: readonly FrameKind[] = Object.freeze([
  frameKind({
    number: 30,
    name: "consumer_session_heartbeat",
    doc: "The sessions whose clients a backup has heard of; never answered.",
    since: E1,
    fields: sessionFields,
    seals: sealed,
    body: sessionList,
  }),
  frameKind({
    number: 31,
    name: "session_retirement_progress",
    doc: "The sessions that a replica's partitions still hold.",
    since: E2,
    fields: sessionFields,
    seals: sealed,
    body: sessionList,
  }),
  frameKind({
    number: 32,
    name: "forward_completion",
    doc: "What partitions of a backup have carried out; never answered.",
    since: E2,
    fields: ({ operation }) => ({
      reporter: u16("Shard that reports; 0 for a revocation."),
      operation: ruled(
        operation("What was carried out."),
        (name) =>
          name === "complete_lifecycle" || name === "complete_consumer_group_revocation"
            ? null
            : "no operation that is completed so",
      ),
      _reserved: zeros(125),
    }),
    seals: sealed,
    operationAt: 130,
  }),
  frameKind({
    number: 33,
    name: "primary_rebalance",
    doc: "Asks, tells or hands over who leads a group.",
    since: E2,
    fields: () => ({
      nonce: notZero(nonce),
      namespace,
      created_revision: revision,
      commit: u64("Highest operation known to be committed."),
      quorum_age_ns: u64("Age of the quorum's word in ns; 2^64 - 1 for none."),
      partition_view: u32("View of the partition's group."),
      kind: enumeration(KINDS, "What is asked or told."),
      ready: bool("The replica could lead; in replies."),
      target: u8("Replica that is to lead; in a transfer."),
      _reserved: zeros(73),
    }),
    seals: sealed,
    body: () =>
      struct({
        entries: since(E7, list(partitionStatus, undefined, "Partitions of the node.")),
      }),
  }),
  frameKind({
    number: 34,
    name: "segment_delete",
    doc: "Asks up to which offset a partition's oldest segments reach.",
    since: E2,
    fields: () => ({
      nonce: notZero(nonce),
      namespace,
      created_revision: notZero(revision),
      minimum_metadata_op: u64("Metadata operation that the replica has to know first."),
      up_to_offset: u64("Offset that they reach; in kind resolved."),
      segments_count: u32("Segments to delete."),
      kind: enumeration({ 0: "query", 1: "resolved", 2: "retry" }, "What is said."),
      _reserved: zeros(75),
    }),
    seals: sealed,
  }),
  frameKind({
    number: 35,
    name: "commit_reply",
    doc: "A backup has heard the commit.",
    since: E7,
    fields: () => ({
      timestamp_monotonic: u64("The commit's."),
      group,
      partition_incarnation: incarnation,
      _reserved: zeros(104),
    }),
    seals: sealed,
  }),
  frameKind({
    number: 36,
    name: "prepare_progress",
    doc: "Asks or tells how far a replica's log of a group reaches.",
    since: E7,
    fields: () => ({
      nonce: u64("Ties an answer to its question."),
      group,
      partition_incarnation: incarnation,
      observed_op: u64("Newest operation that it knows of."),
      received_op: u64("Newest operation that it received."),
      held_op: u64("Newest operation that it holds."),
      commit_op: u64("Highest operation known to be committed."),
      kind: enumeration({ 0: "probe", 1: "reply" }, "Whether it asks or tells."),
      ready: bool("The replica could lead; in replies."),
      _reserved: zeros(70),
    }),
    seals: sealed,
  }),
]);
