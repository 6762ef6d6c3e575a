import { fieldTable, type FilterField } from "../../core/filter/mod.ts";
import { defineCommand } from "../command.ts";
import { type Column, listingOption, printListing } from "../listing.ts";
import { pluginOption, registryWith } from "../plugins.ts";

const columns: readonly Column<FilterField>[] = [
  ["field", ({ path }) => path],
  ["type", ({ type }) => type],
  ["wire form", ({ wire }) => wire ?? ""],
  ["meaning", meaning],
];

function meaning({ doc, names, unit, secret }: FilterField): string {
  const parts = [doc];
  if (names !== undefined) parts.push(`One of ${[...names.values()].join(", ")}.`);
  if (unit === "timestamp_us") parts.push("µs since 1970, UTC.");
  if (unit === "duration_us") parts.push("In µs.");
  if (secret) parts.push("Redacted.");
  return parts.filter((part) => part !== "").join(" ");
}

export default defineCommand({
  name: "fields",
  summary: "List the fields: the paths of JSON, filters, the page and Wireshark.",
  operands: [{
    name: "PREFIX",
    help: "Only fields whose path begins so.",
    optional: true,
  }],
  options: { format: listingOption, plugin: pluginOption },
  examples: [
    ["fields iggy.poll_messages", "What can be asked of poll_messages"],
    ["fields -T md", "A page of all fields"],
  ],
  async run({ format, plugin }, [prefix = ""]) {
    const all = fieldTable(await registryWith(plugin)).all;
    const rows = all.filter(({ path }) => path.startsWith(prefix));
    printListing(format ?? "table", columns, rows, (field) => ({
      path: field.path,
      type: field.type,
      wire: field.wire ?? null,
      unit: field.unit ?? null,
      values: field.names === undefined ? null : Object.fromEntries(field.names),
      secret: field.secret ?? false,
      doc: field.doc,
    }));
    return 0;
  },
});
