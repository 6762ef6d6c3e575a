import type { Registry } from "../core/dissect/registry.ts";
import type { Exporter } from "../core/export/exporter.ts";
import { fieldsExporter, type FieldsOptions } from "../core/export/fields.ts";
import { fieldTable } from "../core/filter/field_table.ts";
import { nearestField } from "../core/filter/suggest.ts";
import { UsageError } from "./command.ts";

const SIGNS: Readonly<Record<string, string>> = { "/t": "\t", "/s": " " };
const QUOTES: Readonly<Record<string, string>> = { d: '"', s: "'", n: "" };
const OCCURRENCES = { f: "first", l: "last", a: "all" } as const;

/** The exporter of `-T fields`. */
export function fieldColumns(
  registry: Registry,
  paths: readonly string[],
  choices: readonly string[],
  showSecrets: boolean,
): Exporter {
  if (paths.length === 0) {
    throw new UsageError("-T fields needs -e FIELD, such as -e iggy.command");
  }
  const table = fieldTable(registry);
  const fields = paths.map((path) => {
    const field = table.get(path);
    if (field !== undefined) return field;
    const near = nearestField(path, table);
    throw new UsageError(
      `-e: no field "${path}"; ` +
        (near === null ? "see iggyscope fields" : `did you mean ${near}?`),
    );
  });
  return fieldsExporter(fields, { ...choicesOf(choices), showSecrets });
}

function choicesOf(choices: readonly string[]): Omit<FieldsOptions, "showSecrets"> {
  let [header, separator, aggregator, quote] = [false, "\t", ",", ""];
  let occurrence: FieldsOptions["occurrence"] = "all";
  for (const choice of choices) {
    const at = choice.indexOf("=");
    const [name, value] = [choice.slice(0, at), choice.slice(at + 1)];
    const sign = SIGNS[value] ?? value;
    if (name === "header" && /^[yn]$/.test(value)) header = value === "y";
    else if (name === "separator" && sign.length === 1) separator = sign;
    else if (name === "aggregator" && sign.length === 1) aggregator = sign;
    else if (name === "quote" && QUOTES[value] !== undefined) quote = QUOTES[value];
    else if (name === "occurrence" && value in OCCURRENCES) {
      occurrence = OCCURRENCES[value as keyof typeof OCCURRENCES];
    } else throw new UsageError(`-E knows no "${choice}"; see iggyscope dissect --help`);
  }
  return { header, separator, aggregator, quote, occurrence };
}
