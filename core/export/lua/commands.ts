import type { Registry } from "../../dissect/registry.ts";
import { REPLICA_BODIES } from "../../framing/vsr_bodies.ts";
import { VSR_HEADERS } from "../../framing/vsr_headers.ts";
import {
  COMMAND_NAMES,
  EVICTION_REASONS,
  OPERATION_NAMES,
} from "../../framing/vsr_names.ts";
import {
  type Command,
  type Kind,
  layoutBorders,
  luaLiteral,
  nothing,
} from "../../schema/mod.ts";
import { type LuaFields, luaNames } from "./fields.ts";
import { LuaExportError, type LuaWriter } from "./scope.ts";

/** The framings that the Lua runtime knows. */
const FRAMINGS = ["classic", "vsr"];
/** Framings that carry others: Wireshark's own dissectors of them ask ours. */
export const CARRIERS: readonly string[] = ["websocket"];
/** Statuses that may have a name. */
const MOST_STATUS = 20_000;

/** The Lua of a registry's commands: a table each. */
export function commandLua(
  { commands }: Registry,
  writer: LuaWriter,
  fields: LuaFields,
): string {
  return commands.all.map((command) => {
    const { name, doc } = command;
    const path = `iggy.${name}`;
    fields.group(path, doc);
    const part = (side: "request" | "response" | "prepare") => {
      const kind = command[side];
      if (kind === null) return null;
      fields.layout(kind, `${path}.${side}`, `The ${side} of ${name}.`);
      return layoutLua(kind, `${path}.${side}`, writer);
    };
    const entries: (readonly [string, string | number | null])[] = [
      ["name", luaLiteral(name)],
      ["code", command.code],
      ["operation", command.operation],
      ["replicated_as", command.replicatedAs],
      ["result_section", flag(command.resultSection)],
      ["empty_if_missing", flag(command.emptyIfMissing)],
      ["request", part("request")],
      ["response", part("response")],
      ["prepare", part("prepare")],
      ["staged", stagedLua(command, writer)],
      ["info", `{ ${command.info.map(luaLiteral).join(", ")} }`],
    ];
    const lines = entries.filter(([, value]) => value !== null)
      .map(([key, value]) => `  ${key} = ${value},`);
    return `command({\n${lines.join("\n")}\n})`;
  }).join("\n");
}

function flag(value: boolean): string | null {
  return value ? "true" : null;
}

/** A layout with what the choice of a release needs to know of it. */
function layoutLua(kind: Kind<unknown>, path: string, writer: LuaWriter): string {
  const borders = [...layoutBorders(kind)].sort((a, b) => a - b);
  const reader = writer.layout(kind, path);
  const args = [luaLiteral(path), reader, kind.minSize, `{ ${borders.join(", ")} }`];
  const empty = kind.fields?.length === 0 ? ", true" : "";
  return `layout(${args.join(", ")}${empty})`;
}

function stagedLua({ staged, request, name }: Command, writer: LuaWriter): string | null {
  if (staged === null) return null;
  const fields = request.fields ?? [];
  const at = (wanted: string) => fields.findIndex(([field]) => field === wanted);
  const metadata = fields.slice(at(staged.length) + 1, at(staged.count) + 1);
  const reader = writer.fields(metadata, `iggy.${name}.metadata`);
  return `{ count = ${luaLiteral(staged.count)}, item_size = ${staged.itemSize}, ` +
    `metadata = layout("", ${reader}, 0, {}) }`;
}

/** The Lua of a registry's framings: releases, and the headers and bodies of VSR. */
export function framingLua(
  registry: Registry,
  writer: LuaWriter,
  fields: LuaFields,
): string {
  const lines: string[] = [];
  for (const framing of registry.framings) {
    if (CARRIERS.includes(framing.name)) continue;
    if (!FRAMINGS.includes(framing.name)) {
      throw new LuaExportError(`the framing ${framing.name} has no Lua runtime`);
    }
    const releases = registry.generations(framing).join(", ");
    lines.push(
      `framings.${framing.name} = { framing = ${framing.name}, releases = { ${releases} } }`,
    );
  }
  lines.push(
    `COMMAND_NAMES = ${luaNames(numbered(COMMAND_NAMES))}`,
    `OPERATION_NAMES = ${luaNames(numbered(OPERATION_NAMES))}`,
    `EVICTION_REASONS = ${luaNames(numbered(EVICTION_REASONS))}`,
  );
  VSR_HEADERS.forEach((kind, command) => {
    fields.layout(kind as Kind<unknown>, "iggy.vsr", "The header of a VSR frame.");
    const reader = writer.layout(
      kind as Kind<unknown>,
      `iggy.vsr_${COMMAND_NAMES[command]}`,
    );
    lines.push(`headers[${command}] = layout("iggy.vsr", ${reader}, 256, {})`);
  });
  for (const [command, kind] of Object.entries(REPLICA_BODIES)) {
    const name = `vsr.${COMMAND_NAMES[Number(command)]}`;
    const path = `iggy.${name}.request`;
    fields.group(`iggy.${name}`, `A frame between replicas.`);
    fields.layout(kind, path, `The body of ${name}.`);
    lines.push(`bodies[${command}] = ${layoutLua(kind, path, writer)}`);
  }
  fields.group("iggy.vsr.body", "The body of a frame that has none.");
  lines.push(`bodies.none = ${layoutLua(nothing, "iggy.vsr.body", writer)}`);
  return lines.join("\n");
}

function numbered(names: Readonly<Record<number, string>>): [number, string][] {
  return Object.entries(names).map(([number, name]) => [Number(number), name]);
}

/** The names of statuses, and those that older releases gave the same numbers. */
export function statusLua(registry: Registry): string {
  const releases = [
    ...new Set(registry.framings.flatMap((framing) => registry.generations(framing))),
  ].sort((a, b) => a - b);
  const newest = releases[releases.length - 1] ?? 0;
  const names: [number, string][] = [];
  const before: string[] = [];
  for (let status = 0; status < MOST_STATUS; status++) {
    const name = registry.statusName(status, newest);
    if (name !== null) names.push([status, name]);
    const others = releases.flatMap((release) => {
      const other = registry.statusName(status, release);
      return other === null || other === name ? [] : [[release, other] as const];
    });
    if (others.length > 0) before.push(`[${status}] = ${luaNames(others)}`);
  }
  return `local STATUS = ${luaNames(names)}\n` +
    `local STATUS_BEFORE = { ${before.join(", ")} }\n`;
}
