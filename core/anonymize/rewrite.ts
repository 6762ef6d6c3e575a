import { type Packet, PcapngWriter, PcapWriter } from "../capture/mod.ts";
import { PacketFlows } from "../tcp/mod.ts";
import { type Anonymizer, flowName, type PlacedSegment } from "./mod.ts";

const SYN = 2;

/**
 * Takes a packet with the bytes that it is to have, and the number of the TCP conversation that
 * it is of; null where it is of none.
 */
type Write = (packet: Packet, bytes: Uint8Array, conversation: number | null) => void;

/**
 * The second reading: gives a function that takes the capture's packets and hands each on,
 * anonymous, with its bytes.
 */
export function rewriting(
  anonymizer: Anonymizer,
  write: Write,
): (packet: Packet) => void {
  let found: PlacedSegment | null = null;
  let conversation: number | null = null;
  const flows = new PacketFlows({ data() {}, gap() {}, finish() {}, close() {} }, {
    segment({ number }, { bytes, packet, flags, sequence }, sender) {
      if (sender === null) return;
      conversation = number;
      // Of a datagram in fragments nobody knows where its bytes lie in this packet.
      if (bytes !== packet.bytes) return;
      // A SYN takes the sequence number before the first byte.
      const first = (flags & SYN) === 0 ? sequence : sequence + 1 >>> 0;
      found = { flow: flowName(number, sender), sequence: first };
    },
  });
  return (packet) => {
    found = conversation = null;
    flows.push(packet);
    write(packet, anonymizer.packet(packet, found), conversation);
  };
}

/** Writes packets as pcapng: an interface for each link type, without name or comment. */
export function pcapngWrite(out: (bytes: Uint8Array) => void): Write {
  const writer = new PcapngWriter(out);
  const interfaces = new Map<number, number>();
  return ({ seconds, nanos, linktype, originalLength }, bytes) => {
    const index = interfaces.get(linktype) ?? writer.addInterface(linktype);
    interfaces.set(linktype, index);
    writer.write({ seconds, nanos, bytes, originalLength, interface: index });
  };
}

/** Writes packets as pcap; throws `TypeError` on a second link type. */
export function pcapWrite(out: (bytes: Uint8Array) => void): Write {
  let writer: PcapWriter | null = null;
  let first = 0;
  return ({ seconds, nanos, linktype, originalLength }, bytes) => {
    if (writer === null) {
      first = linktype;
      writer = new PcapWriter(out, { linktype });
    } else if (linktype !== first) {
      throw new TypeError("pcap has one link type; write pcapng to keep several");
    }
    writer.write(seconds, nanos, bytes, originalLength);
  };
}
