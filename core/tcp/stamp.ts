import type { Stamp } from "../flow/mod.ts";
import type { Segment } from "../net/segment.ts";

/** The stamp of a segment's packet, as a copy that may be kept. */
export function stampOf({ packet }: Segment): Stamp {
  return { packet: packet.number, seconds: packet.seconds, nanos: packet.nanos };
}
