import { command } from "../../core/schema/mod.ts";
import { userId } from "../_types/identifier.ts";
import { responsePermissions } from "../_types/permissions.ts";
import { userHeader } from "../_types/user.ts";

/**
 * Describes a user; empty where there is none.
 *
 * Source: apache/iggy core/binary_protocol/src/{requests,responses}/users/get_user.rs at
 * server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/users/get_user.rs at
 * server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "get_user",
  doc: "Describes a user; empty where there is none.",
  code: 31,
  emptyIfMissing: true,
  request: { user_id: userId },
  response: { ...userHeader, permissions: responsePermissions },
  info: ["user_id", "username"],
});
