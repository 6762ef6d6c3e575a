import type { Registry } from "../../dissect/registry.ts";
import type { FramingLuaTools, LuaFact } from "../../framing/framing.ts";
import {
  type Command,
  EARLIEST,
  type Kind,
  LATEST,
  layoutBorders,
  luaLiteral,
} from "../../schema/mod.ts";
import { type LuaFields, luaNames } from "./fields.ts";
import { LuaExportError, type LuaWriter } from "./scope.ts";

/** Statuses that may have a name. */
const MAX_STATUS = 20_000;

/** What the export is made with. */
export interface LuaParts {
  readonly registry: Registry;
  readonly writer: LuaWriter;
  readonly fields: LuaFields;
  /** Fields whose texts the Lua of a framing reads. */
  readonly reads: readonly string[];
}

/** The Lua of a registry's commands: a table each. */
export function commandLua(parts: LuaParts): string {
  const { registry: { commands, root }, fields } = parts;
  for (const command of commands.all) {
    const path = `${root}.${command.name}`;
    fields.group(path, command.doc);
    for (const side of SIDES) {
      const kind = command[side];
      const doc = `The ${side} of ${command.name}.`;
      if (kind !== null) fields.layout(kind, `${path}.${side}`, doc);
    }
  }
  return commands.all.map((command) => oneCommand(command, parts)).join("\n");
}

const SIDES = ["request", "response", "prepare"] as const;

function oneCommand(command: Command, parts: LuaParts): string {
  const path = `${parts.registry.root}.${command.name}`;
  const wanted = [...command.info, ...parts.reads];
  const part = (side: typeof SIDES[number]) => {
    const kind = command[side];
    return kind === null ? null : layoutLua(kind, `${path}.${side}`, parts, wanted);
  };
  const entries: (readonly [string, string | number | null])[] = [
    ["name", luaLiteral(command.name)],
    ["code", command.code],
    ["operation", command.operation],
    ["replicates", command.replicates && luaLiteral(command.replicates)],
    ["unanswered", flag(command.unanswered)],
    ["from", command.from === EARLIEST ? null : command.from],
    ["to", command.to === LATEST ? null : command.to],
    ["result_section", flag(command.resultSection)],
    ["empty_if_missing", flag(command.emptyIfMissing)],
    ["request", part("request")],
    ["response", part("response")],
    ["prepare", part("prepare")],
    ["staged", stagedLua(command, parts)],
    ["info", `{ ${command.info.map(luaLiteral).join(", ")} }`],
  ];
  const lines = entries.filter(([, value]) => value !== null)
    .map(([key, value]) => `  ${key} = ${value},`);
  return `command({\n${lines.join("\n")}\n})`;
}

function flag(value: boolean): string | null {
  return value ? "true" : null;
}

/** A layout with what the choice of a release needs to know of it. */
function layoutLua(
  kind: Kind<unknown>,
  path: string,
  { writer }: LuaParts,
  wanted: readonly string[],
  name = path,
): string {
  const borders = [...layoutBorders(kind)].sort((a, b) => a - b);
  const first = borders[0] === undefined ? EARLIEST : Math.max(EARLIEST, borders[0] - 1);
  const forms = [first, ...borders];
  const readers = forms.map((release) => writer.layout(kind, path, release, name));
  const texts = forms.map((release) =>
    writer.texts(kind, path, release, wanted) ?? "false"
  );
  const args = [
    luaLiteral(path),
    `{ ${readers.join(", ")} }`,
    `{ ${texts.join(", ")} }`,
    kind.minSize,
    `{ ${borders.join(", ")} }`,
  ];
  const empty = kind.fields?.length === 0 ? ", true" : "";
  return `layout(${args.join(", ")}${empty})`;
}

function stagedLua({ staged, request, name }: Command, parts: LuaParts): string | null {
  if (staged === null) return null;
  const fields = request.fields ?? [];
  const at = (wanted: string) => fields.findIndex(([field]) => field === wanted);
  const metadata = fields.slice(at(staged.length) + 1, at(staged.count) + 1);
  const kind = { ...request, fields: metadata, lua: undefined } as Kind<unknown>;
  const layout: Kind<unknown> = {
    ...kind,
    minSize: 0,
    lua: (scope) => scope.structure(metadata, ""),
  };
  const path = `${parts.registry.root}.${name}.request`;
  const made = layoutLua(layout, path, parts, [staged.count], `${path}.metadata`);
  return `{ count = ${luaLiteral(staged.count)}, item_size = ${staged.itemSize}, ` +
    `metadata = ${made} }`;
}

/** The Lua of a registry's framings: facts, releases, and what each makes of its own data. */
export function framingLua(parts: LuaParts): string {
  const { registry, fields } = parts;
  const tools: FramingLuaTools = {
    layout(kind, path, doc) {
      fields.layout(kind, path, doc);
      return layoutLua(kind, path, parts, []);
    },
    headers(kinds, path, doc) {
      for (const kind of kinds) fields.layout(kind, path, doc);
      return kinds.map((kind, i) => layoutLua(kind, path, parts, [], `${path}_${i}`));
    },
    group: (path, doc) => fields.group(path, doc),
  };
  return registry.framings.filter(({ carrier }) => !carrier).map((framing) => {
    const { name, lua, statusName } = framing;
    if (lua === undefined) {
      throw new LuaExportError(`the framing ${name} has no Lua runtime`);
    }
    const generations = registry.generations(framing);
    const lines = [
      `do`,
      `local FACTS = ${factLua(lua.facts)}`,
      lua.runtime,
      ...lua.tables === undefined ? [] : [lua.tables(tools, registry.root)],
      `${name}.releases = { ${generations.join(", ")} }`,
      `${name}.ended = ${framing.upTo !== undefined}`,
    ];
    if (statusName !== undefined) {
      const newest = generations[generations.length - 1]!;
      const names = namesOf((status) => statusName(status, newest));
      lines.push(`${name}.status_names = ${luaNames(names)}`);
    }
    return [...lines, `framings[#framings + 1] = ${name}`, "end"].join("\n");
  }).join("\n\n");
}

/** A fact as a Lua literal; numbers stay numbers, also as names. */
export function factLua(fact: LuaFact): string {
  if (typeof fact !== "object") return luaLiteral(fact);
  if (Array.isArray(fact)) return `{ ${fact.map(factLua).join(", ")} }`;
  const entries = Object.entries(fact).map(([name, value]) => {
    const key = /^\d+$/.test(name) || !/^[a-z_]\w*$/.test(name)
      ? `[${/^\d+$/.test(name) ? name : luaLiteral(name)}]`
      : name;
    return `${key} = ${factLua(value)}`;
  });
  const short = `{ ${entries.join(", ")} }`;
  return short.length < 80 ? short : `{\n  ${entries.join(",\n  ")},\n}`;
}

function namesOf(nameOf: (status: number) => string | null): [number, string][] {
  const names: [number, string][] = [];
  for (let status = 0; status < MAX_STATUS; status++) {
    const name = nameOf(status);
    if (name !== null) names.push([status, name]);
  }
  return names;
}

/** The names of statuses, and those that older releases gave the same numbers. */
export function statusLua(registry: Registry): string {
  const releases = [
    ...new Set(registry.framings.flatMap((framing) => registry.generations(framing))),
  ].sort((a, b) => a - b);
  const newest = releases[releases.length - 1] ?? 0;
  const names = namesOf((status) => registry.statusName(status, newest));
  const known = new Map(names);
  const before: string[] = [];
  for (let status = 0; status < MAX_STATUS; status++) {
    const others = releases.flatMap((release) => {
      const other = registry.statusName(status, release);
      return other === null || other === known.get(status)
        ? []
        : [[release, other] as const];
    });
    if (others.length > 0) before.push(`[${status}] = ${luaNames(others)}`);
  }
  return `local STATUS = ${luaNames(names)}\n` +
    `local STATUS_BEFORE = { ${before.join(", ")} }\n`;
}
