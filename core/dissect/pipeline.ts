import type { Packet } from "../capture/packet.ts";
import type { Issue } from "../issue.ts";
import { NetDecoder } from "../net/net_decoder.ts";
import { type Conversation, type TcpLimits, TcpTracker } from "../tcp/mod.ts";
import type { ConversationStatistics } from "../tcp/statistics.ts";
import { Dissector, type DissectorOptions } from "./dissector.ts";
import type { Registry } from "./registry.ts";
import type { Transaction } from "./transaction.ts";

/** What a {@link Pipeline} may be told. */
export interface PipelineOptions extends DissectorOptions {
  /** Limits of TCP reassembly to use instead of the defaults. */
  tcp?: Partial<TcpLimits>;
  /** Told of each conversation when nothing further will be said of it. */
  conversation?(conversation: Conversation, statistics: ConversationStatistics): void;
  /** Told of findings that belong to no conversation. */
  report?(issue: Issue): void;
}

/**
 * All stages from packets to transactions, joined. Push packets in, take transactions out, and
 * `end` it to get those that wait for an answer.
 */
export class Pipeline {
  readonly #net: NetDecoder;
  readonly #tracker: TcpTracker;

  constructor(
    registry: Registry,
    sink: (transaction: Transaction) => void,
    options: PipelineOptions = {},
  ) {
    const dissector = new Dissector(registry, sink, options);
    this.#tracker = new TcpTracker({
      data: (...event) => dissector.data(...event),
      gap: (...event) => dissector.gap(...event),
      finish: (...event) => dissector.finish(...event),
      close: (conversation) => dissector.close(conversation),
      release: options.conversation,
    }, {
      addressText: (address) => this.#net.addresses.text(address),
      report: (conversation, found) => {
        if (conversation === null) options.report?.(found);
        else dissector.report(conversation, found);
      },
      limits: options.tcp,
    });
    this.#net = new NetDecoder(
      (segment) => this.#tracker.push(segment),
      options.report ?? (() => {}),
      { headers: (segment) => this.#tracker.pushHeader(segment) },
    );
  }

  /** Takes the next packet. */
  push(packet: Packet): void {
    this.#net.decode(packet);
  }

  /** Says that no packet follows. */
  end(): void {
    this.#tracker.end();
  }
}
