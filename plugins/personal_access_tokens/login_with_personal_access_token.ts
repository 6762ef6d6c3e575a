import { command, idFrom, secret, text8 } from "../../core/schema/mod.ts";

/**
 * Logs a user in by token. Servers since 0.9-edge.2 refuse it: see
 * login_register_with_pat.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/personal_access_tokens/login_with_personal_access_token.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/personal_access_tokens/login_with_personal_access_token.rs at
 * server-0.5.0.
 */
export default command({
  name: "login_with_personal_access_token",
  doc: "Logs a user in by token.",
  code: 44,
  request: { token: secret(text8("Token, up to 255 bytes.")) },
  response: { user_id: idFrom("0.6", "User; root is 1 up to 0.5, 0 since 0.6.") },
  info: ["user_id"],
  logsIn: "user_id",
});
