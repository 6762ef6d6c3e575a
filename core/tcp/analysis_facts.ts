/** States of a connection's end, as its packets show them. Source: RFC 9293 section 3.3.2. */
export type TcpState =
  | "CLOSED"
  | "LISTEN"
  | "SYN-SENT"
  | "SYN-RECEIVED"
  | "ESTABLISHED"
  | "FIN-WAIT-1"
  | "FIN-WAIT-2"
  | "CLOSE-WAIT"
  | "CLOSING"
  | "LAST-ACK"
  | "TIME-WAIT";

/** Why bytes are sent that were sent before, as far as the capture proves it. */
export type Repair =
  | "spurious"
  | "fast"
  | "timeout"
  | "tail_loss_probe"
  | "out_of_order"
  | "retransmission";

/**
 * What is known of one flow and the end that sends it. Counts are of segments and equal
 * the fields of Wireshark 4.4, whose names they bear in brackets.
 */
export interface FlowAnalysis {
  /** State of the sending end. */
  state: TcpState;
  /** What the SYN offers: null where it was not captured, or does not say. */
  mss: number | null;
  windowScale: number | null;
  sackPermitted: boolean;
  /** Smallest and largest window it announced, in bytes. */
  windowMin: number | null;
  windowMax: number | null;
  /** Nanoseconds its window was closed. */
  zeroWindowNanos: number;
  /** Round trips from its segments to their ACK, both as they pass the tap. */
  rttSamples: number;
  rttMinNanos: number | null;
  rttMaxNanos: number | null;
  rttSumNanos: number;
  /** Bytes sent again [tcp.analysis.retransmission], those below included. */
  retransmissions: number;
  /** Soon after duplicate ACKs, and asked for by them [tcp.analysis.fast_retransmission]. */
  fastRetransmissions: number;
  /** Of bytes that were acknowledged already [tcp.analysis.spurious_retransmission]. */
  spuriousRetransmissions: number;
  /**
   * By the retransmission timer: the oldest bytes that were not acknowledged, after 200 ms in
   * which the sender sent nothing and heard nothing new. Wireshark has no such field.
   */
  timeoutRetransmissions: number;
  /**
   * Tail loss probes: the last bytes sent, not the oldest, without a duplicate ACK before.
   * Wireshark has no such field.
   */
  tailLossProbes: number;
  /** Not captured before, and soon after later bytes [tcp.analysis.out_of_order]. */
  outOfOrder: number;
  /** Earlier bytes were not captured before it [tcp.analysis.lost_segment]. */
  previousLost: number;
  /** It acknowledges bytes that were not captured [tcp.analysis.ack_lost_segment]. */
  ackedUnseen: number;
  /** With SACK also where the window is another [tcp.analysis.duplicate_ack]. */
  duplicateAcks: number;
  /** [tcp.analysis.window_update] */
  windowUpdates: number;
  /** It fills the other side's window [tcp.analysis.window_full]. */
  windowFull: number;
  /** It closes its window [tcp.analysis.zero_window]. */
  zeroWindows: number;
  /** [tcp.analysis.zero_window_probe] */
  zeroWindowProbes: number;
  /** [tcp.analysis.zero_window_probe_ack] */
  zeroWindowProbeAcks: number;
  /** [tcp.analysis.keep_alive] */
  keepAlives: number;
  /** [tcp.analysis.keep_alive_ack] */
  keepAliveAcks: number;
}

/** What is known of a flow before its first segment. */
export function flowAnalysis(): FlowAnalysis {
  return {
    state: "CLOSED",
    mss: null,
    windowScale: null,
    sackPermitted: false,
    windowMin: null,
    windowMax: null,
    zeroWindowNanos: 0,
    rttSamples: 0,
    rttMinNanos: null,
    rttMaxNanos: null,
    rttSumNanos: 0,
    retransmissions: 0,
    fastRetransmissions: 0,
    spuriousRetransmissions: 0,
    timeoutRetransmissions: 0,
    tailLossProbes: 0,
    outOfOrder: 0,
    previousLost: 0,
    ackedUnseen: 0,
    duplicateAcks: 0,
    windowUpdates: 0,
    windowFull: 0,
    zeroWindows: 0,
    zeroWindowProbes: 0,
    zeroWindowProbeAcks: 0,
    keepAlives: 0,
    keepAliveAcks: 0,
  };
}
