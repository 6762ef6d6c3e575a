/**
 * @module
 * The Wireshark export: one Lua file with a dissector for everything that a registry knows,
 * made by walking its layouts.
 *
 * `runtime/` holds the parts that are written by hand: a checked cursor, a reader for each way
 * values stand on the wire, the choice of the release, the framings with their pairing, the
 * tree. Kinds name those readers by their `lua` face. `fields.ts` gives each field path its
 * `ProtoField`, `scope.ts` each structure its function, `commands.ts` the tables of commands.
 * The file needs nothing else and runs on Lua 5.2 to 5.4.
 */
import type { Registry } from "../../dissect/registry.ts";
import { EARLIEST } from "../../schema/mod.ts";
import { commandLua, framingLua, statusLua } from "./commands.ts";
import { LuaFields } from "./fields.ts";
import { LuaWriter } from "./scope.ts";
import checks from "./runtime/checks.lua" with { type: "text" };
import cursor from "./runtime/cursor.lua" with { type: "text" };
import fields from "./runtime/fields.lua" with { type: "text" };
import main from "./runtime/main.lua" with { type: "text" };
import parts from "./runtime/parts.lua" with { type: "text" };
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
  const writer = new LuaWriter();
  const table = new LuaFields();
  const commands = commandLua(registry, writer, table);
  const framings = framingLua(registry, writer, table);
  const heading = (text: string) => `-- ${text} ${"-".repeat(92 - text.length)}\n`;
  return [
    head(registry, options),
    statusLua(registry),
    cursor,
    tree,
    readers,
    parts,
    checks,
    fields,
    heading("Fields of commands") + `\n${table.text()}\n`,
    heading("Readers of structures, and those they are made of") + `\n${writer.text()}\n`,
    releases,
    state,
    ...[...registry.framings].reverse().map(({ lua }) => lua?.runtime ?? ""),
    heading("Commands") + `\n${commands}\n`,
    heading("Framings") + `\n${framings}\n`,
    show,
    main,
  ].join("\n");
}

function head({ commands, framings }: Registry, { version }: LuaOptions): string {
  const own = framings.filter(({ carrier }) => !carrier);
  const ports = [...new Set(own.flatMap(({ ports }) => ports))].sort((a, b) => a - b);
  const known = commands.all.filter(({ from }) => from >= EARLIEST).length;
  return `-- Apache Iggy's binary protocol for Wireshark 4.0 and later: ${known} commands.
-- Made by iggyscope${
    version === undefined ? "" : ` ${version}`
  } (\`iggyscope export lua\`); do not edit, make it again instead.
-- SPDX-License-Identifier: Apache-2.0
--
-- Put this file into Wireshark's personal Lua plugins folder (Help, About, Folders).

if set_plugin_info then
  set_plugin_info({ version = ${
    JSON.stringify(version ?? "0")
  }, author = "iggyscope", description = "Apache Iggy" })
end

local DEFAULT_PORTS = ${JSON.stringify(ports.join(","))}
`;
}
