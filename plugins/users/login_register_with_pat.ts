import { command, emptyIsNull, secret, text32, text8 } from "../../core/schema/mod.ts";
import { bindSecret, registered, registration, versionInfo } from "../_types/session.ts";

/**
 * Logs a user in by token and opens a session. The code is not sent: the body tells it
 * from login_register.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/users/login_register_with_pat.rs
 * at server-0.9.0-edge.5; src/requests/users/login_register_with_pat.rs of the crate
 * iggy_binary_protocol 0.11.1-edge.2.
 */
export default command({
  name: "login_register_with_pat",
  doc: "Logs a user in by token and opens a session.",
  code: 45,
  operation: 1,
  operationName: "register",
  sharesOperation: true,
  since: "0.9-edge.2",
  request: {
    version_info: versionInfo,
    bind_secret: bindSecret,
    token: secret(text8("Personal access token, up to 255 bytes.")),
    client_context: emptyIsNull(text32("What the client says of itself.")),
  },
  response: registered,
  prepare: registration,
  info: ["user_id"],
  logsIn: "user_id",
});
