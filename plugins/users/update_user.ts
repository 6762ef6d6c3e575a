import { command, described, name8, optional, since } from "../../core/schema/mod.ts";
import { userId } from "../_types/identifier.ts";
import { requestOptions } from "../_types/options.ts";
import { userStatus } from "../_types/user.ts";

/**
 * Changes a user's name or status.
 *
 * Source: apache/iggy core/binary_protocol/src/{requests,responses}/users/update_user.rs
 * at server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/users/update_user.rs
 * at server-0.5.0.
 */
export default command({
  name: "update_user",
  doc: "Changes a user's name or status.",
  code: 35,
  operation: 142,
  upTo: "0.9.1-edge.1",
  request: {
    user_id: userId,
    username: optional(name8("New name, 3 to 50 bytes; null leaves it.")),
    status: described(optional(userStatus), "New status; null leaves it."),
    options: since("0.9-edge.4", requestOptions),
  },
  response: {},
  info: ["user_id", "username", "status"],
});
