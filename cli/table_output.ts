import type { RecordOptions, Transaction } from "../core/dissect/transaction.ts";
import { type TableFormat, tableWriter } from "../core/export/table/mod.ts";
import { BufferedFile, openToWrite } from "./buffered_file.ts";
import { UsageError } from "./command.ts";
import { output } from "./output.ts";

/** Where transactions go to become a table. */
export interface TableOutput {
  readonly add: (transaction: Transaction) => void;
  readonly end: () => void;
}

/** Opens the file of a table, or standard output where none is named. */
export async function openTable(
  format: TableFormat,
  options: RecordOptions,
  path = "-",
): Promise<TableOutput> {
  if (path === "-" && Deno.stdout.isTerminal()) {
    throw new UsageError(`-T ${format} is no text: use -o FILE, or > FILE`);
  }
  const file = path === "-" ? null : new BufferedFile(openToWrite(path));
  const sink = (bytes: Uint8Array) =>
    file === null ? output.bytes(bytes) : file.write(bytes);
  const table = await tableWriter(format, options, sink);
  return {
    add: (transaction) => table.add(transaction),
    end() {
      table.end();
      file?.close();
    },
  };
}
