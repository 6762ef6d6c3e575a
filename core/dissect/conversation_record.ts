import type { SecurityRecord } from "../framing/tls/facts.ts";
import type { ConversationStatistics } from "../tcp/statistics.ts";
import type { ConversationState } from "./conversation_state.ts";
import { formatTime } from "./time.ts";

/** A conversation as the program and the HTTP API tell it: one set of names. */
export interface ConversationRecord {
  /** As tshark's `tcp.stream`, or `udp.stream`. */
  conversation: number;
  /** There where it is not TCP. */
  transport?: "udp";
  client: string;
  server: string;
  /** Times of the first and the last packet, RFC 3339 in UTC. */
  start: string;
  end: string;
  duration_us: number;
  packets: number;
  state: ConversationStatistics["state"];
  framing: string | null;
  release: string | null;
  user: string | null;
  transactions: number;
  errors: number;
  retransmitted: number;
  out_of_order: number;
  reordered: number;
  lost_bytes: number;
  handshake_rtt_us: number | null;
  /** What it carries where that is another protocol: `HTTP/1.1`. */
  protocol: string | null;
  /** Requests of that protocol, where they are counted. */
  requests: number | null;
  /** What TLS or QUIC agreed on. */
  security: SecurityRecord | null;
  /** Numbers of the QUIC connections it holds, 256 at most; there where any was seen. */
  quic_connections?: number[];
}

/** Makes the record of a conversation of what TCP and the dissection know of it. */
export function conversationRecord(
  state: ConversationState,
  found: ConversationStatistics,
): ConversationRecord {
  const both = (key: keyof ConversationStatistics["client"]) =>
    found.client[key] + found.server[key];
  return {
    conversation: state.number,
    ...state.transport === "udp" ? { transport: "udp" } : {},
    client: state.client,
    server: state.server,
    start: formatTime(found.startSeconds, found.startNanos),
    end: formatTime(found.endSeconds, found.endNanos),
    duration_us: (found.endSeconds - found.startSeconds) * 1e6 +
      (found.endNanos - found.startNanos) / 1e3,
    packets: both("packets"),
    state: found.state,
    framing: state.framing,
    release: state.releases?.text ?? null,
    user: state.user,
    transactions: state.transactions,
    errors: state.errors,
    retransmitted: both("retransmitted"),
    out_of_order: both("outOfOrder"),
    reordered: found.reordered,
    lost_bytes: both("lost"),
    handshake_rtt_us: found.handshakeNanos === null ? null : found.handshakeNanos / 1e3,
    protocol: state.otherProtocol,
    requests: state.requests ?? null,
    security: state.security ?? null,
    ...state.quicConnections === null
      ? {}
      : { quic_connections: [...state.quicConnections] },
  };
}
