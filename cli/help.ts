import { wrap } from "../core/export/spans.ts";
import type { CliCommand, OperandSpec, OptionSpec } from "./command.ts";

const WIDTH = 80;

/** What the program's exit codes say. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, "done"],
  [1, "check found something"],
  [2, "wrong usage, also a wrong filter"],
  [3, "not readable, or not a capture"],
  [4, "the capture is cut or damaged; what was understood before is printed"],
  [130, "interrupted"],
];

/** The program's help: what there is, and how to go on. */
export function programHelp(commands: readonly CliCommand[]): string {
  return [
    "iggyscope dissects the traffic of Apache Iggy clients and servers.",
    "",
    "Usage: iggyscope [COMMAND] [OPTION…] [FILE…|-]",
    "",
    "Commands:",
    ...table(commands.map(({ name, summary }) => [name, summary])),
    "",
    "Without a command, files are dissected. Each command has --help of its own.",
    "",
    "Exit codes:",
    ...EXIT_CODES.map(([code, meaning]) => `  ${String(code).padEnd(3)}  ${meaning}`),
    "",
  ].join("\n");
}

/** The help of one command, made of its place in the table. */
export function commandHelp(command: CliCommand): string {
  const { name, summary, details, operands, options, examples } = command;
  const usage = ["iggyscope", name, "[OPTION…]", ...operands.map(operandUsage)].join(" ");
  return [
    ...wrap(summary, WIDTH),
    "",
    `Usage: ${usage}`,
    ...details === undefined ? [] : ["", ...wrap(details, WIDTH)],
    ...operands.length === 0
      ? []
      : ["", "Arguments:", ...table(operands.map(({ name, help }) => [name, help]))],
    "",
    "Options:",
    ...table([
      ...Object.entries(options).map(([long, spec]) => [
        optionUsage(long, spec),
        optionHelp(spec),
      ]),
      ["-h, --help", "Show this help."],
    ]),
    "",
    "Examples:",
    ...examples.flatMap(([args, does]) => [`  ${does}:`, `    iggyscope ${args}`]),
    "",
  ].join("\n");
}

/** An argument as usage lines show it. */
export function operandUsage({ name, optional, repeatable }: OperandSpec): string {
  const text = repeatable ? `${name}…` : name;
  return optional ? `[${text}]` : text;
}

function optionUsage(long: string, { short, value, alone }: OptionSpec): string {
  const wanted = value === undefined ? "" : alone ? `[=${value}]` : ` ${value}`;
  return `${short === undefined ? "   " : `-${short},`} --${long}${wanted}`;
}

/** What an option does, with its values. */
export function optionHelp({ help, choices, repeatable }: OptionSpec): string {
  return help + (choices === undefined ? "" : ` One of ${choices.join(", ")}.`) +
    (repeatable ? " May be repeated." : "");
}

/** Two columns; the second wraps at 80. */
function table(rows: readonly (readonly string[])[]): string[] {
  const first = Math.min(28, Math.max(...rows.map(([name]) => name!.length)));
  return rows.flatMap(([name, text]) => {
    const [start, ...rest] = wrap(text!, WIDTH - 6 - first);
    const head = name!.length > first
      ? [`  ${name}`, `  ${"".padEnd(first)}  ${start}`]
      : [`  ${name!.padEnd(first)}  ${start}`];
    return [...head, ...rest.map((line) => `  ${"".padEnd(first)}  ${line}`)];
  });
}
