/**
 * Transactions out: walks over decoded fields that make text, a tree, JSON and CSV.
 *
 * An {@link Exporter} gives what comes before, whole lines for each transaction, and what
 * comes after; it knows no command and no file. `text.ts` is the line people read, made of the
 * spans of `summary.ts`; `tree.ts` shows every field with its place; `json.ts` and `csv.ts`
 * print records; `secrets.ts` says which bytes hex must hide. `fields_page.ts` and
 * `json_schema.ts` describe what there is, from the registry alone.
 *
 * @module
 */
export * from "./csv.ts";
export * from "./exporter.ts";
export { fieldsPage, meaningOf } from "./fields_page.ts";
export * from "./hex.ts";
export * from "./human.ts";
export * from "./json.ts";
export {
  kindSchema,
  SCHEMA_VERSION,
  schemaHead,
  transactionSchema,
} from "./json_schema.ts";
export * from "./printable.ts";
export * from "./seals.ts";
export * from "./secrets.ts";
export { sequenceSvg } from "./sequence_svg.ts";
export { textExporter } from "./text.ts";
export { TIME_FORMS, type TimeForm } from "./time_column.ts";
export { treeExporter } from "./tree.ts";
export { wrap } from "./spans.ts";
export { amountOf } from "./values.ts";
export { fieldsExporter, type FieldsOptions } from "./fields.ts";
