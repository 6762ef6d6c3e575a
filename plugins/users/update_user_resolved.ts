import { command, name8, optional } from "../../core/schema/mod.ts";
import { userId } from "../_types/identifier.ts";
import { derivedOptions, explicitOptions } from "../_types/options.ts";
import { userStatus } from "../_types/user.ts";

/**
 * Changes a user as update_resource asked; sent by replicas only.
 *
 * Source: src/requests/users/update_user_resolved.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.2.
 */
export default command({
  name: "update_user_resolved",
  doc: "Changes a user as update_resource asked; sent by replicas only.",
  operation: 74,
  replicates: "update_resource",
  since: "0.9.1-edge.2",
  request: {
    user_id: userId,
    username: optional(name8("New name; null leaves it.")),
    status: optional(userStatus),
    explicit_options: explicitOptions,
    derived_options: derivedOptions,
  },
  response: {},
  info: ["user_id", "username", "status"],
});
