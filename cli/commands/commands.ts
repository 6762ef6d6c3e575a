import {
  type Command,
  EARLIEST,
  LATEST,
  releaseText,
  spanText,
} from "../../core/schema/mod.ts";
import { defineCommand } from "../command.ts";
import { type Column, listingOption, printListing } from "../listing.ts";
import { pluginOption, registryWith } from "../plugins.ts";

const number = (value: number | null) => value === null ? "" : String(value);

const columns: readonly Column<Command>[] = [
  ["command", ({ name }) => name],
  ["code", ({ code }) => number(code)],
  ["operation", ({ operation }) => number(operation)],
  ["releases", (command) => spanText(command) || "all"],
  ["what it does", ({ doc }) => doc],
];

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
