import { keptPacket, type Packet, type PacketSink } from "../capture/packet.ts";
import { NetDecoder } from "../net/net_decoder.ts";
import type { Segment } from "../net/segment.ts";
import { SeededRandom } from "./random.ts";
import { recut } from "./recut.ts";

/**
 * What a capture does to packets that were sent; chances are from 0 to 1 and independent of
 * each other. The client is the side with the higher port.
 */
export interface Impairment {
  /** Equal seeds give equal captures; 1 where left out. */
  seed?: number;
  /** Packets left out at the beginning: the capture starts in the middle. */
  skip?: number;
  /** The only side whose packets are captured. */
  side?: "client" | "server";
  /** Longest payload of a segment in bytes; longer ones are cut as if sent so. */
  mss?: number;
  /** Chance that a packet is missing from the capture. */
  loss?: number;
  /** Chance that a byte of a packet's TCP payload is flipped. */
  corrupt?: number;
  /** Chance that a packet is captured twice, the copy up to `reorderBy` packets later. */
  duplicate?: number;
  /** Chance that a packet is captured behind up to `reorderBy` later ones. */
  reorder?: number;
  /** Packets that overtake at most; 3 where left out. */
  reorderBy?: number;
  /** Chance that a packet and the next, sent by the other side, change places. */
  swap?: number;
  /** Bytes kept of each packet. */
  snaplen?: number;
  /**
   * Packets out of order keep the times they were sent at, as with several receive queues that
   * stamp what they take; else times never run backwards, as with one clock behind them all.
   */
  keepTimes?: boolean;
}

interface Held {
  packet: Packet;
  /** Count of packets at which it is let go. */
  due: number;
}

/**
 * Impairs packets on their way to `sink`. A packet keeps its number, and so does each piece
 * or copy of it, so that what is found can be compared with the truth. Unless times are kept, a
 * packet that was overtaken has the time of the last one before it at least.
 * What is held back is copied; no more than `reorderBy` packets and copies are, about.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const numbers: number[] = [];
 * const impairer = new Impairer({ skip: 1, snaplen: 2 }, (packet) => {
 *   assertEquals([packet.end - packet.start, packet.originalLength], [2, 4]);
 *   numbers.push(packet.number);
 * });
 * const bytes = new Uint8Array(4);
 * for (const number of [1, 2, 3]) {
 *   impairer.push({
 *     number, seconds: number, nanos: 0, linktype: 1, bytes, start: 0, end: 4,
 *     originalLength: 4,
 *   });
 * }
 * impairer.end();
 * assertEquals(numbers, [2, 3]);
 * ```
 */
export class Impairer {
  readonly #impairment: Impairment;
  readonly #sink: PacketSink;
  readonly #random: SeededRandom;
  readonly #net: NetDecoder;
  /** The segment of the packet being looked at, where it has one. */
  #segment: Segment | null = null;
  #seen = 0;
  #pieces = 0;
  #held: Held[] = [];
  /** A packet that changes places with the next one of the other side. */
  #swapping: { packet: Packet; fromClient: boolean } | null = null;
  #seconds = -Infinity;
  #nanos = 0;

  constructor(impairment: Impairment, sink: PacketSink) {
    this.#impairment = impairment;
    this.#sink = sink;
    this.#random = new SeededRandom(impairment.seed ?? 1);
    this.#net = new NetDecoder((segment) => this.#segment = segment, () => {});
  }

  /** Takes the next packet that was sent. */
  push(packet: Packet): void {
    const { skip = 0, side, mss } = this.#impairment;
    if (this.#seen++ < skip) return;
    this.#segment = null;
    this.#net.decode(packet);
    const segment: Segment | null = this.#segment;
    if (segment === null) return side === undefined ? this.#capture(packet) : undefined;
    if (side !== undefined && side !== sideOf(segment)) return;
    const pieces = mss === undefined ? [packet] : recut(segment, mss);
    for (const piece of pieces) this.#capture(piece, segment);
  }

  /** Says that no packet follows: what was held back comes now. */
  end(): void {
    this.#letGo(Infinity);
    if (this.#swapping !== null) this.#emit(this.#swapping.packet);
    this.#swapping = null;
  }

  #capture(packet: Packet, segment: Segment | null = null): void {
    const { loss = 0, duplicate = 0, reorder = 0, reorderBy = 3 } = this.#impairment;
    const due = ++this.#pieces;
    if (!this.#random.chance(loss)) {
      const changed = this.#cut(this.#corrupted(packet, segment));
      const later = () => due + 1 + this.#random.below(reorderBy) + 0.5;
      if (this.#random.chance(duplicate)) this.#hold(changed, later());
      if (this.#random.chance(reorder)) this.#hold(changed, later());
      else this.#order(changed, segment);
    }
    this.#letGo(due);
  }

  /** Gives the packet on, unless it waits to change places with the next. */
  #order(packet: Packet, segment: Segment | null): void {
    const { swap = 0 } = this.#impairment;
    const waiting = this.#swapping;
    this.#swapping = null;
    const fromClient = segment !== null && sideOf(segment) === "client";
    if (waiting !== null) {
      if (fromClient === waiting.fromClient) this.#emit(waiting.packet);
      this.#emit(packet);
      if (fromClient !== waiting.fromClient) this.#emit(waiting.packet);
    } else if (this.#random.chance(swap)) {
      this.#swapping = { packet: keptPacket(packet), fromClient };
    } else this.#emit(packet);
  }

  #hold(packet: Packet, due: number): void {
    const at = this.#held.findIndex((held) => held.due > due);
    const held = { packet: keptPacket(packet), due };
    this.#held.splice(at < 0 ? this.#held.length : at, 0, held);
  }

  #letGo(count: number): void {
    while (this.#held.length > 0 && this.#held[0]!.due <= count) {
      this.#emit(this.#held.shift()!.packet);
    }
  }

  #corrupted(packet: Packet, segment: Segment | null): Packet {
    const { corrupt = 0 } = this.#impairment;
    if (segment === null || !this.#random.chance(corrupt)) return packet;
    const header = segment.start - segment.packet.start;
    const copy = keptPacket(packet);
    if (copy.end > header) {
      copy.bytes[header + this.#random.below(copy.end - header)]! ^= 0xff;
    }
    return copy;
  }

  #cut(packet: Packet): Packet {
    const { snaplen = Infinity } = this.#impairment;
    if (packet.end - packet.start <= snaplen) return packet;
    return { ...packet, end: packet.start + snaplen };
  }

  #emit(packet: Packet): void {
    const { seconds, nanos } = packet;
    if (
      this.#impairment.keepTimes || seconds > this.#seconds ||
      seconds === this.#seconds && nanos >= this.#nanos
    ) {
      this.#seconds = seconds;
      this.#nanos = nanos;
      this.#sink(packet);
    } else this.#sink({ ...packet, seconds: this.#seconds, nanos: this.#nanos });
  }
}

function sideOf({ sourcePort, destinationPort }: Segment): "client" | "server" {
  return sourcePort > destinationPort ? "client" : "server";
}

/**
 * Impaired packets as a list; see {@link Impairer}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(impair([], { loss: 0.1 }), []);
 * ```
 */
export function impair(packets: Iterable<Packet>, impairment: Impairment): Packet[] {
  const captured: Packet[] = [];
  const impairer = new Impairer(impairment, (packet) => captured.push(packet));
  for (const packet of packets) impairer.push(packet);
  impairer.end();
  return captured;
}
