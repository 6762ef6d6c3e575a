import { shortTime } from "../core/export/human.ts";
import type { FlowAnalysis, TcpState } from "../core/tcp/analysis_facts.ts";

/** What `conversations --tcp` says of one end and the flow it sends; windows in bytes. */
export interface TcpFacts {
  state: TcpState;
  mss: number | null;
  window_scale: number | null;
  sack_permitted: boolean;
  window_min: number | null;
  window_max: number | null;
  zero_window_us: number;
  rtt_samples: number;
  rtt_min_us: number | null;
  rtt_mean_us: number | null;
  rtt_max_us: number | null;
  retransmission: number;
  fast_retransmission: number;
  spurious_retransmission: number;
  timeout_retransmission: number;
  tail_loss_probe: number;
  out_of_order: number;
  lost_segment: number;
  ack_lost_segment: number;
  duplicate_ack: number;
  window_update: number;
  window_full: number;
  zero_window: number;
  zero_window_probe: number;
  zero_window_probe_ack: number;
  keep_alive: number;
  keep_alive_ack: number;
}

/** The facts in the names of records; counts have those of Wireshark's tcp.analysis. */
export function tcpFacts(found: FlowAnalysis): TcpFacts {
  const micros = (nanos: number | null) => nanos === null ? null : nanos / 1e3;
  const { rttSamples, rttSumNanos } = found;
  return {
    state: found.state,
    mss: found.mss,
    window_scale: found.windowScale,
    sack_permitted: found.sackPermitted,
    window_min: found.windowMin,
    window_max: found.windowMax,
    zero_window_us: found.zeroWindowNanos / 1e3,
    rtt_samples: rttSamples,
    rtt_min_us: micros(found.rttMinNanos),
    rtt_mean_us: rttSamples === 0 ? null : Math.round(rttSumNanos / rttSamples) / 1e3,
    rtt_max_us: micros(found.rttMaxNanos),
    retransmission: found.retransmissions,
    fast_retransmission: found.fastRetransmissions,
    spurious_retransmission: found.spuriousRetransmissions,
    timeout_retransmission: found.timeoutRetransmissions,
    tail_loss_probe: found.tailLossProbes,
    out_of_order: found.outOfOrder,
    lost_segment: found.previousLost,
    ack_lost_segment: found.ackedUnseen,
    duplicate_ack: found.duplicateAcks,
    window_update: found.windowUpdates,
    window_full: found.windowFull,
    zero_window: found.zeroWindows,
    zero_window_probe: found.zeroWindowProbes,
    zero_window_probe_ack: found.zeroWindowProbeAcks,
    keep_alive: found.keepAlives,
    keep_alive_ack: found.keepAliveAcks,
  };
}

/** Both ends of a conversation. */
export interface ConversationTcp {
  client: TcpFacts;
  server: TcpFacts;
}

const none = (value: number | null) => value === null ? "–" : String(value);
const time = (micros: number | null) => micros === null ? "–" : shortTime(micros);

/** Columns of the table of `--tcp`, a row for each end. */
export const TCP_COLUMNS: readonly (readonly [string, (facts: TcpFacts) => string])[] = [
  ["state", ({ state }) => state],
  ["MSS", ({ mss }) => none(mss)],
  ["window", ({ window_min, window_max }) => `${none(window_min)}..${none(window_max)}`],
  ["RTT min", ({ rtt_min_us }) => time(rtt_min_us)],
  ["mean", ({ rtt_mean_us }) => time(rtt_mean_us)],
  ["max", ({ rtt_max_us }) => time(rtt_max_us)],
  ["retransmitted", ({ retransmission }) => String(retransmission)],
  ["fast", ({ fast_retransmission }) => String(fast_retransmission)],
  ["spurious", ({ spurious_retransmission }) => String(spurious_retransmission)],
  ["timeout", ({ timeout_retransmission }) => String(timeout_retransmission)],
  ["probe", ({ tail_loss_probe }) => String(tail_loss_probe)],
  ["out of order", ({ out_of_order }) => String(out_of_order)],
  ["duplicate ACK", ({ duplicate_ack }) => String(duplicate_ack)],
  ["window full", ({ window_full }) => String(window_full)],
  ["zero window", ({ zero_window }) => String(zero_window)],
  ["for", ({ zero_window_us }) => time(zero_window_us)],
  ["keep-alive", ({ keep_alive }) => String(keep_alive)],
];
