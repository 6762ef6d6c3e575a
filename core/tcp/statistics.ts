import type { Side } from "../flow/mod.ts";
import type { FlowAnalysis } from "./analysis_facts.ts";

/**
 * How far a conversation got, as far as the capture shows: `half-open` a SYN without the
 * end of the handshake, `mid-capture` begun before the capture did, `closed` by both FIN.
 * Of UDP, which has none of these: `half-open` until both ends have sent.
 */
export type ConversationState =
  | "half-open"
  | "established"
  | "mid-capture"
  | "closed"
  | "reset";

/** Counts of one flow. */
export interface FlowStatistics {
  /** Segments, those without payload included. */
  packets: number;
  /** Payload bytes on the wire, repeated ones included. */
  bytes: number;
  /** Segments sent again, as Wireshark's tcp.analysis.retransmission; 0 where none are counted. */
  retransmitted: number;
  /** Segments soon behind later bytes, as its tcp.analysis.out_of_order; the same. */
  outOfOrder: number;
  /** Bytes known to be missing from the capture. */
  lost: number;
  /** Holes those bytes make. */
  gaps: number;
  /** Segments that said other bytes than an earlier segment for the same place. */
  conflicts: number;
}

/** Counts and times of one conversation. Times are capture times, UTC. */
export interface ConversationStatistics {
  client: FlowStatistics;
  server: FlowStatistics;
  /** Segments captured before bytes that they acknowledge, and put back into order. */
  reordered: number;
  state: ConversationState;
  /** First and last packet: whole seconds since the epoch and nanoseconds within. */
  startSeconds: number;
  startNanos: number;
  endSeconds: number;
  endNanos: number;
  /**
   * Nanoseconds from the last SYN to the first ACK after it, as Wireshark's
   * `tcp.analysis.initial_rtt`; null where the capture has no such pair.
   */
  handshakeNanos: number | null;
  /** What is known of either end, counted as Wireshark counts; null where nothing is counted. */
  analysis: Readonly<Record<Side, FlowAnalysis>> | null;
}

/** A flow's counts before its first segment. */
export function flowStatistics(): FlowStatistics {
  return {
    packets: 0,
    bytes: 0,
    retransmitted: 0,
    outOfOrder: 0,
    lost: 0,
    gaps: 0,
    conflicts: 0,
  };
}
