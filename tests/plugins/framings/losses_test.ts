import { assertEquals } from "../../support/assert.ts";
import { impair, type Impairment } from "../../../core/synth/mod.ts";
import type { Packet } from "../../../core/capture/packet.ts";
import { judge, truthOfPackets } from "../../support/judge.ts";
import { packetsOf } from "../../support/packets.ts";

/** What is wrong in a capture that was changed, and how many pairs were not found. */
async function faults(name: string, change: (packets: Packet[]) => Packet[]) {
  const packets = await packetsOf(name);
  const { wrong, invented, lost } = judge(truthOfPackets(packets), change(packets));
  return { wrong, invented, lost };
}

const NONE = { wrong: [], invented: [], lost: 0 };

Deno.test("the last byte of a request is awaited though its acknowledgment comes first", async () => {
  // Packet 602 holds the 256th byte of a header; it might as well be a FIN not captured.
  const found = await faults("vsr-090e5-pipelined.pcap", (packets) => {
    const at = packets.findIndex(({ number }) => number === 602);
    const [late] = packets.splice(at, 1);
    return packets.toSpliced(at + 3, 0, late!);
  });
  assertEquals(found, NONE);
});

/** Losses that once made a wrong pair or a PDU out of nothing. */
const LOSSES: Readonly<Record<string, readonly [string, Impairment][]>> = {
  "the reply to a Register sent again is not paired with an earlier copy": [
    ["vsr-090e5-cluster-client.pcap", { seed: 1013, loss: 0.3 }],
    ["vsr-090e5-cluster-client.pcap", { seed: 1023, loss: 0.1 }],
    ["vsr-090e5-cluster-client.pcap", { seed: 1173, loss: 0.3 }],
  ],
  "an eviction is not paired with a request when others are missing": [
    ["proto-0111e8-client.pcap", { seed: 1041, loss: 0.3 }],
  ],
  "no frame is found in a body whose header is lost": [
    ["vsr-090e4-all.pcap", { seed: 1075, loss: 0.05, mss: 88 }],
    ["proto-0110-client.pcap", { seed: 1108, loss: 0.01, mss: 88 }],
    ["vsr-090e5-cluster-client.pcap", { seed: 1071, loss: 0.05, mss: 88 }],
  ],
};

for (const [name, cases] of Object.entries(LOSSES)) {
  Deno.test(name, async () => {
    for (const [file, impairment] of cases) {
      const kept = { keepTimes: true, ...impairment };
      const found = await faults(file, (packets) => impair(packets, kept));
      assertEquals(found, NONE, `${file} ${JSON.stringify(impairment)}`);
    }
  });
}

Deno.test("a request that reads as none shows no pipeline after a start in the middle", async () => {
  // Packet 35 is a response, and packet 36 a malformed request; its pair alone is not found.
  const found = await faults("classic-080-go.pcap", (packets) => packets.slice(34));
  assertEquals(found, { ...NONE, lost: 1 });
});
