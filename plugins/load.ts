import type { Registry } from "../core/dissect/registry.ts";
import type { Framing, FramingPart } from "../core/framing/framing.ts";
import type { Command } from "../core/schema/mod.ts";
import { iggyRegistry } from "./registry.ts";

/** A plugin module that cannot be used; the message is a line for whoever named it. */
export class PluginError extends Error {
  override readonly name = "PluginError";
}

/** Names of commands and framings: parts of the paths of fields. */
const NAME = /^[a-z][a-z0-9_]*$/;

/** What a plugin module brings. */
interface Plugin {
  readonly commands: readonly Command[];
  readonly framings: readonly Framing[];
  /** What it adds to framings: kinds of frames. */
  readonly parts: readonly FramingPart[];
}

/** Iggy's registry with the commands of plugin modules, whose paths count from here. */
export async function loadRegistry(paths: readonly string[]): Promise<Registry> {
  const plugins: Plugin[] = [];
  for (const path of paths) plugins.push(await loadPlugin(path));
  try {
    return iggyRegistry(
      plugins.flatMap(({ commands }) => commands),
      plugins.flatMap(({ framings }) => framings),
      plugins.flatMap(({ parts }) => parts),
    );
  } catch (error) {
    throw new PluginError(`--plugin: ${reasonOf(error)}`);
  }
}

async function loadPlugin(path: string): Promise<Plugin> {
  const here = new URL(`file://${encodeURI(Deno.cwd())}/`);
  const url = /^file:/.test(path) ? path : new URL(encodeURI(path), here).href;
  let module: { default?: unknown };
  try {
    module = await import(url);
  } catch (error) {
    throw new PluginError(`--plugin ${path}: ${reasonOf(error)}`);
  }
  const plugin = asPlugin(module.default);
  const wrong = plugin === null
    ? "its default export is no command(), no list of them and no { commands, framings }"
    : wrongIn(plugin);
  if (wrong !== null) throw new PluginError(`--plugin ${path}: ${wrong}`);
  return plugin!;
}

/** What was thrown, in one line. */
function reasonOf(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n")[0]!;
}

function asPlugin(value: unknown): Plugin | null {
  if (
    isObject(value) && (Array.isArray(value.commands) || Array.isArray(value.framings))
  ) {
    const { commands = [], framings = [] } = value;
    const lists = Array.isArray(commands) && Array.isArray(framings);
    const known = lists && commands.every(isCommand) && framings.every(isFraming);
    return known ? { commands, framings, parts: [] } : null;
  }
  const all: unknown[] = [value].flat();
  const commands = all.filter(isCommand);
  const parts = all.filter(isPart);
  const known = commands.length + parts.length === all.length;
  return known ? { commands, framings: [], parts } : null;
}

/** What of a plugin would be no good in listings and filters, or null. */
function wrongIn({ commands, framings, parts }: Plugin): string | null {
  for (const { name, ports, headers = [], bodies = {} } of framings) {
    if (!NAME.test(name)) return `"${name}" is no name: small letters, digits and _`;
    if (!ports.every((port) => Number.isInteger(port) && port >= 0 && port <= 0xffff)) {
      return `${name} has ports that are none`;
    }
    const kinds = [
      ...Array.isArray(headers) ? headers : [null],
      ...Object.values(bodies),
    ];
    if (!kinds.every(isKind)) return `${name} has headers or bodies that are no layouts`;
  }
  for (const { name } of [...commands, ...parts]) {
    if (!NAME.test(name)) return `"${name}" is no name: small letters, digits and _`;
  }
  for (const { name, code, info } of commands) {
    if (code !== null && !(Number.isInteger(code) && code >= 0 && code <= 0xffff_ffff)) {
      return `${name} has code ${code}, which is no u32`;
    }
    if (!Array.isArray(info)) return `${name} has an info that is no list`;
  }
  return null;
}

function isCommand(value: unknown): value is Command {
  return isObject(value) && typeof value.name === "string" && isKind(value.request) &&
    isKind(value.response) && "info" in value;
}

function isPart(value: unknown): value is FramingPart {
  return isObject(value) && typeof value.framing === "string" &&
    typeof value.name === "string" && typeof value.from === "number" && "spec" in value;
}

function isKind(value: unknown): boolean {
  return isObject(value) && typeof value.read === "function";
}

function isFraming(value: unknown): value is Framing {
  return isObject(value) && typeof value.name === "string" &&
    typeof value.since === "string" && Array.isArray(value.ports) &&
    typeof value.detect === "function" && typeof value.open === "function";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
