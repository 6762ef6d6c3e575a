import { formatTime } from "../../core/dissect/time.ts";
import type { Conversation } from "../api.ts";
import type { CaptureIndex } from "../store/capture_index.ts";

/** Conversations that go on while a capture comes in: what their transactions tell. */
export function openConversations(index: CaptureIndex, limit: number): Conversation[] {
  const flow = (bytes: number) => {
    const counts = { retransmitted: 0, out_of_order: 0, lost_bytes: 0 };
    return { packets: 0, bytes, ...counts, gaps: 0, conflicts: 0 };
  };
  return index.openConversations(limit).map((open) => {
    const { conversation: { client, server, framing, user }, release } = index
      .transaction(open.n);
    return {
      conversation: open.conversation,
      client,
      server,
      start: momentOf(open.first),
      end: momentOf(open.last),
      duration_us: Math.round((open.last - open.first) * 1e6),
      packets: 0,
      state: "established",
      framing,
      release,
      user,
      transactions: open.transactions,
      errors: open.errors,
      retransmitted: 0,
      out_of_order: 0,
      reordered: 0,
      lost_bytes: 0,
      handshake_rtt_us: null,
      protocol: null,
      requests: null,
      security: null,
      client_flow: flow(open.sent),
      server_flow: flow(open.received),
    };
  });
}

function momentOf(seconds: number): string {
  const whole = Math.floor(seconds);
  return formatTime(whole, Math.min(999_999_999, Math.round((seconds - whole) * 1e9)));
}
