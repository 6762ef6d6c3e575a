import { command } from "../../core/schema/mod.ts";

/**
 * Logs the user out; the connection stays.
 *
 * Source: apache/iggy core/binary_protocol/src/{requests,responses}/users/logout_user.rs
 * at server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/users/logout_user.rs
 * at server-0.5.0.
 */
export default command({
  name: "logout_user",
  doc: "Logs the user out; the connection stays.",
  code: 39,
  operation: 3,
  operationName: "logout",
  resultSection: false,
  request: {},
  response: {},
});
