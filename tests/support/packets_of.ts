import type { Packet } from "../../core/capture/packet.ts";
import { readCaptures } from "../../core/capture/open.ts";

const folder = new URL("../../fixtures/captures/", import.meta.url);

/** The packets of a shipped capture, as copies that may be kept, left out and changed. */
export async function packetsOf(name: string): Promise<Packet[]> {
  const packets: Packet[] = [];
  await readCaptures([new URL(name, folder).pathname], (packet) => {
    const bytes = packet.bytes.slice(packet.start, packet.end);
    packets.push({ ...packet, bytes, start: 0, end: bytes.length });
  }, () => {});
  return packets;
}

/** Names of the shipped captures of at most so many bytes on disk, sorted. */
export function fixtures(mostBytes = Infinity): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name))
    .filter((name) => Deno.statSync(new URL(name, folder)).size <= mostBytes)
    .sort();
}
