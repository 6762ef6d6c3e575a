import { command, list, struct } from "../../core/schema/mod.ts";
import { clientHeader } from "../_types/client.ts";

/**
 * Lists the connected clients.
 *
 * Source: apache/iggy core/binary_protocol/src/requests/system/get_clients.rs at
 * server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/system/get_clients.rs
 * at server-0.5.0; layouts of 0.5 in core/binary_protocol/src/utils/mapper.rs at
 * server-0.5.0.
 */
export default command({
  name: "get_clients",
  doc: "Lists the connected clients.",
  code: 22,
  request: {},
  response: { clients: list(struct(clientHeader), undefined, "Connected clients.") },
});
