import { impair } from "../../../core/synth/mod.ts";
import { NetDecoder } from "../../../core/net/mod.ts";
import { internetChecksum } from "../../../core/synth/checksum.ts";
import type { Packet } from "../../../core/capture/packet.ts";
import { dissectPackets, packetsOf } from "../../support/packets.ts";
import { assert, assertEquals } from "../../support/assert.ts";

const SESSION = "classic-080-all.pcap";

const shape = (packets: readonly Packet[]) =>
  packets.map(({ number, seconds, nanos, end, start }) =>
    [number, seconds, nanos, end - start].join()
  );

Deno.test("impair() without impairments changes nothing", async () => {
  const packets = await packetsOf(SESSION);
  assertEquals(impair(packets, {}), packets);
});

Deno.test("impair() gives the same for a seed, another for another", async () => {
  const packets = await packetsOf(SESSION);
  const all = { loss: 0.1, reorder: 0.2, duplicate: 0.1, swap: 0.2, mss: 50 };
  const one = shape(impair(packets, { ...all, seed: 1 }));
  assertEquals(shape(impair(packets, { ...all, seed: 1 })), one);
  assert(one.join() !== shape(impair(packets, { ...all, seed: 2 })).join());
});

Deno.test("impair() loses, repeats and cuts about as often as told", async () => {
  const packets = await packetsOf(SESSION);
  const n = packets.length;
  const near = (found: number, wanted: number) =>
    assert(Math.abs(found - wanted) < 0.1 * n, `${found} ${wanted}`);
  near(impair(packets, { loss: 0.3 }).length, 0.7 * n);
  near(impair(packets, { duplicate: 0.3 }).length, 1.3 * n);
  assertEquals(impair(packets, { skip: 10 }), packets.slice(10));
  for (const { start, end, originalLength, number } of impair(packets, { snaplen: 60 })) {
    assert(end - start <= 60);
    assertEquals(originalLength, packets[number - 1]!.originalLength);
  }
});

Deno.test("impair() reorders by at most so many packets, and time runs forwards", async () => {
  const packets = await packetsOf(SESSION);
  const captured = impair(packets, { reorder: 0.3, reorderBy: 4 });
  assertEquals(
    captured.map(({ number }) => number).sort((a, b) => a - b),
    packets.map(({ number }) => number),
  );
  assert(captured.some(({ number }, i) => number !== i + 1));
  captured.forEach(({ number, seconds, nanos }, i) => {
    assert(Math.abs(number - i - 1) <= 8, `${number} at ${i + 1}`);
    const before = captured[i - 1];
    assert(!before || seconds * 1e9 + nanos >= before.seconds * 1e9 + before.nanos);
  });
});

Deno.test("impair() swaps only packets of different sides", async () => {
  const packets = await packetsOf(SESSION);
  const numbers = impair(packets, { swap: 0.5 }).map(({ number }) => number);
  assertEquals(numbers.toSorted((a, b) => a - b), packets.map(({ number }) => number));
  numbers.forEach((number, i) => assert(Math.abs(number - i - 1) <= 1));
});

Deno.test("impair() cuts segments into sound packets that read the same", async () => {
  const told = (packets: Iterable<Packet>) =>
    dissectPackets(packets).map(({ name, request, response }) =>
      [name, request?.length, request?.stamp.packet, response?.length].join()
    );
  for (const name of [SESSION, "classic-080-mtu1500.pcapng", "vsr-090e5-all.pcap"]) {
    const packets = await packetsOf(name);
    const cut = impair(packets, { mss: 7 });
    assert(cut.length > 2 * packets.length, name);
    assertEquals(told(cut), told(packets), name);
    const net = new NetDecoder(({ bytes, optionsStart, end, length }) => {
      assert(length <= 7);
      const tcp = optionsStart! - 20;
      if (bytes[tcp - 20] !== 0x45 || length < 7) return;
      assertEquals(internetChecksum(bytes, tcp - 8, end, 6 + end - tcp), 0);
    }, () => {});
    for (const packet of cut) net.decode(packet);
  }
});

Deno.test("impair() keeps one side", async () => {
  const packets = await packetsOf(SESSION);
  const client = impair(packets, { side: "client" });
  const server = impair(packets, { side: "server" });
  assertEquals(client.length + server.length, packets.length);
  assert(dissectPackets(client).every(({ response }) => response === null));
});
