import type { Packet } from "../capture/packet.ts";

/**
 * One TCP segment found in a packet. Valid, like the packet, until the sink returns.
 * Addresses are small numbers interned by an `AddressTable`, so that looking up a
 * conversation compares numbers, not text.
 */
export interface Segment {
  packet: Packet;
  /** Interned source and destination address; `AddressTable.text(id)` gives the text. */
  source: number;
  destination: number;
  sourcePort: number;
  destinationPort: number;
  /** Sequence number, u32 as on the wire. */
  sequence: number;
  /** Acknowledgment number, u32 as on the wire; 0 without the ACK flag. */
  acknowledgment: number;
  /** The flag byte of RFC 9293: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32. */
  flags: number;
  /** Window as on the wire, unscaled. */
  window: number;
  /** The captured payload is `bytes[start..end)`. */
  bytes: Uint8Array;
  start: number;
  end: number;
  /** Payload length on the wire in bytes; more than `end - start` where the snap length cut. */
  length: number;
  /** TCP options are `bytes[optionsStart..start)`; see `synOptions`. */
  optionsStart?: number;
}

/** One UDP datagram found in a packet; as {@link Segment}, valid until the sink returns. */
export type Datagram = Pick<
  Segment,
  | "packet"
  | "source"
  | "destination"
  | "sourcePort"
  | "destinationPort"
  | "bytes"
  | "start"
  | "end"
>;

/** Receives datagrams in packet order. */
export type DatagramSink = (datagram: Datagram) => void;

/** Receives segments in packet order. */
export type SegmentSink = (segment: Segment) => void;
