import type { FramingLua, FramingLuaTools } from "../../../core/framing/framing.ts";
import { nothing } from "../../../core/schema/mod.ts";
import { REPLICA_BODIES } from "./bodies.ts";
import { VSR_HEADER } from "./header_parts.ts";
import { VSR_HEADERS } from "./headers.ts";
import {
  COMMAND_NAMES,
  EVICTION,
  EVICTION_REASONS,
  INCOMPATIBLE_PROTOCOL,
  LAST_COMMAND,
  NON_REPLICATED,
  OPERATION_NAMES,
  PREPARE,
  REGISTER,
  REPAIR_PREPARE,
  REPLY,
  REQUEST,
  STALE_CLIENT,
} from "./names.ts";
import { OLD_LOGINS, QUIET_SECONDS } from "./pairing.ts";
import { MAX_FRAME } from "./shape.ts";
import runtime from "./vsr.lua" with { type: "text" };

/** VSR in the Wireshark export: the twin of this folder's algorithms, and tables of its data. */
export const vsrLua: FramingLua = Object.freeze<FramingLua>({
  facts: {
    header: VSR_HEADER,
    max_frame: MAX_FRAME,
    last_command: LAST_COMMAND,
    request: REQUEST,
    prepare: PREPARE,
    reply: REPLY,
    eviction: EVICTION,
    repair_prepare: REPAIR_PREPARE,
    register: REGISTER,
    non_replicated: NON_REPLICATED,
    stale_client: STALE_CLIENT,
    incompatible_protocol: INCOMPATIBLE_PROTOCOL,
    quiet_seconds: QUIET_SECONDS,
    old_logins: Object.fromEntries(OLD_LOGINS.map((code) => [code, true])),
    command_names: COMMAND_NAMES,
    operation_names: OPERATION_NAMES,
    eviction_reasons: EVICTION_REASONS,
  },
  runtime,
  reads: ["server_version"],
  tables,
});

function tables({ layout, headers, group }: FramingLuaTools, root: string): string {
  const own = `${root}.vsr`;
  const lines = headers(VSR_HEADERS, own, "The header of a VSR frame.")
    .map((made, command) => `headers[${command}] = ${made}`);
  for (const [command, kind] of Object.entries(REPLICA_BODIES)) {
    const name = `vsr.${COMMAND_NAMES[Number(command)]}`;
    group(`${root}.${name}`, "A frame between replicas.");
    const made = layout(kind, `${root}.${name}.request`, `The body of ${name}.`);
    lines.push(`bodies[${command}] = ${made}`);
  }
  group(`${own}.body`, "The body of a frame that has none.");
  const none = layout(nothing, `${own}.body`, "The body of a frame that has none.");
  lines.push(`bodies.none = ${none}`);
  return lines.join("\n");
}
