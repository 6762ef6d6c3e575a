/**
 * One captured packet. Readers push packets synchronously and may reuse both the object and
 * the bytes once the sink returns: whoever keeps something copies it.
 */
export interface Packet {
  /** From 1 over all files of a run, as tshark's `frame.number`. */
  number: number;
  /** Capture time, whole seconds since the Unix epoch, UTC; may be negative. */
  seconds: number;
  /** Nanoseconds within the second, 0 to 999 999 999. */
  nanos: number;
  /** Link type by the tcpdump registry, e.g. 1 = Ethernet. */
  linktype: number;
  /** The captured bytes are `bytes[start..end)`. */
  bytes: Uint8Array;
  start: number;
  end: number;
  /** Length on the wire in bytes; more than `end - start` where the snap length cut. */
  originalLength: number;
}

/** A copy of a packet that outlives the reader's call. */
export function keptPacket(packet: Packet): Packet {
  const bytes = packet.bytes.slice(packet.start, packet.end);
  return { ...packet, bytes, start: 0, end: bytes.length };
}

/** Receives packets in file order. */
export type PacketSink = (packet: Packet) => void;
