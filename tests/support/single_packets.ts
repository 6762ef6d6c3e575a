/**
 * Captures in which something happened to one packet.
 *
 * @module
 */
import type { Packet } from "../../core/capture/packet.ts";

/** What may happen to one packet. */
export const FATES = {
  dropped: (packets: Packet[], at: number): Packet[] => packets.toSpliced(at, 1),
  "moved by one": (packets: Packet[], at: number): Packet[] =>
    packets.toSpliced(at, 2, ...packets.slice(at, at + 2).reverse()),
  cut: (packets: Packet[], at: number): Packet[] => {
    const packet = packets[at]!;
    const end = Math.min(packet.end, packet.start + 60 + at % 40);
    return packets.toSpliced(at, 1, { ...packet, end });
  },
};

/** Every packet with IGGYSCOPE_EVERY=1 (deno task packets), else about so many of a capture. */
const EVERY = Deno.env.get("IGGYSCOPE_EVERY") === "1";
const FEW = 40;

/** Places of the packets to try: all but the first, or some. */
export function* places(count: number): Generator<number> {
  const step = EVERY ? 1 : Math.ceil(count / FEW);
  for (let at = 1; at < count; at += step) yield at;
}
