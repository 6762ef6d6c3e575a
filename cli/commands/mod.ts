/**
 * The subcommands, one line in the table each. Help, completions and the man page are made of
 * all of them; a run loads only its own.
 *
 * @module
 */
import type { CliCommand } from "../command.ts";

/** How each subcommand is loaded, by its name, in the order help shows them. */
const LOADERS = {
  dissect: () => import("./dissect.ts"),
  stats: () => import("./stats.ts"),
  info: () => import("./info.ts"),
  diagnose: () => import("./diagnose.ts"),
  conversations: () => import("./conversations.ts"),
  follow: () => import("./follow.ts"),
  check: () => import("./check.ts"),
  diff: () => import("./diff.ts"),
  anonymize: () => import("./anonymize.ts"),
  decode: () => import("./decode.ts"),
  commands: () => import("./commands.ts"),
  fields: () => import("./fields.ts"),
  export: () => import("./export.ts"),
  vectors: () => import("./vectors.ts"),
  synth: () => import("./synth.ts"),
  plugin: () => import("./plugin.ts"),
  schema: () => import("./schema.ts"),
  completions: () => import("./completions.ts"),
  man: () => import("./man.ts"),
  mcp: () => import("./mcp.ts"),
  serve: () => import("./serve.ts"),
} satisfies Record<string, () => Promise<{ default: CliCommand }>>;

/** Name of a subcommand. */
export type CommandName = keyof typeof LOADERS;

/** The names of all subcommands, in the order help shows them. */
export const commandNames = Object.keys(LOADERS) as readonly CommandName[];

/** Whether a word names a subcommand. */
export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(LOADERS, word);
}

/** Loads a subcommand. */
export async function loadCommand(name: CommandName): Promise<CliCommand> {
  return (await LOADERS[name]()).default;
}

/** Loads all subcommands, in the order help shows them. */
export async function loadCommands(): Promise<readonly CliCommand[]> {
  return await Promise.all(commandNames.map(loadCommand));
}
