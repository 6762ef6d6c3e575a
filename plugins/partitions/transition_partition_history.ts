import { command, u64 } from "../../core/schema/mod.ts";

/**
 * Tells a partition that its history begins anew; sent by replicas only.
 *
 * Source: src/requests/partitions/transition_partition_history.rs of the crate
 * iggy_binary_protocol 0.11.1-edge.2.
 */
export default command({
  name: "transition_partition_history",
  doc: "Tells a partition that its history begins anew; sent by replicas only.",
  operation: 168,
  resultSection: false,
  since: "0.9.1-edge.2",
  request: {
    incarnation: u64("Revision of the partition's creation."),
    metadata_op: u64("Metadata operation that did it."),
  },
  response: {},
  info: ["incarnation", "metadata_op"],
});
