import { command, name8, secret, since, text8 } from "../../core/schema/mod.ts";
import { requestOptions } from "../_types/options.ts";
import { requestPermissions, responsePermissions } from "../_types/permissions.ts";
import { userHeader, userStatus } from "../_types/user.ts";

/**
 * Creates a user and describes it.
 *
 * Source: apache/iggy core/binary_protocol/src/{requests,responses}/users/create_user.rs
 * at server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/users/create_user.rs
 * at server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "create_user",
  doc: "Creates a user and describes it.",
  code: 33,
  operation: 141,
  request: {
    username: name8("Name, 3 to 50 bytes."),
    password: secret(text8("Password, 3 to 100 bytes; its Argon2 hash in prepares.")),
    status: userStatus,
    permissions: requestPermissions,
    options: since("0.9-edge.4", requestOptions),
  },
  response: { ...userHeader, permissions: responsePermissions },
  info: ["username", "status"],
});
