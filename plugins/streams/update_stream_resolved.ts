import { command, name8, optional } from "../../core/schema/mod.ts";
import { streamId } from "../_types/identifier.ts";
import { derivedOptions, explicitOptions } from "../_types/options.ts";

/**
 * Changes a stream as update_resource asked; sent by replicas only.
 *
 * Source: src/requests/streams/update_stream_resolved.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.2.
 */
export default command({
  name: "update_stream_resolved",
  doc: "Changes a stream as update_resource asked; sent by replicas only.",
  operation: 72,
  replicates: "update_resource",
  since: "0.9.1-edge.2",
  request: {
    stream_id: streamId,
    name: optional(name8("New name; null leaves it.")),
    explicit_options: explicitOptions,
    derived_options: derivedOptions,
  },
  response: {},
  info: ["stream_id", "name"],
});
