/**
 * What is sound stays sound in Wireshark: no PDU of a healthy capture is marked malformed, and
 * one that is malformed here is marked there.
 *
 * @module
 */
import { LuaPeer } from "../support/lua_peer.ts";
import { assertEquals } from "../support/assert.ts";
import { requireTsharks } from "../support/tshark.ts";

const FIXTURES = new URL("../../fixtures/captures/", import.meta.url).pathname;

/** Captures, and the packets that hold a malformed PDU. */
const CAPTURES: readonly (readonly [name: string, malformed: readonly string[]])[] = [
  ["classic-050-all.pcap", []],
  ["classic-060-all.pcap", []],
  ["classic-070-all.pcap", []],
  ["classic-080-all.pcap", []],
  ["classic-080-go.pcap", ["36"]],
  ["classic-080-websocket.pcap", []],
  ["vsr-090e4-all.pcap", []],
  ["vsr-090e5-all.pcap", []],
  ["vsr-090e5-cluster.pcap", []],
  ["vsr-090e5-websocket.pcap", []],
];

Deno.test("only what is malformed is marked malformed in Wireshark", async () => {
  const tsharks = await requireTsharks();
  if (tsharks === null) return;
  using peer = new LuaPeer();
  const args = ["-Y", "_ws.malformed", "-T", "fields", "-e", "frame.number"];
  for (const tshark of tsharks) {
    await Promise.all(CAPTURES.map(async ([name, malformed]) => {
      const found = await peer.run(tshark, FIXTURES + name, args);
      assertEquals(found.split("\n").filter((line) => line !== ""), malformed, name);
    }));
  }
});
