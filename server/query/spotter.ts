import { captureSteps, type Packet } from "../../core/capture/mod.ts";
import { NetDecoder } from "../../core/net/net_decoder.ts";
import type { Segment } from "../../core/net/segment.ts";
import { type Conversation, TcpTracker } from "../../core/tcp/mod.ts";

/** A segment with the conversation it belongs to and who sent it. */
export interface Sighting {
  readonly conversation: Conversation;
  readonly segment: Segment;
  /** `address:port` of the sender. */
  readonly sender: string;
}

/** Reads packets again and says which conversation each belongs to, numbered as before. */
export class Spotter {
  readonly tracker: TcpTracker;
  readonly #net: NetDecoder;
  #found: ((sighting: Sighting) => void) | null = null;

  constructor() {
    this.tracker = new TcpTracker({ data: () => {} }, {
      addressText: (address) => this.#net.addresses.text(address),
    });
    this.#net = new NetDecoder(
      (segment) => {
        const conversation = this.tracker.push(segment);
        const sender = this.#net.addresses.endpoint(segment.source, segment.sourcePort);
        this.#found?.({ conversation, segment, sender });
      },
      () => {},
      { headers: (segment) => this.tracker.pushHeader(segment) },
    );
  }

  /** Tells `found` of the segments in the packet. */
  push(packet: Packet, found: (sighting: Sighting) => void): void {
    this.#found = found;
    this.#net.decode(packet);
  }
}

/** Reads a stored capture, a piece at a time. */
export function steps(path: string, sink: (packet: Packet) => void) {
  return captureSteps([path], sink, () => {});
}
