import { struct, u128, u64 } from "../../core/schema/mod.ts";

/** The fields of an {@link installation}. */
export const installationFields = {
  incarnation: u64("Revision of the partition's creation."),
  group_id: u64("Consumer group, by number."),
  owner: struct({
    client_id: u128("Client that reads the partition; 0 is nobody."),
    session: u64("Session of that client; 0 is nobody."),
    generation: u64("Counts the owners of the partition in the group."),
  }, "Who reads the partition in the group."),
  metadata_op: u64("Metadata operation that made it the owner."),
};

/**
 * The owner of a partition in a consumer group, as the metadata group hands it to the partition.
 *
 * Source: src/requests/partitions/install_consumer_group_owner.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.2.
 */
export const installation = struct(installationFields, "The owner that is installed.");
