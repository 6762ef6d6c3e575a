import type { Packet } from "../core/capture/packet.ts";
import { sequenceSvg } from "../core/export/sequence_svg.ts";
import type { Conversation } from "../core/flow/mod.ts";
import { PacketFlows } from "../core/tcp/packet_flows.ts";
import { SequenceRecorder } from "../core/tcp/sequence_graph.ts";

/** The time-sequence graphs of one conversation of a capture, as an SVG. */
export class SequencePass {
  readonly #flows: PacketFlows;
  readonly #recorder = new SequenceRecorder();
  #found: Conversation | null = null;

  /** `wanted` is the conversation's number, as tshark's `tcp.stream`. */
  constructor(wanted: number) {
    this.#flows = new PacketFlows({ data() {} }, {
      analysis: false,
      segment: (conversation, segment, sender) => {
        if (sender === null || conversation.number !== wanted) return;
        this.#found = conversation;
        const isClient = sender === conversation.clientEndpoint;
        this.#recorder.push(segment, isClient ? "client" : "server");
      },
    });
  }

  /** Takes the next packet of the capture. */
  push(packet: Packet): void {
    this.#flows.push(packet);
  }

  /** The SVG; null where the conversation never came. */
  svg(): string | null {
    if (this.#found === null) return null;
    const { number, clientEndpoint, serverEndpoint } = this.#found;
    return sequenceSvg(
      [this.#recorder.graph("client"), this.#recorder.graph("server")],
      `conversation ${number}: ${clientEndpoint} → ${serverEndpoint}`,
    );
  }
}
