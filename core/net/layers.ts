/**
 * How the layers of a packet call each other. Every layer gets its bytes as
 * `bytes[at..end)` as captured and `wire`, where it ended on the wire: `wire > end` where
 * the snap length cut. Layers read nothing past `end` and hand on smaller ranges only.
 */
export interface Layers {
  /** Encapsulations entered so far in this packet, checked against {@link MAX_DEPTH}. */
  depth: number;
  /** IPv4 or IPv6, told apart by the version nibble. */
  ip(bytes: Uint8Array, at: number, end: number, wire: number): void;
  /** Takes a UDP datagram: its header at `at`, its payload up to `end`. */
  datagram(bytes: Uint8Array, at: number, end: number): void;
  /** Says that this packet holds no TCP that can be reached. */
  other(): void;
  /** Reports a malformed header; the packet counts as other. */
  malformed(message: string): void;
}

/** Most encapsulations followed in one packet. */
export const MAX_DEPTH = 16;
