import type { FramingLua, FramingLuaTools } from "../../../core/framing/framing.ts";
import { type CommandTable, LATEST, nothing } from "../../../core/schema/mod.ts";
import type { FrameTable } from "./frames.ts";
import { VSR_HEADER } from "./header_parts.ts";
import {
  EVICTION,
  EVICTION_REASONS,
  INCOMPATIBLE_PROTOCOL,
  NON_REPLICATED,
  REGISTER,
  REPLY,
  REQUEST,
  STALE_CLIENT,
} from "./names.ts";
import { OLD_LOGINS } from "./pairing.ts";
import { statesVersion } from "./request.ts";
import { VSR_TEXTS } from "../texts.ts";
import { MAX_FRAME } from "./shape.ts";
import { AMBIGUOUS, ANSWERS_UNKNOWN, NEWEST_PROTOCOL, PROTOCOLS } from "./versions.ts";
import runtime from "./vsr.lua" with { type: "text" };

/** VSR in the Wireshark export: the twin of this folder's algorithms, and tables of its data. */
export function vsrLua(frames: FrameTable, commands: CommandTable): FramingLua {
  return Object.freeze<FramingLua>({
    facts: {
      header: VSR_HEADER,
      max_frame: MAX_FRAME,
      request: REQUEST,
      reply: REPLY,
      eviction: EVICTION,
      register: REGISTER,
      non_replicated: NON_REPLICATED,
      stale_client: STALE_CLIENT,
      incompatible_protocol: INCOMPATIBLE_PROTOCOL,
      old_logins: Object.fromEntries(OLD_LOGINS.map((code) => [code, true])),
      command_names: frames.names,
      operation_names: frames.operations,
      eviction_reasons: EVICTION_REASONS,
      protocols: Object.fromEntries(
        [...PROTOCOLS].map(([number, { first, last }]) => [number, [first, last]]),
      ),
      newest_protocol: NEWEST_PROTOCOL,
      ambiguous_protocol: AMBIGUOUS,
      answers_unknown: ANSWERS_UNKNOWN,
      states_version: Object.fromEntries(
        commands.all.filter(statesVersion).map(({ name }) => [name, true]),
      ),
      texts: VSR_TEXTS,
      operation_at: Object.fromEntries(
        frames.all.flatMap(({ spec, operationAt }) =>
          operationAt === null ? [] : [[spec.number, operationAt]]
        ),
      ),
    },
    runtime,
    reads: ["server_version", "server_protocol_version"],
    tables: (tools, root) => tables(tools, root, frames),
  });
}

function tables(
  { layout, headers, group }: FramingLuaTools,
  root: string,
  frames: FrameTable,
): string {
  const own = `${root}.vsr`;
  const kinds = [...frames.all.map(({ header }) => header), frames.unknown];
  const made = headers(kinds, own, "The header of a VSR frame.");
  const lines = frames.all.flatMap(({ spec, name, from, to, body }, i) => {
    const { number } = spec;
    const each = [
      `headers[${number}] = ${made[i]}`,
      `lifespans[${number}] = { ${from}, ${to === LATEST ? "math.huge" : to} }`,
    ];
    if (spec.body !== undefined) {
      group(`${own}.${name}`, "A frame between replicas.");
      const path = `${own}.${name}.request`;
      each.push(`bodies[${number}] = ${layout(body, path, `The body of vsr.${name}.`)}`);
    }
    return each;
  });
  lines.push(`headers.unknown = ${made[frames.all.length]}`);
  group(`${own}.body`, "The body of a frame that has none.");
  const none = layout(nothing, `${own}.body`, "The body of a frame that has none.");
  lines.push(`bodies.none = ${none}`);
  return lines.join("\n");
}
