import { writeAll } from "../../core/bytes/write_all.ts";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { isError } from "../../core/dissect/outcome.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { secretRanges } from "../../core/export/secrets.ts";
import { LineTraffic } from "../../core/export/line_traffic.ts";
import type { ConversationStatistics } from "../../core/tcp/mod.ts";
import type { Conversation } from "../api.ts";
import { ProblemError } from "../problem.ts";
import { argumentsOf } from "../query/row.ts";
import { Batch } from "./batch.ts";
import type { BlockCache } from "./block_cache.ts";
import { type Facts, FactsBuilder } from "./facts.ts";
import type { KindNames } from "./kinds.ts";
import { Block, BlockBuilder, type BlockPlace } from "./pdu_file.ts";
import {
  type IndexRow,
  type RowColumn,
  RowFile,
  rowOf,
  type RowTest,
} from "./row_file.ts";
import { TextRanks } from "./text_ranks.ts";

const SCHEMA = `
  CREATE TABLE blocks (first INTEGER PRIMARY KEY, count, offset, length);
  CREATE TABLE texts (id INTEGER PRIMARY KEY, text);
  CREATE TABLE conversations (n INTEGER PRIMARY KEY, iggy, json);
  CREATE TABLE secrets (n INTEGER PRIMARY KEY, conversation);
  CREATE TABLE remarks (n INTEGER PRIMARY KEY);
  CREATE TABLE facts (name PRIMARY KEY, json);
`;

/** The files of an index, in the folder of its capture. */
export const INDEX_FILES = ["rows", "pdus", "index.sqlite"] as const;

/** Rows that are looked at in one go. */
const SCANNED = 65_536;
/** What is asked is sorted by as anyone may see it. */
const MASKED = { maxBytes: 64, showSecrets: false } as const;

/** Changes with the tables above and the form of the blocks; another one is made anew. */
export const INDEX_VERSION = 15;

/** How long to wait for the other side of an index that is being written, in ms. */
const READER_WAIT_MS = 1000, WRITER_WAIT_MS = 10_000;

/** Files with captured bytes, which hold passwords and tokens, are the owner's alone. */
const PRIVATE = { mode: 0o600, createNew: true } as const;

/** What the transactions of a conversation that goes on tell of it. */
export interface OpenConversation {
  readonly conversation: number;
  readonly transactions: number;
  readonly errors: number;
  /** Seconds since the epoch. */
  readonly first: number;
  readonly last: number;
  /** Its last transaction. */
  readonly n: number;
  readonly sent: number;
  readonly received: number;
}

/** What an index works with. */
export interface IndexContext {
  readonly registry: Registry;
  readonly kinds: KindNames;
  readonly blocks: BlockCache;
}

/** Whether an index is to be made, is read while it is written, or is complete. */
export type IndexState = "new" | "growing" | "finished";

/** The files of a capture beside its bytes: transactions, conversations and their PDUs. */
export class CaptureIndex {
  readonly #context: IndexContext;
  readonly #key: string;
  readonly #folder: string;
  readonly #isFinished: boolean;
  readonly #database: DatabaseSync;
  readonly #pdus: Deno.FsFile;
  readonly #builder: BlockBuilder;
  readonly #batch = new Batch();
  readonly #facts = new FactsBuilder();
  readonly #statements = new Map<string, StatementSync>();
  readonly #rowFile: RowFile;
  /** What was asked, as a table shows it. */
  readonly #asked = new TextRanks();
  #names: ReadonlyMap<string, string> | null = null;
  #remarks: Uint32Array | null = null;
  #end = 0;
  #closed = false;
  /** Transactions that can be asked for: those written. */
  count = 0;

  /** Opens the files in a folder, or makes them. */
  constructor(folder: string, key: string, context: IndexContext, state: IndexState) {
    const create = state === "new";
    this.#isFinished = state === "finished";
    this.#context = context;
    this.#key = key;
    this.#folder = folder;
    this.#builder = new BlockBuilder(context.kinds);
    this.#pdus = Deno.openSync(`${folder}/pdus`, {
      read: true,
      write: create,
      createNew: create,
      mode: 0o600,
    });
    try {
      this.#rowFile = new RowFile(`${folder}/rows`, create, () => this.texts());
    } catch (error) {
      this.#pdus.close();
      throw error;
    }
    if (create) Deno.writeFileSync(`${folder}/index.sqlite`, new Uint8Array(), PRIVATE);
    try {
      // A reader must not make the file: its worker, a moment later, would find it there.
      this.#database = this.#read(() =>
        new DatabaseSync(`${folder}/index.sqlite`, { readOnly: !create })
      );
    } catch (error) {
      this.#pdus.close();
      this.#rowFile.close();
      throw error;
    }
    if (create) {
      // Until it is finished a crash throws all of it away: nothing needs to be safe. Pages
      // are written at a commit only, or readers would be locked out before.
      this.#database.exec(`
        PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_spill = OFF;
        PRAGMA busy_timeout = ${WRITER_WAIT_MS}; PRAGMA user_version = ${INDEX_VERSION};
        ${SCHEMA} BEGIN`);
      return;
    }
    try {
      this.#database.exec(`PRAGMA busy_timeout = ${READER_WAIT_MS}`);
      this.count = Number(
        this.#one("SELECT coalesce(max(first + count), 0) AS count FROM blocks")!.count,
      );
    } catch (error) {
      // Its worker has only begun to make it.
      this.close();
      throw error;
    }
  }

  /** Whether the index in a folder can be read by this program. */
  static isReadable(folder: string): boolean {
    try {
      const database = new DatabaseSync(`${folder}/index.sqlite`, { readOnly: true });
      try {
        const row = database.prepare("PRAGMA user_version").get();
        if (row?.user_version !== INDEX_VERSION) return false;
        const last = database.prepare(
          "SELECT coalesce(max(offset + length), 0) AS size, " +
            "coalesce(max(first + count), 0) AS count FROM blocks",
        ).get();
        const sizeOf = (name: string) => Deno.statSync(`${folder}/${name}`).size;
        return sizeOf("pdus") >= Number(last?.size) &&
          sizeOf("rows") >= RowFile.sizeOf(Number(last?.count));
      } finally {
        database.close();
      }
    } catch {
      return false;
    }
  }

  /** Takes the next transaction; gives the bytes that were written for it and others. */
  add(transaction: Transaction): number {
    return this.#batch.add(transaction) ? this.#endBatch() : 0;
  }

  /** Looks at what waits, all of it in one way after the other; gives the bytes written. */
  #endBatch(): number {
    const taken = this.#batch.take();
    const traffic = taken.map(({ transaction }) => new LineTraffic(transaction));
    const rows = taken.map(({ transaction }, i) =>
      rowOf(transaction, traffic[i]!, this.#context.kinds)
    );
    this.#facts.add(taken, rows, traffic);
    taken.forEach(({ transaction }, i) =>
      this.#asked.add(argumentsOf(transaction, MASKED, undefined, traffic[i]))
    );
    taken.forEach(({ transaction }, i) => this.#remember(transaction, rows[i]!));
    let bytes = 0;
    for (const row of rows) bytes += this.#rowFile.add(row);
    for (const one of taken) if (this.#builder.add(one)) bytes += this.#endBlock();
    return bytes;
  }

  /** Notes which rows have secrets and which are remarks. */
  #remember(transaction: Transaction, { n, conversation }: IndexRow): void {
    if (hasSecrets(transaction)) {
      this.#statement("INSERT INTO secrets VALUES (?, ?)").run(n, conversation);
    }
    if (transaction.isRemark) {
      this.#statement("INSERT INTO remarks VALUES (?)").run(n);
    }
  }

  /** Writes the block that is being made, though more might follow; gives the bytes. */
  #endBlock(): number {
    const count = this.#builder.count;
    if (count === 0) return 0;
    const bytes = this.#builder.finish();
    this.#pdus.seekSync(this.#end, Deno.SeekMode.Start);
    writeAll(this.#pdus, bytes);
    this.#statement("INSERT INTO blocks VALUES (?, ?, ?, ?)")
      .run(this.count, count, this.#end, bytes.length);
    this.#end += bytes.length;
    this.count += count;
    return bytes.length;
  }

  /** Writes what waits; gives the bytes. */
  flush(): number {
    const bytes = this.#endBatch() + this.#endBlock() + this.#rowFile.flush();
    const insert = this.#statement("INSERT INTO texts (text) VALUES (?)");
    for (const text of this.#rowFile.newTexts()) insert.run(text);
    return bytes;
  }

  /** Takes what TCP says of a conversation, after its transactions; gives the bytes written. */
  observe(number: number, statistics: ConversationStatistics): number {
    const bytes = this.#endBatch();
    this.#facts.conversation(number, statistics);
    return bytes;
  }

  /** Takes a conversation of which nothing more will come; gives the bytes written. */
  addConversation(conversation: Conversation): number {
    const json = JSON.stringify(conversation);
    this.#statement("INSERT OR REPLACE INTO conversations VALUES (?, ?, ?)").run(
      conversation.conversation,
      conversation.framing === null ? 0 : 1,
      json,
    );
    return json.length;
  }

  /** Lets others read what was written so far. */
  commit(): void {
    this.#database.exec("COMMIT; BEGIN");
  }

  /** Writes everything so that it outlives a crash; gives the bytes. */
  finish(): number {
    const bytes = this.flush();
    const insert = this.#statement("INSERT INTO facts VALUES (?, ?)");
    for (const [name, fact] of Object.entries(this.#facts.finish())) {
      insert.run(name, JSON.stringify(fact));
    }
    this.#rowFile.rank(this.#asked.finish());
    this.#database.exec("COMMIT");
    this.#rowFile.sync();
    this.#pdus.syncDataSync();
    return bytes;
  }

  /** Ends all use; what is asked later is gone. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#database.close();
    this.#rowFile.close();
    this.#pdus.close();
  }

  /** Rows with numbers from `from` up to `to`. */
  rows(from: number, to: number): IndexRow[] {
    return this.#read(() => this.#rowFile.rows(from, Math.min(to, this.count)));
  }

  /** A column of rows with numbers from `from` up to `to`; null is NaN, a text its id. */
  column(name: RowColumn, from: number, to: number): Float64Array {
    return this.#read(() => this.#rowFile.column(name, from, to));
  }

  /** The texts of columns by id. */
  texts(): string[] {
    return this.#all("SELECT text FROM texts ORDER BY id").map(({ text }) =>
      String(text)
    );
  }

  /** Numbers from `from` up to `to` of rows that pass a test. */
  matching(from: number, to: number, test: RowTest): Uint32Array<ArrayBuffer> {
    return this.#read(() => this.#rowFile.matching(from, to, test));
  }

  /** The name of a stream `0`, or a topic `orders/0`, where answers told one. */
  nameOf(key: string): string | undefined {
    this.#names ??= new Map(Object.entries(this.fact("names") ?? {}));
    return this.#names.get(key);
  }

  /** What was found of the capture as a whole; null where the index is not finished. */
  fact<Name extends keyof Facts>(name: Name): Facts[Name] | null {
    const row = this.#read(() =>
      this.#database.prepare("SELECT json FROM facts WHERE name = ?").get(name)
    );
    return row === undefined ? null : JSON.parse(String(row.json));
  }

  /** Earliest and latest time. */
  times(): { first: number | null; last: number | null } {
    let first = Infinity, last = -Infinity;
    for (const time of this.column("time", 0, this.count)) {
      if (time < first) first = time;
      if (time > last) last = time;
    }
    return first > last ? { first: null, last: null } : { first, last };
  }

  /** Numbers of the conversation's transactions from `from` on, at most `limit`. */
  ofConversation(conversation: number, from: number, limit: number): number[] {
    const found: number[] = [];
    for (let n = from; n < this.count && found.length < limit; n += SCANNED) {
      const column = this.column("conversation", n, Math.min(this.count, n + SCANNED));
      for (let i = column.indexOf(conversation); i >= 0 && found.length < limit;) {
        found.push(n + i);
        i = column.indexOf(conversation, i + 1);
      }
    }
    return found;
  }

  /** Conversations of which more may come, as their transactions so far tell them. */
  openConversations(limit: number): OpenConversation[] {
    const ended = new Set(
      this.#all("SELECT n FROM conversations").map(({ n }) => Number(n)),
    );
    const open = new Map<number, OpenConversation>();
    for (let from = 0; from < this.count; from += SCANNED) {
      for (const row of this.rows(from, from + SCANNED)) {
        if (ended.has(row.conversation)) continue;
        open.set(row.conversation, joined(open.get(row.conversation), row));
      }
    }
    return [...open.values()].sort((a, b) => a.conversation - b.conversation)
      .slice(0, limit);
  }

  /** Numbers of the rows that are remarks and no transactions, in order. */
  remarks(): Uint32Array {
    if (this.#remarks !== null) return this.#remarks;
    const found = Uint32Array.from(
      this.#all("SELECT n FROM remarks WHERE n < ? ORDER BY n", this.count),
      ({ n }) => Number(n),
    );
    if (this.#isFinished) this.#remarks = found;
    return found;
  }

  /** Numbers of transactions in which there are secrets. */
  secrets(conversations: ReadonlySet<number>): number[] {
    return this.#all("SELECT n, conversation FROM secrets")
      .filter(({ conversation }) => conversations.has(Number(conversation)))
      .map(({ n }) => Number(n));
  }

  /** One end of every conversation that has ended. */
  endpoints(end: "client" | "server"): { n: number; endpoint: string }[] {
    return this.#all(`SELECT n, json ->> '${end}' AS endpoint FROM conversations`)
      .map(({ n, endpoint }) => ({ n: Number(n), endpoint: String(endpoint) }));
  }

  /** Conversations from a number on. */
  conversations(from: number, limit: number, iggy: boolean): Conversation[] {
    return this.#all(
      "SELECT json FROM conversations WHERE n >= ? AND iggy >= ? ORDER BY n LIMIT ?",
      from,
      iggy ? 1 : 0,
      limit,
    ).map(({ json }) => JSON.parse(String(json)));
  }

  /** The transaction of a number below `count`. */
  transaction(n: number): Transaction {
    const { registry, kinds } = this.#context;
    return this.#block(n).transaction(n, registry, kinds);
  }

  #block(n: number): Block {
    const cached = this.#context.blocks.get(this.#key, n);
    if (cached !== null) return cached;
    const found = this.#one(
      "SELECT * FROM blocks WHERE first <= ? ORDER BY first DESC LIMIT 1",
      n,
    );
    const block = this.#read(() => this.#readBlock(found as unknown as BlockPlace));
    this.#context.blocks.put(this.#key, block);
    return block;
  }

  #readBlock({ first, offset, length }: BlockPlace): Block {
    const bytes = new Uint8Array(length);
    this.#pdus.seekSync(offset, Deno.SeekMode.Start);
    for (let at = 0; at < length;) {
      const read = this.#pdus.readSync(bytes.subarray(at));
      if (read === null) throw new Error("the file of PDUs is shorter than its index");
      at += read;
    }
    return new Block(first, bytes);
  }

  #all(sql: string, ...values: number[]): Record<string, unknown>[] {
    return this.#read(() => this.#statement(sql).all(...values)) as Record<
      string,
      unknown
    >[];
  }

  #one(sql: string, ...values: number[]): Record<string, unknown> | undefined {
    return this.#read(() => this.#statement(sql).get(...values)) as
      | Record<string, unknown>
      | undefined;
  }

  /** Reads from the files; those that cannot be read are made anew at the next start. */
  #read<T>(work: () => T): T {
    this.#check();
    try {
      return work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : `${error}`;
      if (error instanceof ProblemError) throw error;
      // Its worker is writing at the moment: that is no damage.
      if (/locked|busy/.test(reason)) {
        const more = { "retry-after": "1" };
        throw new ProblemError(503, "The capture is being written; ask again.", {}, more);
      }
      if (!this.#isFinished) throw error;
      try {
        Deno.removeSync(`${this.#folder}/index.sqlite`);
      } catch {
        // A folder that cannot be written stays as it is.
      }
      const message = `The index of the capture is damaged (${reason}); ` +
        "the server makes it anew at its next start.";
      throw new ProblemError(500, message);
    }
  }

  #statement(sql: string): StatementSync {
    this.#check();
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #check(): void {
    if (this.#closed) throw new ProblemError(410, "The capture was deleted.");
  }
}

/** What is known of an open conversation, with one more of its rows. */
function joined(known: OpenConversation | undefined, row: IndexRow): OpenConversation {
  const { conversation, n, outcome, requestBytes, responseBytes } = row;
  const time = row.time ?? known?.last ?? 0;
  const error = outcome !== null && isError(outcome) ? 1 : 0;
  return {
    conversation,
    n,
    transactions: (known?.transactions ?? 0) + (row.time === null ? 0 : 1),
    errors: (known?.errors ?? 0) + error,
    first: Math.min(known?.first ?? Infinity, time),
    last: Math.max(known?.last ?? -Infinity, time),
    sent: (known?.sent ?? 0) + (requestBytes ?? 0),
    received: (known?.received ?? 0) + (responseBytes ?? 0),
  };
}

function hasSecrets({ request, response }: Transaction): boolean {
  return request !== null && secretRanges(request, false).length > 0 ||
    response !== null && secretRanges(response, request === null).length > 0;
}
