import { command, secret, text8 } from "../../core/schema/mod.ts";
import { userId } from "../_types/identifier.ts";

/**
 * Changes a user's password.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/users/change_password.rs at server-0.8.0
 * and server-0.9.0-edge.5; core/common/src/commands/users/change_password.rs at
 * server-0.5.0.
 */
export default command({
  name: "change_password",
  doc: "Changes a user's password.",
  code: 37,
  operation: 144,
  request: {
    user_id: userId,
    current_password: secret(text8("Password so far; empty in prepares.")),
    new_password: secret(
      text8(
        "New password, 3 to 100 bytes; in prepares its Argon2 hash, or empty when refused.",
      ),
    ),
  },
  response: {},
  info: ["user_id"],
});
