import { KeyLog } from "../../../../core/framing/tls/key_log.ts";
import { assert, assertEquals } from "../../../support/assert.ts";
import { keysOf } from "../../../support/keys.ts";
import { dissectPackets, packetsOf, pairsOf } from "../../../support/packets.ts";

const CAPTURE = "vsr-090e5-quic.pcap";

/** A key log of sessions that are in no capture. */
function otherSessions(count: number): KeyLog {
  const keys = new KeyLog();
  const secret = "5a".repeat(48);
  const lines = Array.from({ length: count }, (_, i) => {
    const random = i.toString(16).padStart(64, "0");
    return `CLIENT_TRAFFIC_SECRET_0 ${random} ${secret}\n` +
      `SERVER_TRAFFIC_SECRET_0 ${random} ${secret}\n`;
  });
  keys.pushWhole(new TextEncoder().encode(lines.join("")));
  return keys;
}

Deno.test("a capture of QUIC that begins anywhere opens from there on", async () => {
  const packets = await packetsOf(CAPTURE);
  const whole = dissectPackets(packets, { keys: keysOf(CAPTURE) });
  for (const first of [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 20, 50, 100, 200, 350, 500, 650]) {
    const found = dissectPackets(packets.slice(first), { keys: keysOf(CAPTURE) });
    const pairs = new Set(pairsOf(found));
    const expected = pairsOf(
      whole.filter(({ request }) =>
        (request!.stamp.begun ?? request!.stamp).packet > first
      ),
    );
    assert(expected.length > 0);
    for (const pair of expected) assert(pairs.has(pair), `from ${first + 1}: ${pair}`);
    for (const pair of pairs) assert(pairsOf(whole).includes(pair), pair);
  }
});

Deno.test("a lost datagram of QUIC's handshake costs nothing behind it", async () => {
  const packets = await packetsOf(CAPTURE);
  const whole = pairsOf(dissectPackets(packets, { keys: keysOf(CAPTURE) }));
  for (const lost of packets.slice(0, 3)) {
    const left = packets.filter((packet) => packet !== lost);
    assertEquals(pairsOf(dissectPackets(left, { keys: keysOf(CAPTURE) })), whole);
  }
});

Deno.test("packets of QUIC that no session fits stay sealed, at a bounded cost", async () => {
  const packets = (await packetsOf(CAPTURE)).slice(100);
  const keys = otherSessions(2000);
  const found = dissectPackets(packets, { keys });
  assertEquals(found.filter(({ request, response }) => request ?? response), []);
  const messages = found.flatMap(({ issues }) => issues.map(({ message }) => message));
  assert(messages.some((text) => text.includes("lacks its handshake")), `${messages}`);
  assert(keys.searched < 20_000, `${keys.searched} attempts`);
  assertEquals(keys.waiting, 0);
});
