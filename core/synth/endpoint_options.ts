import type { CongestionControl } from "./congestion.ts";
import { MAX_PAYLOAD } from "./frame.ts";

const MILLISECOND = 1e6;

/** How one end of a connection speaks TCP; sizes in bytes, times in nanoseconds. */
export interface EndpointOptions {
  /** Maximum segment size it announces and keeps to, with room for no options taken off. */
  mss: number;
  /** Shift count of its window, or null to offer none. */
  windowScale: number | null;
  sack: boolean;
  timestamps: boolean;
  /** Bytes it takes in while its application does not read. */
  receiveBuffer: number;
  /** Longest wait before an acknowledgment, at most 500 ms. */
  delayedAck: number;
  /** Shortest retransmission timeout. */
  minimumTimeout: number;
  /** How its congestion window grows and shrinks. */
  congestion: CongestionControl;
  /** First congestion window, in segments. */
  firstWindow: number;
  /** Longest payload of one packet, as segmentation offload shows it; else the mss. */
  offload: number | null;
  /** Idle time before a keep-alive, or null for none. */
  keepAlive: number | null;
  tailLossProbe: boolean;
  /** Initial sequence number. */
  initialSequence: number;
  /** Told why bytes are sent again. */
  repaired?: (why: "timeout" | "tail_loss_probe" | "fast") => void;
  /** Timeouts in a row after which the connection is given up with a reset. */
  retries: number;
}

/** What an endpoint does unless told otherwise: what current systems do, about. */
export const ENDPOINT_DEFAULTS: EndpointOptions = {
  mss: 1460,
  windowScale: 7,
  sack: true,
  timestamps: true,
  receiveBuffer: 256 * 1024,
  delayedAck: 40 * MILLISECOND,
  minimumTimeout: 200 * MILLISECOND,
  congestion: "reno",
  firstWindow: 10,
  offload: null,
  keepAlive: null,
  tailLossProbe: true,
  initialSequence: 1000,
  retries: 10,
};

/** Longest payload of a packet whose sender may send `mss` bytes a segment. */
export function longestPayload({ offload }: EndpointOptions, mss: number): number {
  return Math.max(mss, Math.floor(Math.min(offload ?? 0, MAX_PAYLOAD) / mss) * mss);
}
