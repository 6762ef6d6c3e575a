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
/** Bytes that one acknowledgment may have let through. */
const ACKNOWLEDGED_BYTES = 64 * 1024;
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
  /** The furthest sequence number of each flow so far. */
  readonly #ends = new Map<string, number>();

  /** Finds the secrets of these transactions in the capture. */
  static async of(path: string, transactions: Iterable<Transaction>): Promise<Masks> {
    const masks = new Masks();
    const byPacket = Map.groupBy(
      secretPdus(transactions),
      ({ pdu }) => pdu.stamp.packet,
    );
    if (byPacket.size === 0) return masks;
    const spotter = new Spotter();
    const sink = (packet: Packet) => {
      const due = byPacket.get(packet.number) ?? [];
      spotter.push(packet, (sighting) => {
        masks.#note(sighting);
        for (const secret of due) {
          if (secret.conversation === sighting.conversation.number) {
            masks.#add(secret, sighting);
          }
        }
      });
    };
    for await (const _ of steps(path, sink)) {
      // Reading is all.
    }
    return masks;
  }

  #note({ conversation, segment, sender }: Sighting): void {
    const key = `${conversation.number} ${sender}`;
    const end = sequenceAdd(segment.sequence, segment.length);
    const furthest = this.#ends.get(key) ?? end;
    this.#ends.set(key, sequenceDistance(furthest, end) > 0 ? end : furthest);
  }

  /** Masks the secrets of a PDU that this segment completed. */
  #add({ pdu, ranges }: SecretPdu, { conversation, segment, sender }: Sighting): void {
    const key = `${conversation.number} ${sender}`;
    const at = placeOf(pdu, segment);
    if (at !== null) {
      const first = sequenceAdd(segment.sequence, at.start);
      for (
        const { start, end } of at.isPlain ? ranges : [{ start: 0, end: pdu.length }]
      ) {
        this.#mask(key, sequenceAdd(first, start), end - start);
      }
      return;
    }
    this.#maskBefore(key, segment.sequence, pdu.length + CARRIER_BYTES);
    if (holdsPartOf(pdu, segment)) return;
    // Maybe it was not this segment's bytes that completed it but what it acknowledges.
    const { clientEndpoint, serverEndpoint } = conversation;
    const peer = sender === clientEndpoint ? serverEndpoint : clientEndpoint;
    const other = `${conversation.number} ${peer}`;
    const end = this.#ends.get(other);
    if (end !== undefined) this.#maskBefore(other, end, pdu.length + ACKNOWLEDGED_BYTES);
  }

  /** Masks so many bytes before a place of a flow, and all that is known after it. */
  #maskBefore(key: string, sequence: number, length: number): void {
    const start = sequenceAdd(sequence, -length);
    this.#mask(key, start, sequenceDistance(start, this.#ends.get(key) ?? sequence));
  }

  #mask(key: string, start: number, length: number): void {
    const known = this.#ranges.get(key);
    if (known === undefined) this.#ranges.set(key, [{ start, length }]);
    else known.push({ start, length });
  }

  /** The bytes of a segment's buffer that must not be shown. */
  rangesIn({ conversation, segment, sender }: Sighting): ByteRange[] {
    const { start, end, sequence } = segment;
    const found: ByteRange[] = [];
    for (const range of this.#ranges.get(`${conversation.number} ${sender}`) ?? []) {
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
    for (const pdu of [request, response]) {
      const ranges = pdu === null ? [] : secretRanges(pdu, request === null);
      if (pdu === null || ranges.length === 0) continue;
      yield { pdu, ranges, conversation: conversation.number };
    }
  }
}

/** Where a PDU begins in a segment's payload, and whether its bytes stand there as they are. */
interface Place {
  readonly start: number;
  readonly isPlain: boolean;
}

/** Where the PDU lies in the segment; null where it is not in it as a whole. */
function placeOf(pdu: Pdu, segment: Segment): Place | null {
  const { bytes: buffer, start, end } = segment;
  const { bytes } = pdu;
  const last = pdu.whole ? end - bytes.length : -1;
  for (let at = start; at <= last; at++) {
    if (isSameAt(buffer, at, bytes, 0, bytes.length)) {
      return { start: at - start, isPlain: true };
    }
  }
  const header = webSocketHeader(buffer, start, end);
  const isFrame = header !== null && header + pdu.length === segment.length &&
    header + pdu.length === end - start;
  return isFrame ? { start: header, isPlain: false } : null;
}

/** Length of the WebSocket header of a frame that is all of these bytes; else null. */
function webSocketHeader(bytes: Uint8Array, start: number, end: number): number | null {
  if (end - start < 2) return null;
  const masked = (bytes[start + 1]! & 0x80) !== 0;
  const short = bytes[start + 1]! & 0x7f;
  const header = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (masked ? 4 : 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
  if (end - start < header) return null;
  const length = short === 126
    ? view.getUint16(2)
    : short === 127
    ? Number(view.getBigUint64(2))
    : short;
  return header + length === end - start ? header : null;
}

/** Whether the payload begins with the PDU's end, or is a part of it. */
function holdsPartOf({ bytes }: Pdu, { bytes: buffer, start, end }: Segment): boolean {
  for (let at = 0; at < bytes.length && start < end; at++) {
    const length = Math.min(bytes.length - at, end - start);
    if (isSameAt(buffer, start, bytes, at, length)) return true;
  }
  return false;
}

function isSameAt(
  one: Uint8Array,
  at: number,
  other: Uint8Array,
  from: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) if (one[at + i] !== other[from + i]) return false;
  return true;
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
