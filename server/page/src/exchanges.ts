/**
 * The exchanges of one connection: requests with their responses, to scale.
 *
 * @module
 */
import type { Ladder, LadderPdu, LadderSegment } from "../../api.ts";
import { microsBetween } from "./ladder_events.ts";

/** Something TCP had to do again or lost, so many µs after the exchange began. */
export interface Mark {
  readonly kind: "again" | "lost";
  readonly at: number;
  readonly text: string;
}

/** A request with its response, either of which may be missing. */
export interface Exchange {
  readonly transaction: number;
  readonly request: LadderPdu | null;
  readonly response: LadderPdu | null;
  /** When it began. */
  readonly time: string;
  /** µs from the response before to this request; below 0: it did not wait for that. */
  readonly think: number | null;
  /** µs from request to response. */
  readonly latency: number | null;
  readonly marks: readonly Mark[];
}

/** The exchanges of a ladder, in order of their requests. */
export function exchangesOf({ pdus, segments }: Ladder): Exchange[] {
  const byTransaction = Map.groupBy(pdus, ({ transaction }) => transaction);
  const pairs = [...byTransaction].map(([transaction, own]) => {
    const request = own.find(({ kind }) => kind === "request") ?? null;
    const response = own.find(({ kind }) => kind === "response") ?? null;
    return { transaction, request, response, first: (request ?? response)! };
  }).sort((a, b) => a.first.packet - b.first.packet);
  const telling = (segments ?? []).filter((segment) => textOf(segment) !== null);
  let answered: LadderPdu | null = null;
  let from = 0;
  return pairs.map(({ transaction, request, response, first }, i) => {
    const { time } = first;
    const end = Math.max(first.packet, response?.packet ?? 0);
    const until = Math.max(end, (pairs[i + 1]?.first.packet ?? Infinity) - 1);
    const marks: Mark[] = [];
    while (from < telling.length && telling[from]!.packet <= until) {
      const segment = telling[from++]!;
      const kind = segment.lost > 0 ? "lost" : "again";
      const at = Math.max(0, microsBetween(time, segment.time));
      marks.push({ kind, at, text: textOf(segment)! });
    }
    const think = answered === null ? null : microsBetween(answered.time, time);
    if (response !== null && response.packet > (answered?.packet ?? -1)) {
      answered = response;
    }
    return {
      transaction,
      request,
      response,
      time,
      think,
      latency: request === null || response === null
        ? null
        : microsBetween(request.time, response.time),
      marks,
    };
  });
}

/** The time that the whole width stands for: nine in ten exchanges fit, in a round number. */
export function scaleOf(exchanges: readonly Exchange[]): number {
  const spans = exchanges.map(({ think, latency }) =>
    Math.max(0, think ?? 0) + Math.max(0, latency ?? 0)
  ).filter((span) => span > 0).sort((a, b) => a - b);
  const most = spans[Math.floor(spans.length * 0.9)] ?? 1000;
  return SCALES.find((scale) => scale >= most) ?? SCALES.at(-1)!;
}

/** Times that the whole width may stand for, in µs. */
export const SCALES: readonly number[] = [
  ...[100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5],
  ...[1e6, 2e6, 5e6, 1e7, 6e7, 6e8],
];

function textOf(
  { lost, retransmitted, out_of_order, length }: LadderSegment,
): string | null {
  if (lost > 0) return `${lost} bytes lost`;
  if (retransmitted) return `retransmission of ${length} bytes`;
  return out_of_order ? `${length} bytes out of order` : null;
}
