/** What the tracker may hold; each limit is reported when reached. */
export interface TcpLimits {
  /** Out-of-order bytes one flow may hold. */
  flowBytes: number;
  /** Out-of-order bytes all flows together may hold. */
  totalBytes: number;
  /** Open conversations; the least recently used goes first. Closed ones are let go likewise. */
  conversations: number;
  /** Delivered bytes a flow remembers, so as to see a retransmission say something else. */
  historyBytes: number;
  /** Delivered bytes all flows together remember. */
  historyTotalBytes: number;
  /** Bytes held where the flow's beginning is unknown, before the lowest is taken for it. */
  startBytes: number;
  /** Issues the tracker reports about one conversation. */
  issues: number;
}

/**
 * When bytes are given up and the flow goes on behind them:
 * - `acknowledged`: once the other side has acknowledged them, so that they were on the
 *   wire and the capture lacks them. For dissecting as the packets come.
 * - `end`: only when a buffer is full or the capture ends, so that a late copy still finds
 *   its place; nothing is closed early either. For digests, where order beats delay.
 */
export type HoleRelease = "acknowledged" | "end";

const KiB = 1024;
const MiB = 1024 * KiB;

/** The limits unless told otherwise, for each way to release holes. */
export const LIMITS: Readonly<Record<HoleRelease, Readonly<TcpLimits>>> = {
  acknowledged: {
    flowBytes: 16 * MiB,
    totalBytes: 256 * MiB,
    conversations: 65_536,
    historyBytes: 4 * KiB,
    historyTotalBytes: 64 * MiB,
    startBytes: 64 * KiB,
    issues: 1_000,
  },
  end: {
    flowBytes: 16 * MiB,
    totalBytes: 256 * MiB,
    conversations: 65_536,
    historyBytes: 16 * MiB,
    historyTotalBytes: 256 * MiB,
    startBytes: 1 * MiB,
    issues: 1_000,
  },
};

/** Segments of a flow begun in mid-capture that are held to find its lowest byte. */
export const START_SEGMENTS = 4;

/** Packets of the conversation after an acknowledgment before its hole is given up. */
export const PATIENCE_PACKETS = 8;

/** Segments of a conversation that wait for bytes they acknowledge, before the first goes on. */
export const MAX_EARLY_SEGMENTS = 64;

/** Nanoseconds after an acknowledgment before its hole is given up. */
export const PATIENCE_NANOS = 1e9;

/** Packets of the capture after a RST for which the conversation still takes bytes. */
export const LINGER_PACKETS = 64;

/** Below this a late segment counts as reordered by the network, if no RTT is known. */
export const REORDER_NANOS = 3e6;
