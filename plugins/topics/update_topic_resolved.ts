import { command, name8, optional } from "../../core/schema/mod.ts";
import { streamId, topicId } from "../_types/identifier.ts";
import { derivedOptions, explicitOptions } from "../_types/options.ts";

/**
 * Changes a topic as update_resource asked; sent by replicas only.
 *
 * Source: src/requests/topics/update_topic_resolved.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.2.
 */
export default command({
  name: "update_topic_resolved",
  doc: "Changes a topic as update_resource asked; sent by replicas only.",
  operation: 73,
  replicates: "update_resource",
  since: "0.9.1-edge.2",
  request: {
    stream_id: streamId,
    topic_id: topicId,
    name: optional(name8("New name; null leaves it.")),
    explicit_options: explicitOptions,
    derived_options: derivedOptions,
  },
  response: {},
  info: ["stream_id", "topic_id", "name"],
});
