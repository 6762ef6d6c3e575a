import { type Command, EARLIEST, LATEST, releaseText } from "../../core/schema/mod.ts";
import { defineCommand } from "../command.ts";
import { type Column, listingOption, printListing } from "../listing.ts";
import { pluginOption, registryWith } from "../plugins.ts";

const number = (value: number | null) => value === null ? "" : String(value);

const columns: readonly Column<Command>[] = [
  ["command", ({ name }) => name],
  ["code", ({ code }) => number(code)],
  ["operation", ({ operation }) => number(operation)],
  ["releases", releases],
  ["what it does", ({ doc }) => doc],
];

function releases({ from, to }: Command): string {
  if (from === EARLIEST && to === LATEST) return "all";
  if (from === EARLIEST) return `up to ${releaseText(to)}`;
  const first = releaseText(from);
  return to === LATEST ? `${first}+` : `${first}..${releaseText(to)}`;
}

export default defineCommand({
  name: "commands",
  summary: "List the commands that can be decoded.",
  operands: [],
  options: { format: listingOption, plugin: pluginOption },
  examples: [
    ["commands", "Names, codes and operations"],
    ["commands -T json", "The same for programs"],
  ],
  async run({ format, plugin }) {
    const { commands } = await registryWith(plugin);
    printListing(format ?? "table", columns, commands.all, (command) => ({
      name: command.name,
      code: command.code,
      operation: command.operation,
      since: command.from === EARLIEST ? null : releaseText(command.from),
      up_to: command.to === LATEST ? null : releaseText(command.to),
      doc: command.doc,
    }));
    return 0;
  },
});
