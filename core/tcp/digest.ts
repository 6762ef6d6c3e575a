import { createHash, type Hash } from "node:crypto";
import type { Conversation, Side } from "../flow/mod.ts";
import type { TcpSink } from "./sink.ts";
import type { ConversationStatistics } from "./statistics.ts";

/** What `conversations --digest` says of one flow. */
export interface FlowDigestRecord {
  /** Bytes of the flow, holes left out. */
  bytes: number;
  /** SHA-256 of those bytes in order, hexadecimal. */
  sha256: string;
  /** Holes with bytes behind them. */
  gaps: number;
  /** Segments that said other bytes than were captured before. */
  conflicts: number;
}

/** SHA-256 over a flow's bytes, fed with what a `TcpSink` is told. */
export class FlowDigest {
  #hash: Hash | null = null;
  #bytes = 0;
  #gaps = 0;
  #hole = false;

  /** The next bytes of the flow. */
  data(bytes: Uint8Array, start: number, end: number): void {
    if (this.#hole) this.#gaps++;
    this.#hole = false;
    this.#bytes += end - start;
    (this.#hash ??= createHash("sha256")).update(bytes.subarray(start, end));
  }

  /** A hole; counted once bytes follow it. */
  gap(): void {
    this.#hole = true;
  }

  /** The record, once; `conflicts` comes from the flow's statistics. */
  finish(conflicts: number): FlowDigestRecord {
    const sha256 = (this.#hash ?? createHash("sha256")).digest("hex");
    return { bytes: this.#bytes, sha256, gaps: this.#gaps, conflicts };
  }
}

/** Receives a conversation's digests when it is released. */
export type DigestDone = (
  conversation: Conversation,
  clientFlow: FlowDigestRecord,
  serverFlow: FlowDigestRecord,
  statistics: ConversationStatistics,
) => void;

/**
 * A sink that digests every flow; for a tracker of its own with `holes: "end"`, so that
 * late copies of bytes still find their place.
 */
export function digestSink(done: DigestDone): TcpSink {
  const digests = new Map<Conversation, Record<Side, FlowDigest>>();
  return {
    open(conversation) {
      digests.set(conversation, { client: new FlowDigest(), server: new FlowDigest() });
    },
    data(conversation, side, bytes, start, end) {
      digests.get(conversation)![side].data(bytes, start, end);
    },
    gap(conversation, side) {
      digests.get(conversation)![side].gap();
    },
    release(conversation, statistics) {
      const { client, server } = digests.get(conversation)!;
      digests.delete(conversation);
      done(
        conversation,
        client.finish(statistics.client.conflicts),
        server.finish(statistics.server.conflicts),
        statistics,
      );
    },
  };
}
