import { command } from "../../core/schema/mod.ts";
import { installationFields } from "../_types/installation.ts";

/**
 * Tells a partition who reads it in a consumer group; sent by replicas only.
 *
 * Source: src/requests/partitions/install_consumer_group_owner.rs of the crate
 * iggy_binary_protocol 0.11.1-edge.2.
 */
export default command({
  name: "install_consumer_group_owner",
  doc: "Tells a partition who reads it in a consumer group; sent by replicas only.",
  operation: 167,
  resultSection: false,
  since: "0.9.1-edge.2",
  request: installationFields,
  response: {},
  info: ["group_id", "metadata_op"],
});
