/**
 * iggyscope as a library: captures of Apache Iggy traffic to transactions.
 *
 * {@link dissect} reads captures, {@link diagnose} says what is wrong in them, {@link stats}
 * counts. {@link decode} and {@link encode} work on single PDUs. {@link commands} has every
 * command by its name; comparing a transaction's `command` with one tells TypeScript its
 * fields. {@link iggyRegistry} takes commands and framings of your own.
 *
 * Nothing here writes to a terminal or ends the process, and importing it awaits nothing, so
 * all of it works in a worker too. The parts it is made of are modules of their own:
 *
 * - `iggyscope/schema`: `command()` and the field kinds, `encode` and `decode` of payloads
 * - `iggyscope/capture`: readers and writers of pcap and pcapng
 * - `iggyscope/dissect`: registries, pipelines, transactions with bytes and layouts
 * - `iggyscope/framing`: the interface of framings, carriers, key logs
 * - `iggyscope/filter`, `iggyscope/stats`, `iggyscope/diagnose`
 * - `iggyscope/export`: text, tree, NDJSON, CSV; `iggyscope/table`: Parquet and Arrow;
 *   `iggyscope/lua`: the Wireshark dissector
 * - `iggyscope/iggy`: Iggy's framings and statuses
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * let messages = 0;
 * for await (const t of dissect("fixtures/captures/classic-080-all.pcap")) {
 *   if (t.command === "poll_messages") messages += t.response?.messages?.length ?? 0;
 * }
 * assertEquals(messages, 224);
 * ```
 *
 * @module
 */
import { type CaptureFinding, Diagnosis } from "./core/diagnose/mod.ts";
import { type PduHints } from "./core/dissect/decode_pdus.ts";
import { decodePdus } from "./core/dissect/decode_pdus.ts";
import { type Source, transactionsOf } from "./core/dissect/dissect.ts";
import type { TransactionsOptions } from "./core/dissect/dissect.ts";
import type { Registry } from "./core/dissect/registry.ts";
import {
  type OtherTransaction,
  type TransactionOf,
  TypedTransaction,
} from "./core/dissect/typed_transaction.ts";
import { compileFilter } from "./core/filter/mod.ts";
import type { Command } from "./core/schema/mod.ts";
import {
  Statistics,
  type StatisticsOptions,
  type StatisticsRecord,
  statisticsRecord,
} from "./core/stats/mod.ts";
import type { IggyCommand } from "./plugins/mod.ts";
import { iggyRegistry } from "./plugins/registry.ts";

export { CaptureError, type CaptureErrorKind } from "./core/capture/mod.ts";
export type { CaptureFinding, CaptureFindingId } from "./core/diagnose/mod.ts";
export type { PduHints } from "./core/dissect/decode_pdus.ts";
export type { Source } from "./core/dissect/dissect.ts";
export { type Outcome, OUTCOMES } from "./core/dissect/outcome.ts";
export type {
  QuicPlace,
  RequestRecord,
  ResponseRecord,
  TransactionRecord,
} from "./core/dissect/record.ts";
export type { Registry } from "./core/dissect/registry.ts";
export type { TimeSplit } from "./core/dissect/time_split.ts";
export {
  type OtherTransaction,
  type RequestOf,
  type ResponseOf,
  type TransactionOf,
  TypedTransaction,
} from "./core/dissect/typed_transaction.ts";
export { FilterError } from "./core/filter/mod.ts";
export { KeyLog } from "./core/framing/tls/key_log.ts";
export type { Issue, IssueGroup, Severity } from "./core/issue.ts";
export type { Command } from "./core/schema/mod.ts";
export type { GroupBy, StatisticsOptions, StatisticsRecord } from "./core/stats/mod.ts";
export { encode, type EncodeOptions, type Values } from "./plugins/encode.ts";
export { commands, type IggyCommand, statusName } from "./plugins/mod.ts";
export { iggyRegistry } from "./plugins/registry.ts";

/** A transaction of Iggy: comparing `command` tells the fields of request and response. */
export type Transaction = TransactionOf<IggyCommand> | OtherTransaction;

/** Choices of {@link dissect}; all have defaults. */
export interface DissectOptions<Own extends Command = never> extends TransactionsOptions {
  /** Only transactions that match this display filter: `iggy.failed`. */
  filter?: string;
  /** Commands of your own; their transactions are typed as Iggy's are. */
  commands?: readonly Own[];
  /** All that is known instead: other framings, or another protocol. */
  registry?: Registry;
}

/**
 * Reads captures and gives their transactions in order of completion. Several captures are
 * merged by time. It reads on only as transactions are taken: what waits is at most what one
 * chunk of 1 MiB completes. Leaving the loop closes the files.
 *
 * Damage of the capture is told to `options.report`; a source that cannot be read at all
 * throws {@link CaptureError}, a wrong filter {@link FilterError}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const bytes = await Deno.readFile("fixtures/captures/classic-080-all.pcap");
 * for await (const { command, request, failure } of dissect(bytes, { filter: "iggy.failed" })) {
 *   assertEquals([command, failure], ["login_user", "invalid_credentials"]);
 *   if (command === "login_user") assertEquals(request?.username, "iggy");
 *   break;
 * }
 * ```
 */
export async function* dissect<const Own extends Command = never>(
  source: Source | readonly Source[],
  options: DissectOptions<Own> = {},
): AsyncGenerator<Transaction | TransactionOf<Own>, void> {
  const registry = registryOf(options);
  const passes = compileFilter(options.filter ?? "", registry);
  for await (const transaction of transactionsOf(source, registry, options)) {
    if (!passes(transaction)) continue;
    yield new TypedTransaction(transaction) as Transaction | TransactionOf<Own>;
  }
}

function registryOf({ registry, commands }: DissectOptions<Command>): Registry {
  if (registry === undefined) return iggyRegistry(commands);
  if (commands === undefined) return registry;
  throw new TypeError("a registry has its commands already: give one of the two");
}

/**
 * Says what is wrong in captures as a whole: lag, storms, mismatches, loss; the most serious
 * first. Choices are those of {@link dissect}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const [found] = await diagnose("fixtures/captures/classic-080-idlepoll.pcap");
 * assertEquals(found?.id, "empty_poll_storm");
 * ```
 */
export async function diagnose(
  source: Source | readonly Source[],
  options: DissectOptions<Command> = {},
): Promise<CaptureFinding[]> {
  const diagnosis = new Diagnosis();
  const ended: Parameters<Diagnosis["conversation"]>[] = [];
  const transactions = dissect(source, {
    ...options,
    conversation(state, statistics) {
      options.conversation?.(state, statistics);
      ended.push([state.id, statistics]);
    },
  });
  for await (const { raw } of transactions) diagnosis.transaction(raw);
  for (const each of ended) diagnosis.conversation(...each);
  return diagnosis.finish();
}

/**
 * Counts what captures hold: requests, errors, response times and their parts, messages, and
 * how far consumers are; what `stats -T json` prints. Choices are those of {@link dissect},
 * with what to group by.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const { groups } = await stats("fixtures/captures/classic-080-all.pcap", { by: "outcome" });
 * assertEquals(groups.map(({ key, count }) => [key, count]), [["ok", 79], ["error", 11]]);
 * ```
 */
export async function stats(
  source: Source | readonly Source[],
  options: DissectOptions<Command> & StatisticsOptions = {},
): Promise<StatisticsRecord> {
  const statistics = new Statistics(options);
  for await (const { raw } of dissect(source, options)) statistics.add(raw);
  return statisticsRecord(statistics);
}

/**
 * Decodes one PDU, or several one after another, that stand alone, framing included. Each
 * becomes a transaction of one side; packet numbers are 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const bytes = encode(commands.create_stream, { request: { name: "orders" } });
 * const [t] = decode(bytes, { direction: "request" });
 * assertEquals(t?.command === "create_stream" && t.request?.name, "orders");
 * ```
 */
export function decode(
  bytes: Uint8Array,
  hints: PduHints,
  registry: Registry = iggyRegistry(),
): Transaction[] {
  return decodePdus(registry, bytes, hints).map((transaction) =>
    new TypedTransaction(transaction) as Transaction
  );
}
