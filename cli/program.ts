import { CaptureError } from "../core/capture/error.ts";
import { escapeText } from "../core/export/printable.ts";
import { nearest } from "../core/filter/suggest.ts";
import {
  type CommandName,
  commandNames,
  isCommandName,
  loadCommand,
  loadCommands,
} from "./commands/mod.ts";
import { type CliCommand, UsageError } from "./command.ts";
import { output, say } from "./output.ts";

/** The exit code of wrong usage, of what cannot be read, and of a fault of the program. */
const WRONG_USAGE = 2, UNREADABLE = 3, INTERNAL = 70;

const DEFAULT = "dissect";

async function main(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined && Deno.stdin.isTerminal()) {
    say("nothing to read; see iggyscope --help");
    return WRONG_USAGE;
  }
  if (first === "help") return await help(rest);
  if (first === "--help" || first === "-h") {
    return await help(isCommandName(rest[0] ?? "") ? rest : []);
  }
  const name = commandNamed(first);
  if (name !== undefined) return await run(await loadCommand(name), rest);
  return await run(await loadCommand(DEFAULT), args);
}

async function run(command: CliCommand, args: readonly string[]): Promise<number> {
  const options = args.slice(0, args.includes("--") ? args.indexOf("--") : undefined);
  if (options.some((arg) => arg === "--help" || arg === "-h")) {
    return await printHelp(command);
  }
  return await command.execute(args);
}

/** The subcommand a first word names; undefined where it is a file or an option. */
function commandNamed(word: string | undefined): CommandName | undefined {
  if (word === undefined || word.startsWith("-")) return undefined;
  if (isCommandName(word)) return word;
  if (/[./\\]/.test(word) || isFile(word)) return undefined;
  throw unknownCommand(word);
}

function unknownCommand(word: string): UsageError {
  const near = nearest(word, commandNames);
  return new UsageError(
    `no command and no file is named "${word}"; ` +
      (near === null ? "see iggyscope --help" : `did you mean ${near}?`),
  );
}

function isFile(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

async function help([word]: readonly string[]): Promise<number> {
  if (word === undefined) {
    const { programHelp } = await import("./help.ts");
    output.write(programHelp(await loadCommands()));
    return 0;
  }
  if (!isCommandName(word)) throw unknownCommand(word);
  return await printHelp(await loadCommand(word));
}

async function printHelp(command: CliCommand): Promise<number> {
  const { commandHelp } = await import("./help.ts");
  output.write(commandHelp(command));
  return 0;
}

/** Says what went wrong in one line; gives the exit code. */
function fail(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  const isSystem = error instanceof Error && "code" in error &&
    /^E[A-Z]+$/.test(String(error.code));
  const isKnown = isSystem || error instanceof UsageError ||
    error instanceof CaptureError;
  const lines = message.split("\n").map(escapeText).join("\n");
  say(isKnown ? lines : `internal error: ${lines}`);
  if (error instanceof UsageError) return WRONG_USAGE;
  return isSystem || error instanceof CaptureError ? UNREADABLE : INTERNAL;
}

/** Runs the program with its arguments and ends the process with the exit code. */
export async function runProgram(args: readonly string[]): Promise<never> {
  let code: number;
  try {
    code = await main(args);
  } catch (error) {
    output.flush();
    code = fail(error);
  }
  output.flush();
  Deno.exit(code);
}
