import { struct, u64 } from "../../core/schema/mod.ts";

/** Which owner of the partition in a consumer group is meant. */
export const ownerGeneration = u64(
  "Generation of the group's owner of the partition; 0 is none.",
);

/** The fields of a {@link partitionContext}. */
export const partitionContextFields = {
  incarnation: u64("Revision of the partition's creation; 0 is none."),
  owner_generation: ownerGeneration,
  metadata_op: u64("Metadata operation that the view comes from."),
};

/**
 * Which life of a partition a request or an answer is about.
 *
 * Source: src/primitives/partition_history.rs of the crate iggy_binary_protocol 0.11.1-edge.2.
 */
export const partitionContext = struct(
  partitionContextFields,
  "Which life of the partition is meant.",
);
