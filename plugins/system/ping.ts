import { command } from "../../core/schema/mod.ts";

/**
 * Asks whether the server is there.
 *
 * Source: apache/iggy core/binary_protocol/src/{requests,responses}/system/ping.rs at
 * server-0.8.0 and server-0.9.0-edge.5; core/common/src/commands/system/ping.rs at
 * server-0.5.0.
 */
export default command({
  name: "ping",
  doc: "Asks whether the server is there.",
  code: 1,
  request: {},
  response: {},
});
