import { command, u32, volatile } from "../../core/schema/mod.ts";
import { clientDetails } from "../_types/client.ts";

/**
 * Describes a connected client; empty where there is none.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/system/get_client.rs at
 * server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/system/get_client.rs at
 * server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "get_client",
  doc: "Describes a connected client; empty where there is none.",
  code: 21,
  emptyIfMissing: true,
  request: { client_id: volatile(u32("Client; 0 is none.")) },
  response: clientDetails,
  info: ["client_id"],
});
