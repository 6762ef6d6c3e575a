import { command, emptyIsNull, secret, text32, text8 } from "../../core/schema/mod.ts";
import { registered, versionInfo } from "../_types/session.ts";

/**
 * Logs a user in by token and opens a session. The code is not sent: the body tells it
 * from login_register.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/users/login_register_with_pat.rs
 * at server-0.9.0-edge.5.
 */
export default command({
  name: "login_register_with_pat",
  doc: "Logs a user in by token and opens a session.",
  code: 45,
  operation: 1,
  sharesOperation: true,
  since: "0.9-edge.2",
  request: {
    version_info: versionInfo,
    token: secret(text8("Personal access token, up to 255 bytes.")),
    client_context: emptyIsNull(text32("What the client says of itself.")),
  },
  response: registered,
  prepare: {},
  info: ["user_id"],
  logsIn: "user_id",
});
