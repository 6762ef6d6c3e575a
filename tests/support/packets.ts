/**
 * Packets for tests: those of shipped captures, and hand-made frames and pcapng blocks.
 *
 * @module
 */
import { concat as concatAll } from "../../core/bytes/copy.ts";
import { readCaptures } from "../../core/capture/open.ts";
import type { Packet } from "../../core/capture/packet.ts";
import { Pipeline, type PipelineOptions } from "../../core/dissect/pipeline.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";

const registry = iggyRegistry();

const folder = new URL("../../fixtures/captures/", import.meta.url);

/** Names of the shipped captures of at most so many bytes on disk, sorted. */
export function fixtures(mostBytes = Infinity): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
    .filter((name) => Deno.statSync(new URL(name, folder)).size <= mostBytes)
    .sort();
}

/** The packets of a shipped capture, each with bytes of its own. */
export async function packetsOf(name: string): Promise<Packet[]> {
  const packets: Packet[] = [];
  await readCaptures([new URL(name, folder).pathname], (packet) => {
    const bytes = packet.bytes.slice(packet.start, packet.end);
    packets.push({ ...packet, bytes, start: 0, end: bytes.length });
  }, () => {});
  return packets;
}

/** The transactions of packets. */
export function dissectPackets(
  packets: Iterable<Packet>,
  options: PipelineOptions = {},
): Transaction[] {
  const transactions: Transaction[] = [];
  const pipeline = new Pipeline(registry, (done) => transactions.push(done), options);
  for (const packet of packets) pipeline.push(packet);
  pipeline.end();
  return transactions;
}

/** Requests with their responses by packet, length and status; what lacks either is left out. */
export function pairsOf(transactions: readonly Transaction[]): string[] {
  return transactions.flatMap(({ conversation, name, request, response }) =>
    request?.whole && response?.whole
      ? [[
        conversation.client,
        name,
        request.stamp.packet,
        request.length,
        response.stamp.packet,
        response.length,
        response.status,
        response.evicted,
      ].join(" ")]
      : []
  );
}

/** The arrays one after another. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return concatAll(parts);
}

/** Bytes of hex text; spaces do not count. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(
    text.replace(/\s/g, "").match(/../g) ?? [],
    (pair) => parseInt(pair, 16),
  );
}

/** Unsigned numbers as bytes of the given width. */
export function number(value: number, width: 2 | 4, little = false): Uint8Array {
  const view = new DataView(new ArrayBuffer(width));
  if (width === 2) view.setUint16(0, value, little);
  else view.setUint32(0, value, little);
  return new Uint8Array(view.buffer);
}

/** A TCP header of 20 bytes plus options, then the payload; the checksum is 0. */
export function tcp(fields: {
  sourcePort?: number;
  destinationPort?: number;
  sequence?: number;
  acknowledgment?: number;
  flags?: number;
  window?: number;
  options?: Uint8Array;
  payload?: Uint8Array;
}): Uint8Array {
  const options = fields.options ?? new Uint8Array(0);
  const header = new Uint8Array(20);
  const view = new DataView(header.buffer);
  view.setUint16(0, fields.sourcePort ?? 40000);
  view.setUint16(2, fields.destinationPort ?? 8090);
  view.setUint32(4, fields.sequence ?? 1);
  view.setUint32(8, fields.acknowledgment ?? 0);
  view.setUint8(12, (20 + options.length) / 4 << 4);
  view.setUint8(13, fields.flags ?? 0x18);
  view.setUint16(14, fields.window ?? 512);
  return concat(header, options, fields.payload ?? new Uint8Array(0));
}

/** An IPv4 packet from 10.0.0.1 to 10.0.0.2. */
export function ipv4(payload: Uint8Array, fields: {
  protocol?: number;
  id?: number;
  /** In bytes. */
  offset?: number;
  more?: boolean;
  options?: Uint8Array;
  totalLength?: number;
} = {}): Uint8Array {
  const options = fields.options ?? new Uint8Array(0);
  const header = new Uint8Array(20);
  const view = new DataView(header.buffer);
  const length = 20 + options.length + payload.length;
  view.setUint8(0, 0x40 | (20 + options.length) / 4);
  view.setUint16(2, fields.totalLength ?? length);
  view.setUint16(4, fields.id ?? 7);
  view.setUint16(6, (fields.more ? 0x2000 : 0) | (fields.offset ?? 0) / 8);
  view.setUint8(8, 64);
  view.setUint8(9, fields.protocol ?? 6);
  header.set([10, 0, 0, 1, 10, 0, 0, 2], 12);
  return concat(header, options, payload);
}

/** An IPv6 packet from fe80::1 to fe80::2; `next` names the first header of the payload. */
export function ipv6(payload: Uint8Array, next = 6): Uint8Array {
  const header = new Uint8Array(40);
  header[0] = 0x60;
  header.set(number(payload.length, 2), 4);
  header[6] = next;
  header.set([0xfe, 0x80], 8);
  header[23] = 1;
  header.set([0xfe, 0x80], 24);
  header[39] = 2;
  return concat(header, payload);
}

/** An Ethernet II frame. */
export function ethernetFrame(type: number, payload: Uint8Array): Uint8Array {
  return concat(hex("020000000002 020000000001"), number(type, 2), payload);
}

/** A pcapng block in either byte order; the body is padded to 4 bytes. */
export function block(type: number, body: Uint8Array, little = true): Uint8Array {
  const padding = new Uint8Array((4 - body.length % 4) % 4);
  const total = number(12 + body.length + padding.length, 4, little);
  return concat(number(type, 4, little), total, body, padding, total);
}

/** A Section Header Block of unknown section length. */
export function sectionHeader(little = true): Uint8Array {
  const magic = number(0x1a2b3c4d, 4, little);
  const version = concat(number(1, 2, little), number(0, 2, little));
  return block(0x0a0d0d0a, concat(magic, version, new Uint8Array(8).fill(0xff)), little);
}

/** One option of a pcapng block, padded. */
export function option(code: number, value: Uint8Array, little = true): Uint8Array {
  const padding = new Uint8Array((4 - value.length % 4) % 4);
  const length = number(value.length, 2, little);
  return concat(number(code, 2, little), length, value, padding);
}

/** An Interface Description Block; `options` come as they are, without an end. */
export function interfaceBlock(
  linktype = 1,
  snaplen = 0,
  options: Uint8Array = new Uint8Array(0),
  little = true,
): Uint8Array {
  const head = concat(number(linktype, 2, little), number(0, 2, little));
  return block(1, concat(head, number(snaplen, 4, little), options), little);
}

/** An Enhanced Packet Block of interface `id`, its timestamp in two halves. */
export function enhancedPacket(
  data: Uint8Array,
  fields: { id?: number; high?: number; low?: number; captured?: number } = {},
  little = true,
): Uint8Array {
  const { id = 0, high = 0, low = 0, captured = data.length } = fields;
  const words = [id, high, low, captured, data.length].map((word) =>
    number(word, 4, little)
  );
  return block(6, concat(...words, data), little);
}
