import { column, escapeText, widthOf } from "../core/export/printable.ts";
import { paint, span } from "../core/export/spans.ts";
import { output, wantsColor } from "./output.ts";

/** The forms of a listing. */
export const listingOption = {
  short: "T",
  value: "FORMAT",
  choices: ["table", "json", "md"],
  help: "How the list is printed.",
} as const;

/** One column of a listing: its title, and the text of a row. */
export type Column<Row> = readonly [title: string, text: (row: Row) => string];

/** Prints rows as a table, as Markdown, or as JSON made by `json`. */
export function printListing<Row>(
  format: "table" | "json" | "md",
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  json: (row: Row) => unknown,
): void {
  if (format === "json") {
    output.write(`${JSON.stringify(rows.map(json), null, 2)}\n`);
    return;
  }
  const titles = columns.map(([title]) => title);
  const cells = rows.map((row) => columns.map(([, text]) => escapeText(text(row))));
  output.write(format === "md" ? markdown(titles, cells) : table(titles, cells));
}

/** Rows under titles, each column as wide as its widest cell. */
export function table(
  titles: readonly string[],
  cells: readonly (readonly string[])[],
): string {
  const color = wantsColor(undefined);
  const widths = titles.map((title, i) =>
    cells.reduce((width, row) => Math.max(width, widthOf(row[i]!)), widthOf(title))
  );
  const isNumber = titles.map((_, i) =>
    cells.every((row) => /^[\d.,–-]*$/.test(row[i]!))
  );
  const line = (row: readonly string[]) =>
    row.map((cell, i) => column(cell, widths[i]!, isNumber[i] ? "right" : "left"))
      .join("  ").trimEnd();
  return [paint(span(line(titles), "strong"), color), ...cells.map(line)]
    .map((text) => `${text}\n`).join("");
}

function markdown(
  titles: readonly string[],
  cells: readonly (readonly string[])[],
): string {
  const line = (row: readonly string[]) =>
    `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return line(titles) + line(titles.map(() => "-")) + cells.map(line).join("");
}
