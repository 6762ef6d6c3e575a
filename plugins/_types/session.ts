import { name8, open, struct, u32, u64, volatile } from "../../core/schema/mod.ts";

/**
 * The client at the head of a login of the VSR generation.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/users/login_register.rs at
 * server-0.9.0-edge.5.
 */
export const versionInfo = struct({
  protocol_version: u32("Version of the protocol: major << 20 | minor << 10 | patch."),
  sdk_name: open(name8("Name of the client library, such as rust-sdk.")),
  sdk_version: open(name8("Version of the client library.")),
}, "What the client is.");

/** The answer to a login of the VSR generation. */
export const registered = {
  user_id: u32("User who logged in; root is 0."),
  session: volatile(
    u64("Session for all later requests: the op of the committed login."),
  ),
  server_protocol_version: u32("As protocol_version of the request."),
  server_version: open(name8("Release of the server, such as 0.9.0-edge.5.")),
};
