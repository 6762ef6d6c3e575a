import type { Registry } from "../core/dissect/registry.ts";
import { loadRegistry, PluginError } from "../plugins/load.ts";
import { UsageError } from "./command.ts";

/** The option of every command that knows commands. */
export const pluginOption = {
  value: "PATH",
  repeatable: true,
  help:
    "Also know the commands of this module: its default export is one, a list of them, or " +
    "{ commands, framings }.",
} as const;

/** Iggy's registry with the commands of plugin modules, whose paths count from here. */
export async function registryWith(paths: readonly string[]): Promise<Registry> {
  try {
    return await loadRegistry(paths);
  } catch (error) {
    throw error instanceof PluginError ? new UsageError(error.message) : error;
  }
}
