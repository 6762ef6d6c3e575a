/**
 * From flows to transactions: a {@link Registry} says what is known, {@link Pipeline} joins the
 * stages from packets on, and {@link transactionsOf} reads captures. {@link Transaction} has
 * both PDUs with bytes and layouts, {@link TypedTransaction} shows it to programs.
 *
 * @module
 */
export type { ConversationReport, TcpLimits } from "../tcp/mod.ts";
export type { ConversationStatistics, FlowStatistics } from "../tcp/mod.ts";
export type { Issue, IssueGroup, Report, Severity } from "../issue.ts";
export { CONVERSATION_KEYS, RARE_CONVERSATION_KEYS } from "./conversation_schema.ts";
export { ConversationState } from "./conversation_state.ts";
export { decodePdus, type PduHints } from "./decode_pdus.ts";
export { type Source, transactionsOf, type TransactionsOptions } from "./dissect.ts";
export type { DissectorOptions } from "./dissector.ts";
export { isError, isFailure, type Outcome, outcomeOf, OUTCOMES } from "./outcome.ts";
export { Pipeline, type PipelineOptions } from "./pipeline.ts";
export type {
  QuicPlace,
  RequestRecord,
  ResponseRecord,
  TransactionRecord,
} from "./record.ts";
export {
  createRegistry,
  type Registry,
  type RegistryOptions,
  type StatusName,
} from "./registry.ts";
export { type TimeSplit, timeSplit } from "./time_split.ts";
export { type RecordOptions, Transaction } from "./transaction.ts";
export {
  type OtherTransaction,
  type RequestOf,
  type ResponseOf,
  type TransactionOf,
  TypedTransaction,
} from "./typed_transaction.ts";
