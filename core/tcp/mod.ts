/**
 * TCP segments in, bytes of conversations out.
 *
 * `TcpTracker` sorts segments into conversations (numbered as Wireshark's `tcp.stream`) and
 * gives a `TcpSink` the bytes of each of the two flows in order, whatever the network and
 * the capture did to them: retransmission, overlap, reordering, loss, start in mid-capture,
 * sequence wrap, reset, port reuse, a short snap length. What is missing becomes a gap,
 * what contradicts an earlier copy an issue; memory is bounded by `TcpLimits`.
 *
 * Read `sink.ts` for what comes out, `tracker.ts` for the way of a segment,
 * `flow.ts` for reassembly, `udp_tracker.ts` for UDP beside it, `packet_flows.ts` for the layers joined, `digest.ts` for digests
 * of flows.
 *
 * @module
 */
export { type HoleRelease, LIMITS, type TcpLimits } from "./limits.ts";
export { sequenceAdd, sequenceDistance, unwrap } from "../flow/sequence.ts";
export { PacketFlows, type PacketFlowsOptions } from "./packet_flows.ts";
export type { FlowAnalysis, Repair, TcpState } from "./analysis_facts.ts";
export {
  type RoundTrip,
  type SequenceGraph,
  SequenceRecorder,
  type SequenceSegment,
} from "./sequence_graph.ts";
export type { ConversationReport } from "./shared.ts";
export type { TcpSink } from "./sink.ts";
export type {
  ConversationState,
  ConversationStatistics,
  FlowStatistics,
} from "./statistics.ts";
export { type TcpOptions, TcpTracker } from "./tracker.ts";
