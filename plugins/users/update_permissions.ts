import { command } from "../../core/schema/mod.ts";
import { userId } from "../_types/identifier.ts";
import { requestPermissions } from "../_types/permissions.ts";

/**
 * Replaces a user's permissions.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/users/update_permissions.rs at
 * server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/users/update_permissions.rs at server-0.5.0.
 */
export default command({
  name: "update_permissions",
  doc: "Replaces a user's permissions.",
  code: 36,
  operation: 145,
  request: { user_id: userId, permissions: requestPermissions },
  response: {},
  info: ["user_id"],
});
