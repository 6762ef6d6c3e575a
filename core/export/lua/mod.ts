/**
 * The Wireshark export: one Lua file with a dissector for everything that a registry knows,
 * made by walking its layouts.
 *
 * `runtime/` holds the parts that are written by hand: a checked cursor, a reader for each way
 * values stand on the wire, the choice of the release, the framings with their pairing, the
 * tree. Kinds name those readers by their `lua` face. `fields.ts` gives each field path its
 * `ProtoField`, `scope.ts` each structure its function, `commands.ts` the tables of commands.
 * The file needs nothing else and runs on Lua 5.2 to 5.4.
 *
 * @module
 */
import type { Registry } from "../../dissect/registry.ts";
import { DEFAULT_LIMITS } from "../../dissect/dissector.ts";
import { EARLIEST, luaLiteral } from "../../schema/mod.ts";
import { LIMITS } from "../../tcp/limits.ts";
import { commandLua, factLua, framingLua, statusLua } from "./commands.ts";
import { LuaFields } from "./fields.ts";
import { LuaWriter } from "./scope.ts";
import bytes from "./runtime/bytes.lua" with { type: "text" };
import fields from "./runtime/fields.lua" with { type: "text" };
import main from "./runtime/main.lua" with { type: "text" };
import readers from "./runtime/readers.lua" with { type: "text" };
import releases from "./runtime/releases.lua" with { type: "text" };
import show from "./runtime/show.lua" with { type: "text" };
import state from "./runtime/state.lua" with { type: "text" };
import tree from "./runtime/tree.lua" with { type: "text" };

export { LuaExportError } from "./scope.ts";

/** Choices of {@link exportLua}. */
export interface LuaOptions {
  /** The version that the file says it was made by. */
  readonly version?: string;
}

/**
 * A Wireshark dissector in Lua for everything that a registry knows: one file, for Wireshark
 * 4.0 and later. Throws {@link LuaExportError} on a kind without a Lua face.
 */
export function exportLua(registry: Registry, options: LuaOptions = {}): string {
  const table = new LuaFields();
  const writer = new LuaWriter(table);
  const reads = registry.framings.flatMap(({ lua }) => lua?.reads ?? []);
  const parts = { registry, writer, fields: table, reads };
  const commands = commandLua(parts);
  const framings = framingLua(parts);
  const heading = (text: string) => `-- ${text} ${"-".repeat(92 - text.length)}\n`;
  return [
    head(registry, options),
    statusLua(registry),
    bytes,
    tree,
    readers,
    fields,
    heading("Fields of commands") + `\n${table.text()}\n`,
    heading("Readers of structures, and those they are made of") + `\n${writer.text()}\n`,
    releases,
    state,
    heading("Commands") + `\n${commands}\n`,
    heading("Framings") + `\n${framings}\n`,
    show,
    main,
  ].join("\n");
}

function head(
  { commands, framings, root, title }: Registry,
  options: LuaOptions,
): string {
  const own = framings.filter(({ carrier }) => !carrier);
  const ports = [...new Set(own.flatMap(({ ports }) => ports))].sort((a, b) => a - b);
  const known = commands.all.filter(({ from }) => from >= EARLIEST).length;
  const version = options.version === undefined ? "" : ` ${options.version}`;
  const info = [
    `version = ${luaLiteral(options.version ?? "0")}`,
    `author = "iggyscope"`,
    `description = ${luaLiteral(title)}`,
  ];
  return `-- ${title} for Wireshark 4.0 and later: ${known} commands.
-- Made by iggyscope${version} (\`iggyscope export lua\`); do not edit, make it again instead.
-- SPDX-License-Identifier: Apache-2.0
--
-- Put this file into Wireshark's personal Lua plugins folder (Help, About, Folders).

if set_plugin_info then
  set_plugin_info({ ${info.join(", ")} })
end

local ROOT, NAME = ${luaLiteral(root)}, ${luaLiteral(title)}
local DEFAULT_PORTS = ${luaLiteral(ports.join(","))}
local LIMITS = ${
    factLua({ ...DEFAULT_LIMITS, conversations: LIMITS.acknowledged.conversations })
  }
`;
}
