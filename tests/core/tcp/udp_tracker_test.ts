import { PacketFlows } from "../../../core/tcp/mod.ts";
import { assertEquals } from "../../support/assert.ts";
import { concat, ethernetFrame, ipv4, number } from "../../support/packets.ts";

function udp(source: number, destination: number, payload: number[]): Uint8Array {
  return concat(
    number(source, 2),
    number(destination, 2),
    number(8 + payload.length, 2),
    number(0, 2),
    Uint8Array.from(payload),
  );
}

Deno.test("UDP conversations are told a datagram an event, numbered apart from TCP", () => {
  const events: string[] = [];
  const closed: string[] = [];
  const flows = new PacketFlows({
    data: ({ number, transport, clientPort }, side, bytes, start, end) =>
      events.push(
        `${transport}${number} ${clientPort} ${side} ${
          bytes.subarray(start, end).toHex()
        }`,
      ),
    release: ({ number, transport }, { client, server }) =>
      closed.push(`${transport}${number} ${client.packets} ${server.packets}`),
  }, { udp: true });
  const datagrams: [number, number, number[]][] = [
    [40_000, 8080, [1]],
    [8080, 40_000, [2, 3]],
    [8080, 40_001, [4]],
    [40_000, 8080, []],
    [40_001, 8080, [5]],
  ];
  datagrams.forEach(([source, destination, payload], i) => {
    const bytes = ethernetFrame(
      0x0800,
      ipv4(udp(source, destination, payload), { protocol: 17 }),
    );
    // What the server sends goes the other way.
    if (source === 8080) bytes.set([10, 0, 0, 2, 10, 0, 0, 1], 26);
    flows.push({
      number: i + 1,
      seconds: 1,
      nanos: i,
      linktype: 1,
      bytes,
      start: 0,
      end: bytes.length,
      originalLength: bytes.length,
    });
  });
  flows.end();
  assertEquals(events, [
    "udp0 40000 client 01",
    "udp0 40000 server 0203",
    "udp1 8080 client 04",
    "udp1 8080 server 05",
  ]);
  assertEquals(closed, ["udp0 2 1", "udp1 1 1"]);
});
