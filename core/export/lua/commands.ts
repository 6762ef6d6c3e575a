import type { Registry } from "../../dissect/registry.ts";
import type { FramingLuaTools } from "../../framing/framing.ts";
import { type Command, type Kind, layoutBorders, luaLiteral } from "../../schema/mod.ts";
import { type LuaFields, luaNames } from "./fields.ts";
import { LuaExportError, type LuaWriter } from "./scope.ts";

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

/** The Lua of a registry's framings: releases, and what each makes of its own data. */
export function framingLua(
  registry: Registry,
  writer: LuaWriter,
  fields: LuaFields,
): string {
  const tools: FramingLuaTools = {
    layout(kind, path, doc) {
      fields.layout(kind, path, doc);
      return layoutLua(kind, path, writer);
    },
    header(kind, path, name, doc) {
      fields.layout(kind, path, doc);
      return `layout(${luaLiteral(path)}, ${
        writer.layout(kind, name)
      }, ${kind.minSize}, {})`;
    },
    group: (path, doc) => fields.group(path, doc),
    names: (names) => luaNames(numbered(names)),
  };
  return registry.framings.filter(({ carrier }) => !carrier).map((framing) => {
    const { name, lua } = framing;
    if (lua === undefined) {
      throw new LuaExportError(`the framing ${name} has no Lua runtime`);
    }
    const releases = registry.generations(framing).join(", ");
    const entry = `framings.${name} = { framing = ${name}, releases = { ${releases} } }`;
    return [entry, ...lua.tables === undefined ? [] : [lua.tables(tools)]].join("\n");
  }).join("\n");
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
