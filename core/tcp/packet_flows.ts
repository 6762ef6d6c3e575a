import type { Packet } from "../capture/packet.ts";
import type { Conversation } from "../flow/mod.ts";
import type { Issue } from "../issue.ts";
import { AddressTable } from "../net/address_table.ts";
import { NetDecoder } from "../net/net_decoder.ts";
import type { Datagram, Segment } from "../net/segment.ts";
import type { HoleRelease, TcpLimits } from "./limits.ts";
import type { ConversationReport } from "./shared.ts";
import type { TcpSink } from "./sink.ts";
import type { ConversationStatistics } from "./statistics.ts";
import { TcpTracker } from "./tracker.ts";
import { UdpTracker } from "./udp_tracker.ts";

/** What {@link PacketFlows} may be told. */
export interface PacketFlowsOptions {
  /** When missing bytes are given up; `acknowledged` unless told. */
  holes?: HoleRelease;
  /** False leaves out what Wireshark counts, see `ConversationStatistics.analysis`. */
  analysis?: boolean;
  /** Limits of TCP reassembly to use instead of the defaults. */
  limits?: Partial<TcpLimits>;
  /** Told of findings, with the conversation they are about or null. */
  report?: ConversationReport;
  /**
   * Told of each segment with its conversation and the sender's `address:port`; without a
   * sender where it is a header quoted by another packet, which is no part of a flow.
   */
  segment?(conversation: Conversation, segment: Segment, sender: string | null): void;
  /** Tells UDP too: a datagram an event, in conversations numbered apart. */
  udp?: boolean;
  /** Told of each datagram with its conversation. */
  datagram?(conversation: Conversation, datagram: Datagram): void;
}

/**
 * Packets in, flows of conversations out: link, IP and TCP layers joined. It is the one place
 * that joins them.
 */
export class PacketFlows {
  readonly #tracker: TcpTracker;
  readonly #udp: UdpTracker | null;
  readonly #net: NetDecoder;

  constructor(sink: TcpSink, options: PacketFlowsOptions = {}) {
    const { holes, analysis, limits, report, segment: told, udp } = options;
    const { datagram: toldDatagram } = options;
    this.#tracker = new TcpTracker(sink, {
      addressText: (address) => this.#net.addresses.text(address),
      holes,
      analysis,
      limits,
      report,
    });
    const addresses = new AddressTable();
    this.#udp = udp ? new UdpTracker(sink, addresses) : null;
    this.#net = new NetDecoder(
      (segment) => {
        const conversation = this.#tracker.push(segment);
        if (told === undefined) return;
        const { source, sourcePort } = segment;
        told(conversation, segment, this.#net.addresses.endpoint(source, sourcePort));
      },
      (found: Issue) => report?.(null, found),
      {
        addresses,
        headers: (segment) => {
          const conversation = this.#tracker.pushHeader(segment);
          told?.(conversation, segment, null);
        },
        datagrams: this.#udp === null ? undefined : (datagram) => {
          const conversation = this.#udp!.push(datagram);
          toldDatagram?.(conversation, datagram);
        },
      },
    );
  }

  /** Takes the next packet of the capture. */
  push(packet: Packet): void {
    this.#net.decode(packet);
  }

  /** The counts so far of a conversation; null where it is none of these flows. */
  statistics(conversation: Conversation): ConversationStatistics | null {
    return this.#udp?.statistics(conversation) ?? this.#tracker.statistics(conversation);
  }

  /** Says that no packet follows. */
  end(): void {
    this.#tracker.end();
    this.#udp?.end();
  }
}
