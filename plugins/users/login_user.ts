import {
  command,
  idFrom,
  name8,
  optionalText32,
  secret,
  text8,
} from "../../core/schema/mod.ts";

/**
 * Logs a user in by password. Servers since 0.9-edge.2 refuse it: see login_register.
 *
 * Source: apache/iggy core/binary_protocol/src/{requests,responses}/users/login_user.rs
 * at server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/users/login_user.rs
 * at server-0.5.0.
 */
export default command({
  name: "login_user",
  doc: "Logs a user in by password.",
  code: 38,
  request: {
    username: name8("Name, 3 to 50 bytes."),
    password: secret(text8("Password, 3 to 100 bytes.")),
    version: optionalText32("Release of the client library; may be missing at the end."),
    context: optionalText32("What the client says of itself; may be missing at the end."),
  },
  response: { user_id: idFrom("0.6", "User; root is 1 up to 0.5, 0 since 0.6.") },
  info: ["username"],
  logsIn: "username",
});
