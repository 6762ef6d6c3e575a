import { command } from "../../core/schema/mod.ts";
import { userId } from "../_types/identifier.ts";

/**
 * Deletes a user.
 *
 * Source: apache/iggy core/binary_protocol/src/{requests,responses}/users/delete_user.rs
 * at server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/users/delete_user.rs
 * at server-0.5.0.
 */
export default command({
  name: "delete_user",
  doc: "Deletes a user.",
  code: 34,
  operation: 143,
  request: { user_id: userId },
  response: {},
  info: ["user_id"],
});
