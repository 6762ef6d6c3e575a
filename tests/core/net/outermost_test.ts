import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { outermost } from "../../../core/net/mod.ts";
import { packetsOf } from "../../support/packets.ts";

const ETHERNET = 1, RAW = 101;

Deno.test("a packet is the same whatever the link layer, hops and checksums", async () => {
  for (const packet of await packetsOf("classic-080-all.pcap")) {
    const here = outermost(ETHERNET, packet.bytes);
    const elsewhere = packet.bytes.slice(14);
    elsewhere[8]! -= 3;
    elsewhere.fill(0, 10, 12).fill(0, 36, 38);
    assertEquals(outermost(RAW, elsewhere), here);
    assertEquals([here.pair, here.fragment], ["7f000001-7f000001", false]);
    assert(/^8090-\d+$/.test(here.ports), here.ports);
    // Another sequence number is another packet.
    elsewhere[24]! ^= 1;
    assertNotEquals(outermost(RAW, elsewhere).digest, here.digest);
  }
});

Deno.test("fragments have the pair of their packet, and no ports", async () => {
  const [packet] = await packetsOf("classic-080-all.pcap");
  const bytes = packet!.bytes.slice();
  const { pair } = outermost(ETHERNET, bytes);
  bytes[14 + 7] = 185;
  assertEquals(
    { ...outermost(ETHERNET, bytes), digest: 0n },
    { pair, ports: "", fragment: true, digest: 0n },
  );
});

Deno.test("packets that are cut anywhere have no addresses at the worst", async () => {
  const [packet] = await packetsOf("classic-080-ipv6-nano.pcap");
  for (let length = 0; length < packet!.bytes.length; length++) {
    const { pair } = outermost(ETHERNET, packet!.bytes.subarray(0, length));
    assertEquals(pair === "", length < 54);
  }
});
