import { type Packet, PcapngWriter } from "../../core/capture/mod.ts";
import type { Segment } from "../../core/net/segment.ts";
import type { Masks, NewByte } from "./masks.ts";
import { Spotter, steps } from "./spotter.ts";

/** Offset of the checksum in a TCP header, and of the options behind its fixed part. */
const CHECKSUM = 16, OPTIONS = 20;

/** A segment of a packet with what is to be changed in it. */
interface Patched {
  readonly segment: Segment;
  readonly bytes: readonly NewByte[];
}

/** The packets of some conversations as pcapng, bytes of secrets masked, checksums kept right. */
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
    const patched: Patched[] = [];
    spotter.push(packet, (sighting) => {
      if (!conversations.has(sighting.conversation.number)) return;
      const found = masks.bytesIn(sighting);
      // Of a datagram in fragments nobody knows where its bytes lie in this packet.
      isWanted = found.length === 0 || sighting.segment.bytes === packet.bytes;
      if (found.length > 0) patched.push({ segment: sighting.segment, bytes: found });
    });
    if (!isWanted) return;
    const { linktype, seconds, nanos, originalLength } = packet;
    let index = interfaces.get(linktype);
    if (index === undefined) {
      index = writer.addInterface(linktype);
      interfaces.set(linktype, index);
    }
    const bytes = packet.bytes.slice(packet.start, packet.end);
    for (const { segment, bytes: found } of patched) {
      patchSegment(bytes, packet.start, segment, found);
    }
    writer.write({ seconds, nanos, bytes, originalLength, interface: index });
  };
  for await (const _ of steps(path, sink)) {
    yield* ready;
    ready = [];
  }
  yield* ready;
}

/**
 * Changes bytes of a segment in a packet's copy, which begins at `origin` of the segment's
 * buffer. Its TCP checksum changes by as much, so that one that was right stays right.
 *
 * Source: RFC 1624 section 3, equation 3.
 */
function patchSegment(
  copy: Uint8Array,
  origin: number,
  { optionsStart }: Segment,
  found: readonly NewByte[],
): void {
  const header = (optionsStart ?? NaN) - OPTIONS - origin;
  let change = 0;
  for (const { place, value } of found) {
    const at = place - origin;
    const difference = value - copy[at]!;
    change += (at - header) % 2 === 0 ? difference * 256 : difference;
    copy[at] = value;
  }
  const at = header + CHECKSUM;
  if (!(at >= 0 && at + 2 <= copy.length)) return;
  const view = new DataView(copy.buffer, copy.byteOffset);
  const sum = (~view.getUint16(at) & 0xffff) + change;
  view.setUint16(at, ~(((sum % 0xffff) + 0xffff) % 0xffff) & 0xffff);
}
