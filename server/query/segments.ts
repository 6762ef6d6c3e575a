import type { Packet } from "../../core/capture/mod.ts";
import { formatTime } from "../../core/dissect/time.ts";
import type { FlowStatistics } from "../../core/tcp/mod.ts";
import type { LadderSegment } from "../api.ts";
import { Spotter, steps } from "./spotter.ts";

const SYN = 2, FIN = 1, RST = 4;

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
      const statistics = spotter.statistics(conversation)!;
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
