import type { Transaction } from "../../core/dissect/transaction.ts";
import { type Counted, countedOf, type Traffic } from "../../core/stats/mod.ts";
import { ColumnFile } from "./column_file.ts";
import type { KindNames } from "./kinds.ts";

/** What questions about many transactions need of each. */
export interface IndexRow extends Counted {
  readonly n: number;
  readonly conversation: number;
  readonly name: string | null;
  readonly code: number | null;
  /** What the request is laid out as: perhaps another command than the row's. */
  readonly layout: string | null;
  /** Packets that completed the two. */
  readonly requestPacket: number | null;
  readonly responsePacket: number | null;
  readonly chats: number;
  readonly notes: number;
  readonly warns: number;
  readonly errors: number;
  /** The rank of what was asked among all, as a table shows it; null until all are known. */
  readonly arguments: number | null;
}

/** A column of the rows. */
export type RowColumn = Exclude<keyof IndexRow, "n">;

/**
 * What stands in each column, in their order. Each has a reader of its own: reading by name
 * would be looked up anew for every row.
 */
const VALUES = {
  conversation: (row) => row.conversation,
  time: (row) => row.time,
  name: (row) => row.name,
  code: (row) => row.code,
  outcome: (row) => row.outcome,
  status: (row) => row.status,
  failure: (row) => row.failure,
  layout: (row) => row.layout,
  requestPacket: (row) => row.requestPacket,
  responsePacket: (row) => row.responsePacket,
  requestBytes: (row) => row.requestBytes,
  responseBytes: (row) => row.responseBytes,
  responseTime: (row) => row.responseTime,
  serverTime: (row) => row.serverTime,
  networkTime: (row) => row.networkTime,
  thinkTime: (row) => row.thinkTime,
  lostTime: (row) => row.lostTime,
  zeroWindowTime: (row) => row.zeroWindowTime,
  producedMessages: (row) => row.producedMessages,
  producedBytes: (row) => row.producedBytes,
  consumedMessages: (row) => row.consumedMessages,
  consumedBytes: (row) => row.consumedBytes,
  chats: (row) => row.chats,
  notes: (row) => row.notes,
  warns: (row) => row.warns,
  errors: (row) => row.errors,
  arguments: (row) => row.arguments,
} as const satisfies {
  readonly [Name in RowColumn]: (row: IndexRow) => IndexRow[Name];
};
const COLUMNS = Object.keys(VALUES) as RowColumn[];
const READERS = Object.values(VALUES);
/** The columns of texts. */
const TEXTS: ReadonlySet<RowColumn> = new Set(["name", "outcome", "failure", "layout"]);

/** Some rows, as a {@link RowTest} sees them. */
export interface RowView {
  readonly length: number;
  /** A column, in that of texts their ids. Null is NaN. */
  column(name: keyof IndexRow): Float64Array;
  /** The id of a text; -1 where no row has it. */
  idOf(text: string): number;
}

/** For each row of a view, 1 where it passes. */
export type RowTest = (view: RowView) => Uint8Array;

/** The row of a transaction. */
export function rowOf(
  transaction: Transaction,
  traffic: Traffic,
  kinds: KindNames,
): IndexRow {
  const { request, response } = transaction;
  // Taken before the issues: what reads the traffic may judge the fields too.
  const counted = countedOf(transaction, traffic);
  const { issues } = transaction;
  const counts = { chat: 0, note: 0, warn: 0, error: 0 };
  for (const { severity } of issues) counts[severity]++;
  return {
    ...counted,
    n: transaction.number,
    conversation: transaction.conversation.id,
    name: transaction.name,
    code: transaction.code,
    layout: request === null ? null : kinds.nameOf(request.layout),
    requestPacket: request?.stamp.packet ?? null,
    responsePacket: response?.stamp.packet ?? null,
    chats: counts.chat,
    notes: counts.note,
    warns: counts.warn,
    errors: counts.error,
    arguments: null,
  };
}

/**
 * The rows of a capture's index: numbers in columns, where texts, of which there are few, stand
 * by their ids. A million of them is looked through in some ms for each column asked for.
 */
export class RowFile {
  readonly #columns: ColumnFile<RowColumn>;
  readonly #loadTexts: () => readonly string[];
  #texts: readonly string[] = [];
  #ids = new Map<string, number>();
  readonly #newTexts: string[] = [];
  /** The row being added. */
  readonly #numbers = new Float64Array(COLUMNS.length);

  /** Opens the file; `loadTexts` gives all texts that {@link newTexts} gave, in order. */
  constructor(path: string, isNew: boolean, loadTexts: () => readonly string[]) {
    this.#columns = new ColumnFile(path, COLUMNS, isNew);
    this.#loadTexts = loadTexts;
  }

  /** Bytes that a file of so many rows has at least. */
  static sizeOf(rows: number): number {
    return ColumnFile.sizeOf(COLUMNS.length, rows);
  }

  /** Takes the next row; gives the bytes that were written. */
  add(row: IndexRow): number {
    const numbers = this.#numbers;
    for (let i = 0; i < READERS.length; i++) {
      const value = READERS[i]!(row);
      numbers[i] = typeof value === "string" ? this.#idOf(value) : value ?? NaN;
    }
    return this.#columns.add(numbers);
  }

  #idOf(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      this.#ids.set(text, id = this.#ids.size);
      this.#newTexts.push(text);
    }
    return id;
  }

  /** Writes the rows that wait; gives the bytes. */
  flush(): number {
    return this.#columns.flush();
  }

  /** Texts that came since this was asked last, in order. */
  newTexts(): string[] {
    return this.#newTexts.splice(0);
  }

  /** Rows with numbers from `from` up to `to`. */
  rows(from: number, to: number): IndexRow[] {
    const columns = COLUMNS.map((name) => ({
      name,
      values: this.column(name, from, to),
    }));
    return Array.from({ length: to - from }, (_, i) => {
      const row: Record<string, number | string | null> = { n: from + i };
      for (const { name, values } of columns) {
        const value = values[i]!;
        row[name] = Number.isNaN(value)
          ? null
          : TEXTS.has(name)
          ? this.textOf(value)
          : value;
      }
      return row as unknown as IndexRow;
    });
  }

  /** A column of rows with numbers from `from` up to `to`. */
  column(name: RowColumn, from: number, to: number): Float64Array {
    return this.#columns.read(name, from, to);
  }

  /** The text of an id; null where there is none. */
  textOf(id: number): string | null {
    if (id >= this.#texts.length) this.#reload();
    return this.#texts[id] ?? null;
  }

  /** Rows with numbers from `from` up to `to` that pass a test. */
  matching(from: number, to: number, test: RowTest): Uint32Array<ArrayBuffer> {
    const length = to - from;
    const read = new Map<string, Float64Array>();
    const passed = test({
      length,
      column: (name) => {
        let values = read.get(name);
        if (values === undefined) {
          values = name === "n" ? numbered(from, length) : this.column(name, from, to);
          read.set(name, values);
        }
        return values;
      },
      idOf: (text) => {
        if (!this.#ids.has(text)) this.#reload();
        return this.#ids.get(text) ?? -1;
      },
    });
    const found = new Uint32Array(length);
    let count = 0;
    for (let i = 0; i < length; i++) if (passed[i] === 1) found[count++] = from + i;
    return found.slice(0, count);
  }

  /** Tells the rank of what was asked in each of the rows, all of which are written. */
  rank(ranks: Float64Array): void {
    this.#columns.replace("arguments", ranks);
  }

  /** Writes everything to the disk. */
  sync(): void {
    this.#columns.sync();
  }

  close(): void {
    this.#columns.close();
  }

  /** While the capture comes in there are ever more texts. */
  #reload(): void {
    this.#texts = this.#loadTexts();
    this.#ids = new Map(this.#texts.map((text, id) => [text, id]));
  }
}

function numbered(from: number, length: number): Float64Array {
  const numbers = new Float64Array(length);
  for (let i = 0; i < length; i++) numbers[i] = from + i;
  return numbers;
}
