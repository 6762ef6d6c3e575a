/**
 * Transactions as tables of typed columns, for programs that read columns: Parquet files and
 * Arrow's stream format. Rows are gathered into groups of bounded size, so memory does not grow
 * with the capture. The two writers are libraries and are loaded when one is made.
 *
 * @module
 */
import type { RecordOptions, Transaction } from "../../dissect/transaction.ts";
import type { TableFormat } from "./formats.ts";
import { type Cell, cellsOf, TABLE_COLUMNS } from "./columns.ts";

export { TABLE_FORMATS, type TableFormat } from "./formats.ts";
export { type Cell, type Column, type ColumnType, TABLE_COLUMNS } from "./columns.ts";

/** Rows of a group at most. */
const MAX_ROWS = 32_768;
/** Characters of text in a group at most, unless a single row has more. */
const MAX_TEXT = 2 * 1024 * 1024;

/** Receives the bytes of a table in order; they are valid until it returns. */
export type TableSink = (bytes: Uint8Array) => void;

/** Writes groups of rows in one format. */
export interface GroupWriter {
  /** Writes rows, given as columns of equal length in the order of the table's. */
  write(columns: readonly Cell[][]): void;
  /** Writes what comes after the last group. */
  end(): void;
}

/**
 * Writes transactions as a table.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { iggyRegistry } from "../../../plugins/registry.ts";
 * import { transactionsOf } from "../../dissect/dissect.ts";
 * import { tableWriter } from "./mod.ts";
 * let bytes = 0;
 * const table = await tableWriter("parquet", { maxBytes: 64, showSecrets: false }, (part) => {
 *   bytes += part.length;
 * });
 * const capture = "fixtures/captures/classic-080-all.pcap";
 * for await (const transaction of transactionsOf(capture, iggyRegistry())) {
 *   table.add(transaction);
 * }
 * table.end();
 * assertEquals(bytes > 10_000, true);
 * ```
 */
export class TableWriter {
  readonly #options: RecordOptions;
  readonly #writer: GroupWriter;
  #columns: Cell[][] = emptyColumns();
  #text = 0;

  /** Use {@link tableWriter}. */
  constructor(options: RecordOptions, writer: GroupWriter) {
    this.#options = options;
    this.#writer = writer;
  }

  /** Adds a row; the transaction is not kept. */
  add(transaction: Transaction): void {
    const cells = cellsOf(transaction, transaction.toRecord(this.#options));
    const text = cells.reduce<number>((sum, cell) => sum + textLength(cell), 0);
    const rows = this.#columns[0]!.length;
    if (rows >= MAX_ROWS || rows > 0 && this.#text + text > MAX_TEXT) this.#flush();
    cells.forEach((cell, i) => this.#columns[i]!.push(cell));
    this.#text += text;
  }

  /** Writes what is left, and what the format ends with. */
  end(): void {
    if (this.#columns[0]!.length > 0) this.#flush();
    this.#writer.end();
  }

  #flush(): void {
    this.#writer.write(this.#columns);
    this.#columns = emptyColumns();
    this.#text = 0;
  }
}

function textLength(cell: Cell): number {
  return typeof cell === "string" ? cell.length : 0;
}

function emptyColumns(): Cell[][] {
  return TABLE_COLUMNS.map(() => []);
}

/** Makes a writer of tables that gives its bytes to `sink`. */
export async function tableWriter(
  format: TableFormat,
  options: RecordOptions,
  sink: TableSink,
): Promise<TableWriter> {
  const writer = format === "parquet"
    ? (await import("./parquet.ts")).parquetGroups(sink)
    : (await import("./arrow.ts")).arrowGroups(sink);
  return new TableWriter(options, writer);
}
