import { isError, type Outcome } from "../dissect/outcome.ts";
import type { Transaction } from "../dissect/transaction.ts";
import type { Traffic } from "./traffic.ts";

/**
 * What is counted of one transaction: what {@link Counters} and {@link Timeline} take, and what
 * an index keeps of it, so that both count alike. Times are in µs.
 */
export interface Counted {
  /** Of the request, or of the response without one, in seconds since the epoch. */
  readonly time: number | null;
  readonly outcome: Outcome | null;
  /** Of the response. */
  readonly status: number | null;
  /** What an error or an eviction is called; null where it has no name. */
  readonly failure: string | null;
  /** Null without a request. */
  readonly requestBytes: number | null;
  /** Null without a response. */
  readonly responseBytes: number | null;
  readonly responseTime: number | null;
  readonly serverTime: number | null;
  readonly networkTime: number | null;
  readonly thinkTime: number | null;
  readonly lostTime: number | null;
  readonly zeroWindowTime: number | null;
  /** Messages of a request that succeeded, and bytes of their payloads. */
  readonly producedMessages: number | null;
  readonly producedBytes: number | null;
  /** Messages that were polled. */
  readonly consumedMessages: number | null;
  readonly consumedBytes: number | null;
}

/**
 * What is counted of a transaction; without its traffic no messages are, and without `splits`
 * not where its time went.
 */
export function countedOf(
  transaction: Transaction,
  traffic: Traffic | null,
  splits = true,
): Counted {
  const { request, response, outcome } = transaction;
  const timeSplit = splits ? transaction.timeSplit : null;
  const produced = traffic?.produced ?? null;
  const consumed = traffic?.consumed ?? null;
  const stamp = (request ?? response)?.stamp ?? null;
  return {
    time: stamp === null ? null : stamp.seconds + stamp.nanos / 1e9,
    outcome,
    status: response?.status ?? null,
    failure: isError(outcome) ? response!.evicted ?? transaction.statusName : null,
    requestBytes: request?.length ?? null,
    responseBytes: response?.length ?? null,
    responseTime: transaction.responseTimeUs,
    serverTime: timeSplit?.serverUs ?? null,
    networkTime: timeSplit?.networkUs ?? null,
    thinkTime: splits ? transaction.thinkUs : null,
    lostTime: timeSplit?.lostUs ?? null,
    zeroWindowTime: timeSplit?.zeroWindowUs ?? null,
    producedMessages: produced?.messages ?? null,
    producedBytes: produced?.payloadBytes ?? null,
    consumedMessages: consumed?.messages ?? null,
    consumedBytes: consumed?.payloadBytes ?? null,
  };
}
