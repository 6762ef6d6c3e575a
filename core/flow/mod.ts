/**
 * @module
 * What every stage behind TCP shares: the sides of a conversation and the stamp of a packet.
 * TCP, carriers such as WebSocket, and the proxy all speak of flows in these words.
 */

/** The end that sends a flow: `client` sends requests, `server` responses. */
export type Side = "client" | "server";

/** The packet that completed something. */
export interface Stamp {
  /** Packet number, from 1. */
  packet: number;
  /** Capture time, seconds since the Unix epoch and nanoseconds within the second. */
  seconds: number;
  nanos: number;
  /** Number of the packet that began it, where that is another. */
  first?: number;
}
