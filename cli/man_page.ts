/**
 * The manual page, made of the table of commands, in the macros of man(7).
 *
 * @module
 */
import type { CliCommand, OptionSpec } from "./command.ts";
import { EXIT_CODES, operandUsage, optionHelp } from "./help.ts";

/** The manual page of the program as roff. */
export function manPage(commands: readonly CliCommand[], version: string): string {
  const lines = [
    '.\\" Made by "iggyscope man" of the program\'s table of commands.',
    `.TH IGGYSCOPE 1 "" "iggyscope ${roff(version)}" "User Commands"`,
    ".SH NAME",
    roff("iggyscope - dissects the traffic of Apache Iggy clients and servers"),
    ".SH SYNOPSIS",
    ".B iggyscope",
    `.RI [ COMMAND "] [" OPTION "\\&.\\&.\\&.] [" FILE "\\&.\\&.\\&.|" ${roff("-")} ]`,
    ".SH DESCRIPTION",
    ...paragraph(
      "Reads captures (pcap and pcapng, also compressed with gzip or zstd) of Apache Iggy " +
        "traffic, rebuilds TCP, pairs each response with its request and decodes every " +
        "command of both generations of the protocol.",
    ),
    ".PP",
    ...paragraph(
      "Without a COMMAND, files are dissected. - is standard input; a capture that is still " +
        "being written is followed as it comes.",
    ),
    ".SH COMMANDS",
    ...commands.flatMap(commandPart),
    ".SH EXIT STATUS",
    ...EXIT_CODES.flatMap(([code, meaning]) => term(`.B ${code}`, `${meaning}.`)),
    ".SH ENVIRONMENT",
    ...term(".B NO_COLOR", "No colours, unless --color asks for them."),
    ...term(".B FORCE_COLOR", "Colours also where standard output is no terminal."),
    ".SH SEE ALSO",
    ".BR tshark (1),",
    ".BR tcpdump (1),",
    ".BR pcap-filter (7)",
  ];
  return `${lines.join("\n")}\n`;
}

function commandPart(command: CliCommand): string[] {
  const { name, summary, details, operands, options, examples } = command;
  const usage = [name, "[OPTION…]", ...operands.map(operandUsage)].join(" ");
  return [
    `.SS ${roff(usage)}`,
    ...paragraph(summary),
    ...details === undefined ? [] : [".PP", ...paragraph(details)],
    ...operands.flatMap(({ name, help }) => term(`.I ${roff(name)}`, help)),
    ...Object.entries(options).flatMap(([long, spec]) =>
      term(optionTerm(long, spec), optionHelp(spec))
    ),
    ".PP",
    "Examples:",
    ...examples.flatMap(([args, does]) =>
      term(`.B iggyscope ${roff(args)}`, does.endsWith(".") ? does : `${does}.`)
    ),
  ];
}

function optionTerm(long: string, { short, value, alone }: OptionSpec): string {
  const names = [...short === undefined ? [] : [`-${short}`], `--${long}`];
  const bold = names.map((name) => `\\fB${roff(name)}\\fR`).join(", ");
  if (value === undefined) return bold;
  const italic = `\\fI${roff(value)}\\fR`;
  return alone ? `${bold}[=${italic}]` : `${bold} ${italic}`;
}

/** A term and what it means, indented. */
function term(head: string, text: string): string[] {
  return [".TP", head, ...paragraph(text)];
}

function paragraph(text: string): string[] {
  return [roff(text)];
}

/** Text that roff prints as it is: no commands, and ASCII only. */
function roff(text: string): string {
  const escaped = text.replaceAll("\\", "\\e").replaceAll("-", "\\-")
    .replaceAll(/[^\x20-\x7e]/gu, (character) => {
      const code = character.codePointAt(0)!.toString(16).toUpperCase();
      return `\\[u${code.padStart(4, "0")}]`;
    });
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
