/**
 * Captures made fit to be shown: stand-ins for names, payloads, secrets and addresses, of the
 * same length and stable under a key. A first reading dissects and writes down what each PDU
 * becomes; a second one puts that into the packets, wherever and how often its bytes were sent.
 *
 * @module
 */
import type { Packet } from "../capture/packet.ts";
import type { Transaction } from "../dissect/transaction.ts";
import { sequenceAdd, sequenceDistance } from "../flow/mod.ts";
import type { Pdu } from "../framing/pdu.ts";
import { Edits, type Spill } from "./edits.ts";
import { blank, bytesOf, replaceAddresses, sealPacket, tcpPlaces } from "./headers.ts";
import { anonymousHead } from "./http_head.ts";
import { anonymousPdu } from "./pdu.ts";
import type { StandIns } from "./stand_ins.ts";

export type { Spill } from "./edits.ts";
export { StandIns } from "./stand_ins.ts";

/** A segment of the second reading with the flow it is of. */
export interface PlacedSegment {
  /** Conversation and sender, as {@link flowName} writes them. */
  readonly flow: string;
  /** Sequence number of its first byte. */
  readonly sequence: number;
}

/** The name of a flow: a conversation's number and the endpoint that sends. */
export function flowName(conversation: number, sender: string): string {
  return `${conversation} ${sender}`;
}

/** Makes the packets of a capture anonymous. */
export class Anonymizer {
  readonly #standIns: StandIns;
  readonly #edits: Edits;
  /** PDUs whose place is not known; their bytes become blank. */
  unplaced = 0;
  /** Packets that became blank, because they hold no TCP that can be rewritten. */
  blanked = 0;

  constructor(standIns: StandIns, spill: Spill) {
    this.#standIns = standIns;
    this.#edits = new Edits(spill);
  }

  /** Takes a transaction of the first reading. */
  add({ conversation, request, response }: Transaction): void {
    const { number, client, server } = conversation;
    const sender = (pdu: Pdu, usual: "client" | "server") =>
      (pdu.sender ?? usual) === "client" ? client : server;
    if (request !== null) {
      this.#take(flowName(number, sender(request, "client")), request);
    }
    if (response !== null) {
      this.#take(flowName(number, sender(response, "server")), response);
    }
  }

  #take(flow: string, pdu: Pdu): void {
    const { sequence } = pdu.stamp;
    const { carried } = pdu.stamp.begun ?? pdu.stamp;
    const at = sequence === undefined || carried === undefined
      ? 0
      : sequenceDistance(carried.origin, sequence);
    const fits = carried === undefined || at + pdu.length <= carried.length;
    if (sequence === undefined || !fits) {
      this.unplaced++;
      return;
    }
    const bytes = anonymousPdu(pdu, this.#standIns);
    if (carried?.mask) {
      for (let i = 0; i < bytes.length; i++) bytes[i]! ^= carried.mask[at + i & 3]!;
    }
    this.#edits.add(flow, sequenceAdd(sequence, carried?.shift ?? 0), bytes);
  }

  /** Takes bytes that are a carrier's own: heads of frames stay, those of HTTP in part. */
  readonly carrier = (
    conversation: number,
    sender: string,
    sequence: number,
    bytes: Uint8Array,
  ): void => {
    const flow = flowName(conversation, sender);
    this.#edits.add(flow, sequence, anonymousHead(bytes));
  };

  /** Ends the first reading. */
  rewind(): void {
    this.#edits.rewind();
  }

  /** A packet of the second reading, rewritten; `segment` is what it holds, or null. */
  packet(packet: Packet, segment: PlacedSegment | null): Uint8Array {
    const before = bytesOf(packet);
    const bytes = before.slice();
    const places = segment === null ? null : tcpPlaces(packet.linktype, bytes);
    replaceAddresses(packet.linktype, bytes, places, this.#standIns);
    if (places === null || segment === null) {
      this.blanked++;
      blank(packet.linktype, bytes);
      return bytes;
    }
    const payload = bytes.subarray(places.payload, places.end);
    this.#edits.fill(segment.flow, segment.sequence, payload);
    // Padding may hold bytes of another packet.
    bytes.fill(0, places.end);
    sealPacket(bytes, before, places);
    return bytes;
  }
}
