import { readCaptures } from "../../core/capture/open.ts";
import type { Packet } from "../../core/capture/packet.ts";
import { Pipeline, type PipelineOptions } from "../../core/dissect/pipeline.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { iggyRegistry } from "../../mod.ts";

const registry = iggyRegistry();

/** The packets of a shipped capture, each with bytes of its own. */
export async function packetsOf(name: string): Promise<Packet[]> {
  const packets: Packet[] = [];
  const path = new URL(`../../fixtures/captures/${name}`, import.meta.url).pathname;
  await readCaptures([path], (packet) => {
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
