import {
  command,
  emptyIsNull,
  name8,
  secret,
  text32,
  text8,
} from "../../core/schema/mod.ts";
import { bindSecret, registered, registration, versionInfo } from "../_types/session.ts";

/**
 * Logs a user in by password and opens a session. The code is not sent: the body tells
 * it from login_register_with_pat.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/users/login_register.rs at
 * server-0.9.0-edge.5; src/requests/users/login_register.rs of the crate iggy_binary_protocol
 * 0.11.1-edge.2.
 */
export default command({
  name: "login_register",
  doc: "Logs a user in by password and opens a session.",
  code: 40,
  operation: 1,
  operationName: "register",
  sharesOperation: true,
  since: "0.9-edge.2",
  request: {
    version_info: versionInfo,
    bind_secret: bindSecret,
    username: name8("Name, 3 to 50 bytes."),
    password: secret(text8("Password, 3 to 100 bytes.")),
    client_context: emptyIsNull(text32("What the client says of itself.")),
  },
  response: registered,
  prepare: registration,
  info: ["username"],
  logsIn: "username",
});
