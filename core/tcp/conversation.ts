import type { Segment } from "../net/segment.ts";
import type { Side } from "../flow/mod.ts";
import type { ConversationStatistics } from "./statistics.ts";

/** One direction of a conversation. */
export interface Flow {
  readonly conversation: Conversation;
  readonly side: Side;
  /**
   * Bytes delivered so far, in order, holes left out; while `TcpSink.data` runs, those before
   * the ones it is given.
   */
  delivered: number;
}

/** One TCP connection, with its two flows. */
export interface Conversation {
  /** From 0 in order of first packet, as tshark's `tcp.stream`. */
  readonly number: number;
  readonly client: Flow;
  readonly server: Flow;
  /** `address:port`, IPv6 in brackets: `[::1]:8090`. */
  readonly clientEndpoint: string;
  readonly serverEndpoint: string;
  readonly clientPort: number;
  readonly serverPort: number;
  /**
   * Whether a SYN was captured, so that client and server are certain. Without one the side
   * with the higher port is taken for the client, which the framing may know better:
   * see `swapSides`.
   */
  readonly handshake: boolean;
  /**
   * Makes the client the server and the server the client, for a framing that saw from the
   * bytes that the guess was wrong: `client`, `server`, endpoints, ports and each flow's
   * `side` change places. What was already told about the flows stays as told.
   */
  swapSides(): void;
  /** Free for the stages to the right (framing, dissect); the tracker never reads it. */
  state: unknown;
}

/**
 * What the tracker tells the stage to its right. Bytes arrive in order, once, and are valid
 * until the call returns; `segment` is the one that made them deliverable. Where none did
 * (bytes that waited for earlier ones, which were then given up), it stands for the packet
 * the bytes came in, and only its `packet` number and time say something.
 */
export interface TcpSink {
  /**
   * Comes before anything else about the conversation, at the latest before `close`, and
   * not before its sides are settled: hence with the first bytes rather than the first SYN.
   */
  open?(conversation: Conversation, segment: Segment | null): void;
  data(flow: Flow, bytes: Uint8Array, start: number, end: number, segment: Segment): void;
  /** `length` bytes of the flow were lost (never captured); data after it follows. */
  gap?(flow: Flow, length: number, segment: Segment | null): void;
  /** FIN of this flow reached in order. */
  finish?(flow: Flow, segment: Segment): void;
  /** The conversation ended (both FIN, RST, port reuse, eviction, or end of capture). */
  close?(conversation: Conversation, segment: Segment | null): void;
  /**
   * Nothing more will be said or counted about the conversation; always after `close`, once
   * for each conversation, so a row for each can be kept or printed here.
   */
  release?(conversation: Conversation, statistics: ConversationStatistics): void;
}
