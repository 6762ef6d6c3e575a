import { command, list, struct } from "../../core/schema/mod.ts";
import { userHeader } from "../_types/user.ts";

/**
 * Lists the users.
 *
 * Source: apache/iggy core/binary_protocol/src/{requests,responses}/users/get_users.rs
 * at server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/users/get_users.rs
 * at server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "get_users",
  doc: "Lists the users.",
  code: 32,
  request: {},
  response: { users: list(struct(userHeader), undefined, "Users.") },
});
