import { captureSteps, type Packet, PcapngWriter } from "../../core/capture/mod.ts";
import { type ByteRange, secretRanges } from "../../core/export/secrets.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import { NetDecoder } from "../../core/net/net_decoder.ts";
import type { Segment } from "../../core/net/segment.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import {
  type Conversation,
  type FlowStatistics,
  sequenceAdd,
  sequenceDistance,
  TcpTracker,
} from "../../core/tcp/mod.ts";
import { formatTime } from "../../core/dissect/time.ts";
import type { LadderSegment } from "../api.ts";

/** What stands for a byte of a secret: `*`. */
const MASK = 0x2a;
/** Bytes that a carrier such as WebSocket may put around a PDU. */
const CARRIER_BYTES = 256;
const SYN = 2, FIN = 1, RST = 4;

/** A segment with the conversation it belongs to and who sent it. */
interface Sighting {
  readonly conversation: Conversation;
  readonly segment: Segment;
  /** `address:port` of the sender. */
  readonly sender: string;
}

/** Reads packets again and says which conversation each belongs to, numbered as before. */
class Spotter {
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
function steps(path: string, sink: (packet: Packet) => void) {
  return captureSteps([path], sink, () => {});
}

/** The packets of some conversations as pcapng, bytes of secrets masked. */
export async function* pcapngOf(
  path: string,
  conversations: ReadonlySet<number>,
  masks: Masks,
): AsyncGenerator<Uint8Array, void> {
  let ready: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => ready.push(bytes));
  const interfaces = new Map<number, number>();
  const spotter = new Spotter();
  const sink = (packet: Packet) => {
    let isWanted = false;
    const ranges: ByteRange[] = [];
    spotter.push(packet, (sighting) => {
      if (!conversations.has(sighting.conversation.number)) return;
      const found = masks.rangesIn(sighting);
      // Of a datagram in fragments nobody knows where its bytes lie in this packet.
      isWanted = found.length === 0 || sighting.segment.bytes === packet.bytes;
      ranges.push(...found);
    });
    if (!isWanted) return;
    const { linktype, seconds, nanos, originalLength } = packet;
    let index = interfaces.get(linktype);
    if (index === undefined) {
      index = writer.addInterface(linktype);
      interfaces.set(linktype, index);
    }
    const bytes = packet.bytes.slice(packet.start, packet.end);
    for (const { start, end } of ranges) {
      bytes.fill(MASK, start - packet.start, end - packet.start);
    }
    writer.write({ seconds, nanos, bytes, originalLength, interface: index });
  };
  for await (const _ of steps(path, sink)) {
    yield* ready;
    ready = [];
  }
  yield* ready;
}

/** A PDU with secrets, as it was found. */
interface SecretPdu {
  readonly pdu: Pdu;
  readonly ranges: readonly ByteRange[];
  readonly conversation: number;
  readonly sender: string;
}

/** From one sequence number up to another. */
interface SequenceRange {
  readonly start: number;
  readonly length: number;
}

/**
 * Where in the flows the secrets of a capture lie, by sequence number, so that every copy of
 * them is masked. A PDU that lies in one segment is masked to the byte; of any other all
 * bytes are that might be its own.
 */
export class Masks {
  readonly #ranges = new Map<string, SequenceRange[]>();
  /** Flows of which nothing may be shown. */
  readonly #dark = new Set<string>();

  /** Finds the secrets of these transactions in the capture. */
  static async of(path: string, transactions: Iterable<Transaction>): Promise<Masks> {
    const masks = new Masks();
    const byPacket = new Map<number, SecretPdu[]>();
    for (const secret of secretPdus(transactions)) {
      const { packet } = secret.pdu.stamp;
      byPacket.set(packet, [...byPacket.get(packet) ?? [], secret]);
    }
    if (byPacket.size === 0) return masks;
    const spotter = new Spotter();
    const ends = new Map<string, number>();
    const sink = (packet: Packet) => {
      const left = new Set(byPacket.get(packet.number));
      spotter.push(packet, ({ conversation: { number }, segment, sender }) => {
        const key = `${number} ${sender}`;
        const end = sequenceAdd(segment.sequence, segment.length);
        const furthest = ends.get(key) ?? end;
        const last = sequenceDistance(furthest, end) > 0 ? end : furthest;
        ends.set(key, last);
        for (const secret of left) {
          if (secret.conversation !== number || secret.sender !== sender) continue;
          left.delete(secret);
          masks.#add(key, secret, segment, last);
        }
      });
      for (const { conversation, sender } of left) {
        masks.#dark.add(`${conversation} ${sender}`);
      }
    };
    for await (const _ of steps(path, sink)) {
      // Reading is all.
    }
    return masks;
  }

  #add(key: string, { pdu, ranges }: SecretPdu, segment: Segment, last: number): void {
    const known = this.#ranges.get(key) ?? [];
    this.#ranges.set(key, known);
    const at = pdu.whole ? placeOf(pdu.bytes, segment) : -1;
    if (at >= 0) {
      const first = sequenceAdd(segment.sequence, at);
      for (const { start, end } of ranges) {
        known.push({ start: sequenceAdd(first, start), length: end - start });
      }
      return;
    }
    const start = sequenceAdd(segment.sequence, -(pdu.length + CARRIER_BYTES));
    known.push({ start, length: sequenceDistance(start, last) });
  }

  /** The bytes of a segment's buffer that must not be shown. */
  rangesIn({ conversation, segment, sender }: Sighting): ByteRange[] {
    const key = `${conversation.number} ${sender}`;
    const { start, end, sequence } = segment;
    if (this.#dark.has(key)) return start < end ? [{ start, end }] : [];
    const found: ByteRange[] = [];
    for (const range of this.#ranges.get(key) ?? []) {
      const from = start + sequenceDistance(sequence, range.start);
      const to = from + range.length;
      if (from >= end || to <= start) continue;
      found.push({ start: Math.max(start, from), end: Math.min(end, to) });
    }
    return found;
  }
}

function* secretPdus(transactions: Iterable<Transaction>): Generator<SecretPdu, void> {
  for (const { request, response, conversation } of transactions) {
    const { number, client, server } = conversation;
    for (const [pdu, sender] of [[request, client], [response, server]] as const) {
      const ranges = pdu === null ? [] : secretRanges(pdu, request === null);
      if (pdu === null || ranges.length === 0) continue;
      yield { pdu, ranges, conversation: number, sender };
    }
  }
}

/** Where the bytes begin in the payload of the segment; -1 where they are not in it. */
function placeOf(bytes: Uint8Array, { bytes: buffer, start, end }: Segment): number {
  const last = end - bytes.length;
  for (let at = start; at <= last; at++) {
    let same = 0;
    while (same < bytes.length && buffer[at + same] === bytes[same]) same++;
    if (same === bytes.length) return at - start;
  }
  return -1;
}

/** The segments of one conversation in packets `from` to `to`, at most `most`. */
export async function segmentsOf(
  path: string,
  number: number,
  from: number,
  to: number,
  most: number,
): Promise<LadderSegment[]> {
  const found: LadderSegment[] = [];
  const spotter = new Spotter();
  const counts = { client: { ...NO_COUNTS }, server: { ...NO_COUNTS } };
  let isOver = false;
  const sink = (packet: Packet) => {
    isOver = packet.number > to || found.length >= most;
    if (isOver) return;
    spotter.push(packet, ({ conversation, segment, sender }) => {
      if (conversation.number !== number) return;
      const statistics = spotter.tracker.statistics(conversation)!;
      const before = { client: counts.client, server: counts.server };
      counts.client = { ...statistics.client };
      counts.server = { ...statistics.server };
      if (packet.number < from) return;
      const side = sender === conversation.clientEndpoint ? "client" : "server";
      const now = counts[side], then = before[side];
      found.push({
        side,
        packet: packet.number,
        time: formatTime(packet.seconds, packet.nanos),
        length: segment.length,
        flags: flagsOf(segment.flags),
        retransmitted: now.retransmitted > then.retransmitted,
        out_of_order: now.outOfOrder > then.outOfOrder,
        lost: counts.client.lost - before.client.lost +
          counts.server.lost - before.server.lost,
      });
    });
  };
  for await (const _ of steps(path, sink)) if (isOver) break;
  return found;
}

const NO_COUNTS: Readonly<FlowStatistics> = {
  packets: 0,
  bytes: 0,
  retransmitted: 0,
  outOfOrder: 0,
  lost: 0,
  gaps: 0,
  conflicts: 0,
};

function flagsOf(flags: number): LadderSegment["flags"] {
  const names: LadderSegment["flags"] = [];
  if (flags & SYN) names.push("SYN");
  if (flags & FIN) names.push("FIN");
  if (flags & RST) names.push("RST");
  return names;
}
