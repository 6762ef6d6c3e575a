import { PcapWriter } from "../../core/capture/mod.ts";
import type { Packet } from "../../core/capture/packet.ts";
import { impair, type SeededRandom } from "../../core/synth/mod.ts";

/** Where a capture is damaged. */
export const LEVELS = ["file", "packet", "tcp", "pdu"] as const;

/** One of {@link LEVELS}. */
export type Level = typeof LEVELS[number];

/** Numbers at the borders of what lengths and counts can be. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff];
const ETHERNET = 14, TCP = 34, PAYLOAD = 66;

/** A damaged capture of the packets, as the bytes of a pcap file. */
export function mutated(
  packets: readonly Packet[],
  level: Level,
  random: SeededRandom,
): Uint8Array<ArrayBuffer> {
  if (level === "file") return damagedFile(fileOf(packets), random);
  const chance = 0.02 + random.draw() * 0.3;
  const damaged = packets.map((packet) =>
    random.chance(chance) ? damagedPacket(packet, level, random) : packet
  );
  if (level !== "tcp") return fileOf(damaged);
  const order = { reorder: random.draw() / 3, duplicate: random.draw() / 3 };
  const seed = random.below(2 ** 32);
  return fileOf(impair(damaged, { ...order, seed, loss: random.draw() / 5, swap: 0.1 }));
}

function fileOf(packets: readonly Packet[]): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  const writer = new PcapWriter((bytes) => chunks.push(bytes));
  for (const { seconds, nanos, bytes, start, end, originalLength } of packets) {
    writer.write(seconds, nanos, bytes.subarray(start, end), originalLength);
  }
  const file = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    file.set(chunk, at);
    at += chunk.length;
  }
  return file;
}

/** Bytes flipped, edges written, a stretch left out or repeated. */
function damagedFile(
  file: Uint8Array<ArrayBuffer>,
  random: SeededRandom,
): Uint8Array<ArrayBuffer> {
  for (let i = random.below(8); i >= 0; i--) damage(file, 0, random);
  if (random.chance(0.5)) return file;
  const from = random.below(file.length), length = random.below(300);
  const rest = random.chance(0.5) ? from + length : from - Math.min(from, length);
  const parts = [file.subarray(0, from), file.subarray(rest)];
  const joined = new Uint8Array(parts[0]!.length + parts[1]!.length);
  joined.set(parts[0]!);
  joined.set(parts[1]!, parts[0]!.length);
  return random.chance(0.2) ? joined.slice(0, random.below(joined.length)) : joined;
}

function damagedPacket(packet: Packet, level: Level, random: SeededRandom): Packet {
  const bytes = packet.bytes.slice(packet.start, packet.end);
  const view = new DataView(bytes.buffer);
  if (level === "tcp" && bytes.length >= TCP + 20) {
    const what = random.below(4);
    if (what === 0) view.setUint32(TCP + 4, near(view.getUint32(TCP + 4), random));
    if (what === 1) view.setUint32(TCP + 8, near(view.getUint32(TCP + 8), random));
    if (what === 2) view.setUint8(TCP + 13, random.below(256));
    if (what === 3) damage(bytes, TCP + 12, random);
  } else {
    const from = level === "pdu" ? PAYLOAD : ETHERNET;
    for (let i = random.below(3); i >= 0; i--) damage(bytes, from, random);
  }
  return { ...packet, bytes, start: 0, end: bytes.length };
}

/** A number a little or far away. */
function near(value: number, random: SeededRandom): number {
  const away = random.chance(0.7) ? random.below(5000) - 2500 : random.below(2 ** 32);
  return value + away >>> 0;
}

/** Changes one place from `start` on: a bit, a byte, or a number of 1 to 4 bytes. */
function damage(bytes: Uint8Array, start: number, random: SeededRandom): void {
  if (bytes.length <= start) return;
  const at = start + random.below(bytes.length - start);
  const how = random.below(3);
  if (how === 0) bytes[at]! ^= 1 << random.below(8);
  else if (how === 1) bytes[at] = random.below(256);
  else {
    const edge = EDGES[random.below(EDGES.length)]!;
    const width = 1 << random.below(3);
    for (let i = 0; i < width && at + i < bytes.length; i++) {
      bytes[at + i] = edge >>> 8 * i;
    }
  }
}
