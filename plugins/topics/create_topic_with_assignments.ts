import { command, since, sized, struct, u32 } from "../../core/schema/mod.ts";
import {
  assignedMembers,
  assignedPartitions,
  createdView,
} from "../_types/assignments.ts";
import { derivedOptions } from "../_types/options.ts";
import { createTopicRequest } from "./create_topic.ts";

/**
 * Creates a topic whose partitions have their consensus groups; sent by replicas only.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/topics/create_topic_with_assignments.rs
 * at server-0.9.0-edge.5; src/requests/topics/create_topic_with_assignments.rs of the crate
 * iggy_binary_protocol 0.11.0-edge.7, 0.11.1-edge.2 and 0.11.1-edge.7.
 */
export default command({
  name: "create_topic_with_assignments",
  doc: "Creates a topic with its partitions' consensus groups; sent by replicas only.",
  operation: 64,
  replicates: "create_topic",
  since: "0.9-edge.2",
  request: {
    request: sized(u32(), struct(createTopicRequest, "The request.")),
    derived_options: since("0.9-edge.4", derivedOptions),
    partitions: assignedPartitions,
    created_view: createdView,
    _members: assignedMembers,
  },
  response: {},
});
