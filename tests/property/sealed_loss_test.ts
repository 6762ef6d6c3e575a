/**
 * What the loss, the delay and the cut of single packets cost where the traffic is sealed: no
 * wrong pair, and none but those that the packet carried or that were under way.
 *
 * @module
 */
import type { Packet } from "../../core/capture/packet.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import type { Pdu } from "../../core/framing/pdu.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { keysOf } from "../support/keys.ts";
import { dissectPackets, packetsOf } from "../support/packets.ts";
import { saidOf } from "../support/quic_peer.ts";
import { FATES, places } from "../support/single_packets.ts";

/** Sessions, and packets that are always tried: records that hold the length of a request only. */
const SESSIONS = [
  ["classic-080-tls.pcap", [72, 223]],
  ["classic-080-tls12-node.pcap", []],
  ["vsr-090e5-tls13-node.pcap", []],
  ["vsr-090e5-quic.pcap", []],
] as const;

for (const [name, always] of SESSIONS) {
  for (const [fate, impaired] of Object.entries(FATES)) {
    Deno.test(`a packet of ${name} that is ${fate} costs what it carried`, async () => {
      const packets = await packetsOf(name);
      const whole = pairsIn(packets, name);
      const truth = counted(whole);
      const handshake = Math.min(...whole.map(({ request }) => spanOf(request!)[0]));
      const tried = [...always.map((number) => number - 1), ...places(packets.length)];
      for (const at of tried) {
        const { number } = packets[at]!;
        if (number < handshake) continue;
        const found = counted(pairsIn(impaired(packets, at), name));
        const invented = [...found].filter(([said, count]) =>
          count > (truth.get(said) ?? 0)
        );
        assertEquals(invented, [], `packet ${number}`);
        const lost = [...truth].reduce(
          (sum, [said, count]) => sum + count - (found.get(said) ?? 0),
          0,
        );
        const carried = whole.filter((pair) => isUnderWay(pair, number)).length;
        // The next request counts where its shape alone leaves a doubt that it begins there.
        assert(
          lost <= carried + 1,
          `packet ${number}: ${lost} lost, ${carried} under way`,
        );
      }
    });
  }
}

function pairsIn(packets: readonly Packet[], name: string): Transaction[] {
  return dissectPackets(packets, { keys: keysOf(name), decodeAs: [8093] })
    .filter(({ request, response }) => request?.whole && response?.whole);
}

/** How often each pair was said on its connection. */
function counted(pairs: readonly Transaction[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const pair of pairs) {
    const said = `${pair.conversation.client} ${saidOf(pair)}`;
    counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  return counts;
}

function spanOf({ stamp }: Pdu): readonly [first: number, last: number] {
  return [stamp.begun?.packet ?? stamp.packet, stamp.packet];
}

/** Whether a packet lies between the first of a request and the last of its response. */
function isUnderWay({ request, response }: Transaction, packet: number): boolean {
  return spanOf(request!)[0] <= packet && packet <= spanOf(response!)[1];
}
