import { fieldsPage, meaningOf } from "../../core/export/fields_page.ts";
import type { FilterField } from "../../core/filter/field.ts";
import { fieldTable } from "../../core/filter/field_table.ts";
import { closestField, nearestField } from "../../core/filter/suggest.ts";
import { defineCommand, UsageError } from "../command.ts";
import { output } from "../output.ts";
import { type Column, listingOption, printListing } from "../listing.ts";
import { pluginOption, registryWith } from "../plugins.ts";

const columns: readonly Column<FilterField>[] = [
  ["field", ({ path }) => path],
  ["type", ({ type }) => type],
  ["wire form", ({ wire }) => wire ?? ""],
  ["meaning", meaningOf],
];

export default defineCommand({
  name: "fields",
  summary: "List the fields: the paths of JSON, filters, the page and Wireshark.",
  operands: [{
    name: "PREFIX",
    names: "fields",
    help: "Only fields whose path begins so.",
    optional: true,
  }],
  options: { format: listingOption, plugin: pluginOption },
  examples: [
    ["fields iggy.poll_messages", "What can be asked of poll_messages"],
    ["fields -T md", "A page of all fields"],
  ],
  async run({ format, plugin }, [prefix = ""]) {
    const registry = await registryWith(plugin);
    const table = fieldTable(registry);
    if (!table.all.some(({ path }) => path.startsWith(prefix))) {
      const near = nearestField(prefix, table);
      const hint = near === null
        ? `the nearest is ${closestField(prefix, table)}`
        : `did you mean ${near}?`;
      throw new UsageError(`no field begins with "${prefix}"; ${hint}`);
    }
    if (format === "md") {
      output.write(fieldsPage(registry, prefix));
      return 0;
    }
    const rows = table.all.filter(({ path }) => path.startsWith(prefix));
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
