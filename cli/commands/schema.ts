import { defineCommand } from "../command.ts";
import { output } from "../output.ts";
import { pluginOption, registryWith } from "../plugins.ts";
import { RECORDS, recordSchema, SCHEMA_VERSION } from "../record_schemas.ts";

export default defineCommand({
  name: "schema",
  summary: "Print the JSON Schema of the records.",
  details:
    `JSON Schema 2020-12, version ${SCHEMA_VERSION}, of a line that dissect -T ndjson ` +
    "prints, or of those of info, conversations and stats. What is added raises the second " +
    "number of the version, what is taken away or changed the first.",
  operands: [{
    name: "RECORD",
    choices: RECORDS,
    help: `Which record: ${RECORDS.join(", ")}. Default transaction.`,
    optional: true,
  }],
  options: { plugin: pluginOption },
  examples: [
    ["schema", "What a transaction looks like, with the fields of every command"],
    ["schema info", "The same of a line of info -T ndjson"],
  ],
  async run({ plugin }, [record]) {
    const registry = await registryWith(plugin);
    const chosen = RECORDS.find((each) => each === record) ?? "transaction";
    output.write(`${JSON.stringify(recordSchema(chosen, registry), null, 2)}\n`);
    return 0;
  },
});
