import type { Packet } from "../core/capture/packet.ts";
import { digestSink, type FlowDigestRecord } from "../core/tcp/digest.ts";
import { PacketFlows } from "../core/tcp/mod.ts";

/** The digests of both flows of a conversation. */
export interface ConversationDigests {
  client_flow: FlowDigestRecord;
  server_flow: FlowDigestRecord;
}

/**
 * Digests the flows of all conversations, beside a pipeline that reads the same packets: it
 * gives nothing up before the end, so that late copies of bytes still find their place.
 */
export class DigestPass {
  readonly #flows: PacketFlows;
  readonly #byNumber = new Map<number, ConversationDigests & { client: string }>();

  constructor() {
    const sink = digestSink((conversation, client_flow, server_flow) => {
      this.#byNumber.set(conversation.number, {
        client: conversation.clientEndpoint,
        client_flow,
        server_flow,
      });
    });
    this.#flows = new PacketFlows(sink, { holes: "end" });
  }

  /** Takes the next packet. */
  push(packet: Packet): void {
    this.#flows.push(packet);
  }

  /** Says that no packet follows. */
  end(): void {
    this.#flows.end();
  }

  /** The digests of a conversation; its framing may have known better who the client is. */
  of(
    { conversation, client }: { conversation: number; client: string },
  ): ConversationDigests | undefined {
    const found = this.#byNumber.get(conversation);
    if (found === undefined) return undefined;
    const { client_flow, server_flow } = found;
    return found.client === client
      ? { client_flow, server_flow }
      : { client_flow: server_flow, server_flow: client_flow };
  }
}
