import {
  counted,
  fills,
  ifLeft,
  later,
  listOfCount,
  since,
  struct,
  u32,
  u64,
  u8,
  upTo,
  within,
} from "../../core/schema/mod.ts";

const node = u8("Node of the cluster, by the id of its replica.");

const assignment = struct({
  partition_id: u32("Number of the partition in its topic."),
  consensus_group_id: u64("Consensus group: stream << 32 | topic << 20 | partition."),
  initial_view: since("0.9.1-edge.2", u32("View in which the group begins.")),
  members: since(
    "0.9.1-edge.7",
    later(
      listOfCount(node, "members_count", "Nodes that keep the partition; none is all."),
      [],
    ),
  ),
});

/**
 * Partitions with the consensus groups that replicate them, as prepares create them.
 *
 * Source: apache/iggy core/binary_protocol/src/primitives/partition_assignment.rs at
 * server-0.9.0-edge.5, and the same file of the crate iggy_binary_protocol 0.11.1-edge.2 and
 * 0.11.1-edge.7.
 */
export const assignedPartitions = counted(u32(), assignment, "Partitions to create.");

/** The nodes of each partition, behind all of them; left out where all nodes keep them. */
export const assignedMembers = since(
  "0.9.1-edge.7",
  ifLeft(
    fills(
      {
        of: "partitions",
        field: "members",
        each: true,
        head: ["members_count", within(u8("Nodes of each partition."), 1, 255)],
      },
      listOfCount(node, "members_count"),
    ),
  ),
);

/** The view in which partitions were created; missing is 0. */
export const createdView = since(
  "0.9-edge.8",
  upTo("0.9.1-edge.1", ifLeft(u32("View in which the partitions were created."))),
);
