import { command, counted, u32, u64 } from "../../core/schema/mod.ts";

/**
 * Tells a partition which consumer groups are left; sent by replicas only.
 *
 * Source: src/requests/partitions/retire_consumer_group_owners.rs of the crate
 * iggy_binary_protocol 0.11.1-edge.2.
 */
export default command({
  name: "retire_consumer_group_owners",
  doc: "Tells a partition which consumer groups are left; sent by replicas only.",
  operation: 169,
  resultSection: false,
  since: "0.9.1-edge.2",
  request: {
    incarnation: u64("Revision of the partition's creation."),
    metadata_op: u64("Metadata operation that did it."),
    next_group_id: u64("Number that the next consumer group gets."),
    live_group_ids: counted(u32(), u64("Consumer group."), "Groups that are left."),
  },
  response: {},
  info: ["metadata_op"],
});
