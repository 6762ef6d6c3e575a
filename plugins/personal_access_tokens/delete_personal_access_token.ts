import { bool, command, name8, u32 } from "../../core/schema/mod.ts";

/**
 * Deletes a personal access token.
 *
 * Source: apache/iggy
 * core/binary_protocol/src/{requests,responses}/personal_access_tokens/delete_personal_access_token.rs
 * at server-0.8.0 and server-0.9.0-edge.5;
 * core/common/src/commands/personal_access_tokens/delete_personal_access_token.rs at
 * server-0.5.0.
 */
export default command({
  name: "delete_personal_access_token",
  doc: "Deletes a personal access token.",
  code: 43,
  operation: 147,
  request: { name: name8("Name of the token, 3 to 30 bytes.") },
  response: {},
  prepare: {
    user_id: u32("User of the token."),
    name: name8("Name of the token."),
    only_if_expired: bool("Delete the token only where it has ended."),
  },
  info: ["name"],
});
