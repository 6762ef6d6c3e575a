import { struct } from "../../core/schema/mod.ts";
import { clusterNodeFields } from "./cluster_node.ts";
import { sessionIdentity } from "./session.ts";

/**
 * Where to go for a partition, and whose session to name there.
 *
 * Source: src/responses/messages/ of the crate iggy_binary_protocol 0.11.0.
 */
export const pollRouting = {
  consumer_session: sessionIdentity,
  primary: struct(clusterNodeFields, "Replica that leads the partition."),
};
