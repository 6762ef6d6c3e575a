import type { Command } from "../core/schema/mod.ts";
import type { Registry } from "../core/dissect/registry.ts";
import { iggyRegistry } from "../mod.ts";
import { UsageError } from "./command.ts";

/** The option of every command that knows commands. */
export const pluginOption = {
  value: "PATH",
  repeatable: true,
  help: "Also know the commands of this module: its default export is one, or a list.",
} as const;

/** Iggy's registry with the commands of plugin modules, whose paths count from here. */
export async function registryWith(paths: readonly string[]): Promise<Registry> {
  const commands: Command[] = [];
  for (const path of paths) commands.push(...await loadPlugin(path));
  try {
    return iggyRegistry(commands);
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`--plugin: ${error.message}`);
    throw error;
  }
}

async function loadPlugin(path: string): Promise<Command[]> {
  const here = new URL(`file://${encodeURI(Deno.cwd())}/`);
  const url = /^file:/.test(path) ? path : new URL(encodeURI(path), here).href;
  let module: { default?: unknown };
  try {
    module = await import(url);
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split("\n");
    throw new UsageError(`--plugin ${path}: ${reason}`);
  }
  const found = [module.default].flat();
  if (!found.every(isCommand)) {
    throw new UsageError(
      `--plugin ${path}: its default export is no command() and no list of them`,
    );
  }
  return found;
}

function isCommand(value: unknown): value is Command {
  return typeof value === "object" && value !== null &&
    "name" in value && "request" in value && "response" in value && "info" in value;
}
