/**
 * What every stage behind TCP shares: the sides of a conversation, the stamp of a packet, and
 * the events of flows. TCP, carriers such as WebSocket, and the proxy all speak of flows in
 * these words.
 *
 * A `FlowSink` is told of bytes in order, of bytes that were lost, and of ends; nothing in it
 * says where the bytes came from. Whatever keeps something of a conversation keeps it by the
 * conversation itself, until it is closed.
 *
 * @module
 */
import { sequenceAdd } from "./sequence.ts";

export { sequenceAdd, sequenceDistance, unwrap } from "./sequence.ts";

/** The end that sends a flow: `client` sends requests, `server` responses. */
export type Side = "client" | "server";

/** The end that receives the flow of a side. */
export function otherSide(side: Side): Side {
  return side === "client" ? "server" : "client";
}

/** What conversations are made of. */
export type Transport = "tcp" | "udp";

/**
 * The number of a conversation of UDP among those of TCP, which count from 0: from -1 down. Gives
 * the number among those of UDP back, too.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals([udpId(0), udpId(3), udpId(udpId(3))], [-1, -4, 3]);
 * ```
 */
export function udpId(number: number): number {
  return -1 - number;
}

/** A capture time: seconds since the Unix epoch, and nanoseconds within the second. */
export interface Moment {
  readonly seconds: number;
  readonly nanos: number;
}

/** The packet that completed something, and what it proves of the order of flows. */
export interface Stamp {
  /** Packet number, from 1. */
  packet: number;
  /** As of a {@link Moment}. */
  seconds: number;
  nanos: number;
  /** Length of the packet on the wire; left out where no packet was captured. */
  length?: number;
  /**
   * Sequence number of the first byte, u32 as TCP has it; left out where nothing tells, as
   * behind a proxy.
   */
  sequence?: number;
  /** What the sender had acknowledged of the other flow in that packet, as `sequence`. */
  acknowledged?: number;
  /** A carrier's message begins with these bytes, as its sender wrote it. */
  message?: boolean;
  /** How a carrier's frame holds it, where one does. */
  carried?: CarriedBytes;
  /** The packet that began it, where that is another. */
  begun?: Stamp;
}

/** The stamp of a byte so far behind the one with this stamp, in the same packet. */
export function moved(stamp: Stamp, bytes: number): Stamp {
  const { sequence } = stamp;
  if (sequence === undefined || bytes === 0) return stamp;
  return { ...stamp, sequence: sequenceAdd(sequence, bytes) };
}

/**
 * How a frame of a carrier, such as WebSocket's, holds bytes. A frame's payload takes its
 * sequence numbers from where the frame begins, as far as TCP's order is concerned; the bytes
 * themselves stand `shift` further on.
 */
export interface CarriedBytes {
  /** Sequence number that stands for the first byte of the frame's payload. */
  readonly origin: number;
  /** Bytes from where a sequence number says to where the byte is. */
  readonly shift: number;
  /** Bytes of the frame's payload. */
  readonly length: number;
  /** What lies over the payload, four bytes over and over; null where nothing does. */
  readonly mask: Uint8Array | null;
}

/** Who speaks to whom. */
export interface Endpoints {
  /** From 0 in order of first packet, as tshark's `tcp.stream`, or `udp.stream` for UDP. */
  readonly number: number;
  /** TCP where left out; the two are numbered apart. */
  readonly transport?: Transport;
  /** `address:port`, IPv6 in brackets: `[::1]:8090`. */
  readonly clientEndpoint: string;
  readonly serverEndpoint: string;
  readonly clientPort: number;
  readonly serverPort: number;
  /** Left out where it is not TCP that was captured. */
  readonly wire?: Wire;
}

/**
 * What segments prove of the ways between the capture and both ends of a conversation. Times
 * are in µs; those between two moments are of what lies between them.
 */
export interface Wire {
  /** Shortest time from the capture to an end and back; null where none is known. */
  roundTripUs(side: Side): number | null;
  /** Whether anything of what follows is more than 0. */
  readonly hasSpans: boolean;
  /** How long an end could take no more bytes. */
  closedUs(side: Side, from: Moment, to: Moment): number;
  /** How long bytes that an end had sent were missing until they were sent again. */
  missingUs(side: Side, from: Moment, to: Moment): number;
}

/** One connection, with its two flows. */
export interface Conversation extends Endpoints {
  /**
   * Whether its beginning was seen, so that client and server are certain. Without it the side
   * with the higher port is taken for the client, which the framing may know better: see
   * `swapSides`.
   */
  readonly handshake: boolean;
  /**
   * Makes the client the server and the server the client, for a framing that saw from the
   * bytes that the guess was wrong: endpoints and ports change places, and so do the sides of
   * what is told from then on. What was already told stays as told.
   */
  swapSides(): void;
}

/** Takes the flows of conversations. Bytes arrive in order, once. */
export interface FlowSink {
  /** Bytes of a flow, valid until the call returns; `stamp` is the packet that made them so. */
  data(
    conversation: Conversation,
    side: Side,
    bytes: Uint8Array,
    start: number,
    end: number,
    stamp: Stamp,
  ): void;
  /** `length` bytes of the flow were lost (never captured); data after them may follow. */
  gap(conversation: Conversation, side: Side, length: number, stamp: Stamp | null): void;
  /** The flow ended, with all its bytes told or lost. */
  finish(conversation: Conversation, side: Side, stamp: Stamp): void;
  /** The conversation ended; nothing more will be said of it. */
  close(conversation: Conversation): void;
}
