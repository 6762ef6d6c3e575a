import type { FramingLua, FramingLuaTools } from "../../../core/framing/framing.ts";
import { nothing } from "../../../core/schema/mod.ts";
import { REPLICA_BODIES } from "./bodies.ts";
import { VSR_HEADERS } from "./headers.ts";
import { COMMAND_NAMES, EVICTION_REASONS, OPERATION_NAMES } from "./names.ts";
import runtime from "./vsr.lua" with { type: "text" };

/** VSR in the Wireshark export: the twin of this folder's algorithms, and tables of its data. */
export const vsrLua: FramingLua = Object.freeze<FramingLua>({ runtime, tables });

function tables({ layout, header, group, names }: FramingLuaTools): string {
  const lines = [
    `COMMAND_NAMES = ${names(COMMAND_NAMES)}`,
    `OPERATION_NAMES = ${names(OPERATION_NAMES)}`,
    `EVICTION_REASONS = ${names(EVICTION_REASONS)}`,
  ];
  VSR_HEADERS.forEach((kind, command) => {
    const made = header(
      kind,
      "iggy.vsr",
      `iggy.vsr_${COMMAND_NAMES[command]}`,
      "The header of a VSR frame.",
    );
    lines.push(`headers[${command}] = ${made}`);
  });
  for (const [command, kind] of Object.entries(REPLICA_BODIES)) {
    const name = `vsr.${COMMAND_NAMES[Number(command)]}`;
    group(`iggy.${name}`, "A frame between replicas.");
    const made = layout(kind, `iggy.${name}.request`, `The body of ${name}.`);
    lines.push(`bodies[${command}] = ${made}`);
  }
  group("iggy.vsr.body", "The body of a frame that has none.");
  const none = layout(nothing, "iggy.vsr.body", "The body of a frame that has none.");
  lines.push(`bodies.none = ${none}`);
  return lines.join("\n");
}
