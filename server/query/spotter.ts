import { captureSteps, type Packet } from "../../core/capture/mod.ts";
import type { Conversation } from "../../core/flow/mod.ts";
import type { Segment } from "../../core/net/segment.ts";
import { type ConversationStatistics, PacketFlows } from "../../core/tcp/mod.ts";

/** A segment with the conversation it belongs to and who sent it. */
export interface Sighting {
  readonly conversation: Conversation;
  readonly segment: Segment;
  /** `address:port` of the sender. */
  readonly sender: string;
}

/** Reads packets again and says which conversation each belongs to, numbered as before. */
export class Spotter {
  readonly #flows: PacketFlows;
  #found: ((sighting: Sighting) => void) | null = null;

  constructor() {
    this.#flows = new PacketFlows({ data: () => {} }, {
      segment: (conversation, segment, sender) => {
        if (sender !== null) this.#found?.({ conversation, segment, sender });
      },
    });
  }

  /** The counts of a conversation so far. */
  statistics(conversation: Conversation): ConversationStatistics | null {
    return this.#flows.statistics(conversation);
  }

  /** Tells `found` of the segments in the packet. */
  push(packet: Packet, found: (sighting: Sighting) => void): void {
    this.#found = found;
    this.#flows.push(packet);
  }
}

/** Reads a stored capture, a piece at a time. */
export function steps(path: string, sink: (packet: Packet) => void) {
  return captureSteps([path], sink, () => {});
}
