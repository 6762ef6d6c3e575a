import type { RecordOptions, Transaction } from "../dissect/transaction.ts";
import type { Exporter } from "./exporter.ts";
import { out } from "../schema/mod.ts";
import { LineWriter } from "./line_writer.ts";
import { escapeJson } from "./printable.ts";

/** A transaction as one line of JSON, safe for a terminal. */
export function jsonLine(transaction: Transaction, options: RecordOptions): string {
  return escapeJson(JSON.stringify(transaction.toRecord(options)));
}

/** One JSON record a line. */
export function ndjsonExporter(options: RecordOptions): Exporter {
  const writer = new LineWriter(options);
  return {
    bytes(transaction) {
      const length = writer.write(transaction);
      return length < 0 ? null : out.subarray(0, length);
    },
    head: () => "",
    transaction: (transaction) => `${jsonLine(transaction, options)}\n`,
    tail: () => "",
  };
}

/** One JSON array of the same records, one a line. */
export function jsonExporter(options: RecordOptions): Exporter {
  let separator = "\n";
  return {
    head: () => "[",
    transaction(transaction) {
      const line = `${separator}${jsonLine(transaction, options)}`;
      separator = ",\n";
      return line;
    },
    tail: () => "\n]\n",
  };
}
