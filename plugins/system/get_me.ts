import { command } from "../../core/schema/mod.ts";
import { clientDetails } from "../_types/client.ts";

/**
 * Describes the client that asks.
 *
 * Source: apache/iggy core/binary_protocol/src/{requests,responses}/system/get_me.rs at
 * server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/system/get_me.rs at
 * server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "get_me",
  doc: "Describes the client that asks.",
  code: 20,
  request: {},
  response: clientDetails,
  info: ["client_id", "address"],
});
