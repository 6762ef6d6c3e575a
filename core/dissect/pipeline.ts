import type { Packet } from "../capture/packet.ts";
import type { Issue } from "../issue.ts";
import type { TcpLimits } from "../tcp/limits.ts";
import { PacketFlows } from "../tcp/packet_flows.ts";
import type { ConversationStatistics } from "../tcp/statistics.ts";
import type { ConversationState } from "./conversation_state.ts";
import { Dissector, type DissectorOptions } from "./dissector.ts";
import type { Registry } from "./registry.ts";
import type { Transaction } from "./transaction.ts";

/** What a {@link Pipeline} may be told. */
export interface PipelineOptions extends DissectorOptions {
  /** Limits of TCP reassembly to use instead of the defaults. */
  tcp?: Partial<TcpLimits>;
  /** False leaves out what Wireshark counts of TCP, see `ConversationStatistics.analysis`. */
  analysis?: boolean;
  /** Told of each conversation when nothing further will be said of it. */
  conversation?(state: ConversationState, statistics: ConversationStatistics): void;
  /** Told of findings that belong to no conversation. */
  report?(issue: Issue): void;
}

/**
 * All stages from packets to transactions, joined. Push packets in, take transactions out, and
 * `end` it to get those that wait for an answer.
 */
export class Pipeline {
  readonly #flows: PacketFlows;
  readonly #dissector: Dissector;
  #isBegun = false;

  constructor(
    registry: Registry,
    sink: (transaction: Transaction) => void,
    options: PipelineOptions = {},
  ) {
    const dissector = new Dissector(registry, sink, options);
    this.#dissector = dissector;
    this.#flows = new PacketFlows({
      data: (conversation, side, bytes, start, end, stamp) =>
        dissector.data(conversation, side, bytes, start, end, stamp),
      gap: (...event) => dissector.gap(...event),
      finish: (...event) => dissector.finish(...event),
      close: (conversation) => dissector.close(conversation),
      release(conversation, statistics) {
        const state = dissector.release(conversation);
        options.conversation?.(state, statistics);
      },
    }, {
      report(conversation, found) {
        if (conversation === null) options.report?.(found);
        else dissector.report(conversation, found);
      },
      limits: options.tcp,
      analysis: options.analysis,
      udp: true,
    });
  }

  /** Takes the next packet. */
  push(packet: Packet): void {
    if (!this.#isBegun) {
      this.#isBegun = true;
      this.#dissector.begin(packet);
    }
    this.#flows.push(packet);
  }

  /** Says that no packet follows. */
  end(): void {
    this.#flows.end();
  }
}
