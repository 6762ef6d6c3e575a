/**
 * iggyscope as a library: captures of Apache Iggy traffic to transactions, and the schema
 * language that its commands are written in.
 *
 * {@link dissect} reads captures; {@link iggyRegistry} knows all of Iggy's commands;
 * {@link command} and the field kinds make new ones, {@link createRegistry} another protocol.
 * {@link decode} and {@link encode} work on single payloads, {@link Pipeline} takes packets
 * that come from elsewhere, {@link CaptureReader}, {@link PcapWriter} and {@link PcapngWriter}
 * read and write capture files. Nothing here writes to a terminal or ends the process, so all
 * of it works in a worker too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const commands = new Set<string | null>();
 * for await (const { name } of dissect("fixtures/captures/classic-080-all.pcap")) {
 *   commands.add(name);
 * }
 * assertEquals(commands.size, 47);
 * ```
 *
 * @module
 */
import { KeyLog } from "./core/framing/tls/key_log.ts";
import {
  type CaptureSource,
  captureSteps,
  type ReadOptions,
} from "./core/capture/mod.ts";
import { Pipeline, type PipelineOptions } from "./core/dissect/pipeline.ts";
import type { Registry } from "./core/dissect/registry.ts";
import type { Transaction } from "./core/dissect/transaction.ts";
import { loadChecksums } from "./core/schema/mod.ts";
import { type CaptureFinding, Diagnosis } from "./core/diagnose/mod.ts";
import { iggyRegistry } from "./plugins/registry.ts";

export * from "./core/schema/mod.ts";
export { type Issue, type IssueGroup, type Report, type Severity } from "./core/issue.ts";
export * from "./core/capture/mod.ts";
export type {
  ConversationReport,
  ConversationStatistics,
  FlowStatistics,
  TcpLimits,
} from "./core/tcp/mod.ts";
export type { Conversation, Endpoints, Side, Stamp } from "./core/flow/mod.ts";
export type {
  Framer,
  Framing,
  FramingHost,
  Link,
  Opening,
  Verdict,
} from "./core/framing/framing.ts";
export { FrameReader, type FrameShape } from "./core/framing/frame_reader.ts";
export { guardedFraming } from "./core/framing/guard.ts";
export { type Exchange, Pdu } from "./core/framing/pdu.ts";
export { ConversationState } from "./core/dissect/conversation_state.ts";
export type { DissectorOptions } from "./core/dissect/dissector.ts";
export {
  createRegistry,
  type Registry,
  type RegistryOptions,
  type StatusName,
} from "./core/dissect/registry.ts";
export type {
  RequestRecord,
  ResponseRecord,
  TransactionRecord,
} from "./core/dissect/record.ts";
export { type RecordOptions, Transaction } from "./core/dissect/transaction.ts";
export { decodePdus, type PduHints } from "./core/dissect/decode_pdus.ts";
export {
  compileFilter,
  fieldTable,
  type Filter,
  FilterError,
  type FilterField,
} from "./core/filter/mod.ts";
export {
  type ConsumerPlace,
  Counters,
  type GroupBy,
  type GroupChanges,
  Offsets,
  Statistics,
  type StatisticsOptions,
  statisticsRecord,
  Traffic,
} from "./core/stats/mod.ts";
export { CAPTURE_FINDINGS, type CaptureFindingId } from "./core/diagnose/mod.ts";
export { type Outcome, OUTCOMES } from "./core/dissect/outcome.ts";
export type { TimeSplit } from "./core/dissect/time_split.ts";
export * from "./core/export/mod.ts";
export {
  type Cell,
  type Column,
  type ColumnType,
  TABLE_COLUMNS,
  TABLE_FORMATS,
  type TableFormat,
  type TableSink,
  TableWriter,
  tableWriter,
} from "./core/export/table/mod.ts";
export { exportLua, LuaExportError, type LuaOptions } from "./core/export/lua/mod.ts";
export { iggyCommands, statusName } from "./plugins/mod.ts";
export { iggyFramings, iggyRegistry } from "./plugins/registry.ts";
export { classic } from "./plugins/framings/classic/mod.ts";
export { vsr } from "./plugins/framings/vsr/mod.ts";
export { tls } from "./core/framing/tls/mod.ts";
export {
  KeyLog,
  type KeyLogOptions,
  type SecretStore,
} from "./core/framing/tls/key_log.ts";
export { websocket } from "./core/framing/websocket/mod.ts";
export { type CaptureFinding, Diagnosis, Pipeline, type PipelineOptions };

/** A capture: its path (`-` is standard input), its bytes, or a stream of them. */
export type Source = CaptureSource | URL | Uint8Array;

/** Choices of {@link dissect}; all have defaults. */
export interface DissectOptions extends Omit<ReadOptions, "secrets">, PipelineOptions {
  /** Commands and framings to know; default {@link iggyRegistry}. */
  registry?: Registry;
}

/**
 * Reads captures and gives their transactions in order of completion. Several captures are
 * merged by time. It reads on only as transactions are taken: what waits is at most what one
 * chunk of 1 MiB completes. Leaving the loop closes the files.
 *
 * Damage of the capture is told to `options.report`; a source that cannot be read at all
 * throws {@link CaptureError}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const bytes = await Deno.readFile("fixtures/captures/classic-080-all.pcap");
 * for await (const transaction of dissect(bytes)) {
 *   if (transaction.statusName === "ok") continue;
 *   assertEquals(transaction.name, "login_user");
 *   assertEquals(transaction.statusName, "invalid_credentials");
 *   break;
 * }
 * ```
 */
export async function* dissect(
  source: Source | readonly Source[],
  options: DissectOptions = {},
): AsyncGenerator<Transaction, void> {
  const sources = Array.isArray(source) ? source : [source];
  await loadChecksums();
  const keys = options.keys ?? new KeyLog();
  let ready: Transaction[] = [];
  const pipeline = new Pipeline(
    options.registry ?? iggyRegistry(),
    (transaction) => ready.push(transaction),
    { ...options, keys },
  );
  const steps = captureSteps(
    sources.map(captureSource),
    (packet) => pipeline.push(packet),
    options.report ?? (() => {}),
    {
      ...options,
      // Key logs inside captures join in.
      secrets: (bytes) => keys instanceof KeyLog && keys.pushWhole(bytes),
    },
  );
  for await (const _ of steps) {
    yield* ready;
    ready = [];
  }
  pipeline.end();
  yield* ready;
}

function captureSource(source: Source): CaptureSource {
  if (source instanceof Uint8Array) return ReadableStream.from([source]);
  if (!(source instanceof URL)) return source;
  if (source.protocol !== "file:") throw new TypeError("only file: URLs can be read");
  return decodeURIComponent(source.pathname);
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
  options: DissectOptions = {},
): Promise<CaptureFinding[]> {
  const diagnosis = new Diagnosis();
  const ended: Parameters<Diagnosis["conversation"]>[] = [];
  const transactions = dissect(source, {
    ...options,
    conversation(state, statistics) {
      options.conversation?.(state, statistics);
      ended.push([state.number, statistics]);
    },
  });
  for await (const transaction of transactions) diagnosis.transaction(transaction);
  for (const each of ended) diagnosis.conversation(...each);
  return diagnosis.finish();
}
