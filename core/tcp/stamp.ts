import type { Stamp } from "../flow/mod.ts";
import type { Segment } from "../net/segment.ts";

const ACK = 16;

/** The stamp of a segment's packet and of its first byte, as a copy that may be kept. */
export function stampOf({ packet, sequence, acknowledgment, flags }: Segment): Stamp {
  return {
    packet: packet.number,
    seconds: packet.seconds,
    nanos: packet.nanos,
    length: packet.originalLength,
    sequence,
    acknowledged: (flags & ACK) !== 0 ? acknowledgment : undefined,
  };
}
