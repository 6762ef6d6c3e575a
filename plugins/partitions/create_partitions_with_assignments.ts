import { command, sized, struct, u32 } from "../../core/schema/mod.ts";
import {
  assignedMembers,
  assignedPartitions,
  createdView,
} from "../_types/assignments.ts";
import { createPartitionsRequest } from "./create_partitions.ts";

/**
 * Adds partitions that have their consensus groups; sent by replicas only.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/requests/partitions/create_partitions_with_assignments.rs at
 * server-0.9.0-edge.5; src/requests/partitions/create_partitions_with_assignments.rs of the
 * crate iggy_binary_protocol 0.11.0-edge.7, 0.11.1-edge.2 and 0.11.1-edge.7.
 */
export default command({
  name: "create_partitions_with_assignments",
  doc: "Adds partitions with their consensus groups; sent by replicas only.",
  operation: 65,
  replicates: "create_partitions",
  since: "0.9-edge.2",
  request: {
    request: sized(u32(), struct(createPartitionsRequest, "The request.")),
    partitions: assignedPartitions,
    created_view: createdView,
    _members: assignedMembers,
  },
  response: {},
});
