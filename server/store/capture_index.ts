import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { secretRanges } from "../../core/export/secrets.ts";
import type { Severity } from "../../core/issue.ts";
import { type Counted, countedOf, Traffic } from "../../core/stats/mod.ts";
import type { ConversationStatistics } from "../../core/tcp/mod.ts";
import type { Conversation } from "../api.ts";
import { ProblemError } from "../problem.ts";
import type { BlockCache } from "./block_cache.ts";
import { FAILED } from "../query/pushdown.ts";
import { type Facts, FactsBuilder } from "./facts.ts";
import type { KindNames } from "./kinds.ts";
import { Block, BlockBuilder, type BlockPlace } from "./pdu_file.ts";

/** What questions about many transactions need of each. */
export interface IndexRow extends Counted {
  readonly n: number;
  readonly conversation: number;
  readonly name: string | null;
  readonly code: number | null;
  readonly chats: number;
  readonly notes: number;
  readonly warns: number;
  readonly errors: number;
}

/** The columns, each named as in {@link IndexRow}. */
const COLUMNS = Object.keys(
  {
    n: 0,
    conversation: 0,
    time: 0,
    name: 0,
    code: 0,
    outcome: 0,
    status: 0,
    failure: 0,
    requestBytes: 0,
    responseBytes: 0,
    responseTime: 0,
    serverTime: 0,
    networkTime: 0,
    thinkTime: 0,
    producedMessages: 0,
    producedBytes: 0,
    consumedMessages: 0,
    consumedBytes: 0,
    chats: 0,
    notes: 0,
    warns: 0,
    errors: 0,
  } satisfies Record<keyof IndexRow, 0>,
) as (keyof IndexRow)[];

const SCHEMA = `
  CREATE TABLE transactions (n INTEGER PRIMARY KEY, ${COLUMNS.slice(1).join(", ")});
  CREATE TABLE blocks (first INTEGER PRIMARY KEY, count, offset, length);
  CREATE TABLE conversations (n INTEGER PRIMARY KEY, iggy, json);
  CREATE TABLE secrets (n INTEGER PRIMARY KEY, conversation);
  CREATE TABLE facts (name PRIMARY KEY, json);
`;
const INDEXES = `
  CREATE INDEX by_conversation ON transactions (conversation);
  CREATE INDEX by_time ON transactions (time);
  CREATE INDEX by_name ON transactions (name);
  CREATE INDEX by_response_time ON transactions (responseTime);
  CREATE INDEX by_bytes ON transactions (coalesce(requestBytes, 0) + coalesce(responseBytes, 0));
  CREATE INDEX by_answer ON transactions (coalesce(status, -1));
  CREATE INDEX by_status ON transactions (status) WHERE status <> 0;
  CREATE INDEX by_failure ON transactions (n) WHERE ${FAILED};
`;

/** What rows can be sorted by, each an index. */
export const ORDERS = {
  time: "time",
  conversation: "conversation",
  response_time: "responseTime",
  command: "name",
  status: "coalesce(status, -1)",
  bytes: "coalesce(requestBytes, 0) + coalesce(responseBytes, 0)",
} as const;

/** Rows inserted by one statement, and the values of one. */
const INSERTED = 64, PLACES = `(${COLUMNS.map(() => "?").join(", ")})`;

/** Changes with the tables above and the form of the blocks; another one is made anew. */
export const INDEX_VERSION = 9;

/** Bytes that a transaction takes in the index, about. */
const ROW_BYTES = 120;
/** How long to wait for the other side of an index that is being written, in ms. */
const READER_WAIT_MS = 250, WRITER_WAIT_MS = 10_000;

/** A condition over the columns, in SQL. */
export interface RowCondition {
  readonly sql: string;
  readonly values: readonly (number | string)[];
}

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
  readonly #facts = new FactsBuilder();
  readonly #statements = new Map<string, StatementSync>();
  #rows: { row: IndexRow; secret: boolean }[] = [];
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
    if (create) Deno.writeFileSync(`${folder}/index.sqlite`, new Uint8Array(), PRIVATE);
    try {
      // A reader must not make the file: its worker, a moment later, would find it there.
      this.#database = this.#read(() =>
        new DatabaseSync(`${folder}/index.sqlite`, { readOnly: !create })
      );
    } catch (error) {
      this.#pdus.close();
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
        this.#one("SELECT coalesce(max(n) + 1, 0) AS count FROM transactions")!.count,
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
        database.prepare("SELECT max(n) FROM transactions").get();
        const last = database.prepare(
          "SELECT coalesce(max(offset + length), 0) AS size FROM blocks",
        ).get();
        return Deno.statSync(`${folder}/pdus`).size >= Number(last?.size);
      } finally {
        database.close();
      }
    } catch {
      return false;
    }
  }

  /** Takes the next transaction; gives the bytes that were written for it and others. */
  add(transaction: Transaction): number {
    const traffic = new Traffic(transaction);
    const row = rowOf(transaction, traffic);
    this.#facts.add(row, transaction, traffic);
    this.#rows.push({ row, secret: hasSecrets(transaction) });
    return this.#builder.add(transaction) ? this.flush() : 0;
  }

  /** Writes what waits; gives the bytes. */
  flush(): number {
    const count = this.#builder.count;
    if (count === 0) return 0;
    const bytes = this.#builder.finish();
    this.#pdus.seekSync(this.#end, Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) at += this.#pdus.writeSync(bytes.subarray(at));
    this.#statement("INSERT INTO blocks VALUES (?, ?, ?, ?)")
      .run(this.count, count, this.#end, bytes.length);
    this.#end += bytes.length;
    const secrets = this.#statement("INSERT INTO secrets VALUES (?, ?)");
    for (let from = 0; from < this.#rows.length; from += INSERTED) {
      const rows = this.#rows.slice(from, from + INSERTED);
      const insert = this.#statement(
        `INSERT INTO transactions VALUES ${Array(rows.length).fill(PLACES).join(", ")}`,
      );
      insert.run(...rows.flatMap(({ row }) => COLUMNS.map((column) => row[column])));
      for (const { row, secret } of rows) {
        if (secret) secrets.run(row.n, row.conversation);
      }
    }
    this.#rows = [];
    this.count += count;
    return bytes.length + count * ROW_BYTES;
  }

  /** Takes what TCP says of a conversation, after its transactions. */
  observe(number: number, statistics: ConversationStatistics): void {
    this.#facts.conversation(number, statistics);
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
    this.#database.exec(`${INDEXES} COMMIT`);
    this.#pdus.syncDataSync();
    return bytes;
  }

  /** Ends all use; what is asked later is gone. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#database.close();
    this.#pdus.close();
  }

  /** Rows with numbers from `from` up to `to`. */
  rows(from: number, to: number): IndexRow[] {
    return this.#all(
      `SELECT ${COLUMNS.join(", ")} FROM transactions WHERE n >= ? AND n < ?`,
      from,
      to,
    ) as unknown as IndexRow[];
  }

  /** One row. */
  row(n: number): IndexRow | undefined {
    return this.rows(n, n + 1)[0];
  }

  /**
   * Numbers from `from` up to `to` of rows that fit a condition, at most `limit`; `byIndex`
   * goes by the index that {@link isIndexed} found rather than from row to row.
   */
  matching(
    from: number,
    to: number,
    condition: RowCondition,
    { limit, byIndex }: { readonly limit: number; readonly byIndex: boolean },
  ): Uint32Array<ArrayBuffer> {
    // Filters are many and seldom the same, so the statement is not kept.
    const found = this.#read(() =>
      this.#database.prepare(matchingSql(condition, byIndex))
        .all(from, to, ...condition.values, limit)
    );
    return Uint32Array.from(found, ({ n }) => Number(n));
  }

  /** Whether rows that fit a condition are found without looking at the others. */
  isIndexed(condition: RowCondition): boolean {
    const plan = this.#read(() =>
      this.#database.prepare(`EXPLAIN QUERY PLAN ${matchingSql(condition, true)}`)
        .all(0, this.count, ...condition.values, 1)
    );
    return plan.every(({ detail }) =>
      /USING (COVERING )?INDEX|TEMP B-TREE/.test(`${detail}`)
    );
  }

  /** Numbers of transactions in the order of a column, from a place on, at most `limit`. */
  ordered(
    by: keyof typeof ORDERS,
    from: number,
    limit: number,
  ): Uint32Array<ArrayBuffer> {
    const sql = `SELECT n FROM transactions ORDER BY ${ORDERS[by]}, n LIMIT ? OFFSET ?`;
    return Uint32Array.from(this.#all(sql, limit, from), ({ n }) => Number(n));
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
    const row = this.#one(
      "SELECT min(time) AS first, max(time) AS last FROM transactions",
    );
    return row as { first: number | null; last: number | null };
  }

  /** Numbers of the conversation's transactions from `from` on, at most `limit`. */
  ofConversation(conversation: number, from: number, limit: number): number[] {
    return this.#all(
      "SELECT n FROM transactions WHERE conversation = ? AND n >= ? ORDER BY n LIMIT ?",
      conversation,
      from,
      limit,
    ).map(({ n }) => Number(n));
  }

  /** Numbers of conversations that have transactions. */
  talking(): number[] {
    return this.#all("SELECT DISTINCT conversation AS n FROM transactions")
      .map(({ n }) => Number(n));
  }

  /** Conversations of which more may come, as their transactions so far tell them. */
  openConversations(limit: number): OpenConversation[] {
    const found = this.#all(
      `SELECT conversation, count(*) AS transactions,
        sum(outcome IN ('error', 'evicted')) AS errors,
        min(time) AS first, max(time) AS last, max(n) AS n,
        sum(coalesce(requestBytes, 0)) AS sent, sum(coalesce(responseBytes, 0)) AS received
        FROM transactions WHERE conversation NOT IN (SELECT n FROM conversations)
        GROUP BY conversation ORDER BY conversation LIMIT ?`,
      limit,
    );
    return found as unknown as OpenConversation[];
  }

  /** Numbers of transactions in which there are secrets. */
  secrets(conversations: ReadonlySet<number>): number[] {
    return this.#all("SELECT n, conversation FROM secrets")
      .filter(({ conversation }) => conversations.has(Number(conversation)))
      .map(({ n }) => Number(n));
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
      // Somebody else is writing: that is no damage.
      if (error instanceof ProblemError || /locked|busy/.test(reason)) throw error;
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

/** A sign before `n` keeps SQLite from going by it. */
function matchingSql({ sql }: RowCondition, byIndex: boolean): string {
  const n = byIndex ? "+n" : "n";
  return `SELECT n FROM transactions WHERE ${n} >= ? AND ${n} < ? AND ${sql} ` +
    "ORDER BY n LIMIT ?";
}

function rowOf(transaction: Transaction, traffic: Traffic): IndexRow {
  const { issues } = transaction;
  const have = (severity: Severity) =>
    issues.length === 0
      ? 0
      : issues.filter((issue) => issue.severity === severity).length;
  return {
    ...countedOf(transaction, traffic),
    n: transaction.number,
    conversation: transaction.conversation.id,
    name: transaction.name,
    code: transaction.code,
    chats: have("chat"),
    notes: have("note"),
    warns: have("warn"),
    errors: have("error"),
  };
}

function hasSecrets({ request, response }: Transaction): boolean {
  return request !== null && secretRanges(request, false).length > 0 ||
    response !== null && secretRanges(response, request === null).length > 0;
}
