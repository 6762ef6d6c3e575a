import type { Packet } from "../../../../core/capture/packet.ts";
import type { KeyLog } from "../../../../core/framing/tls/key_log.ts";
import { assert, assertEquals } from "../../../support/assert.ts";
import { keyLog, keysOf } from "../../../support/keys.ts";
import { dissectPackets, packetsOf, pairsOf } from "../../../support/packets.ts";

const TLS_1_2 = "classic-080-tls12-node.pcap", TLS_1_3 = "vsr-090e5-tls13-node.pcap";
/** TCP's own handshake. */
const SYNS = 3;

function opened(packets: Iterable<Packet>, keys: KeyLog) {
  return dissectPackets(packets, { keys, decodeAs: [8093] });
}

/** Lines of a key log on sessions that are not in any capture. */
function otherSessions(count: number, secretLength = 48): string {
  const secret = "5a".repeat(secretLength);
  return Array.from({ length: count }, (_, i) => {
    const random = i.toString(16).padStart(64, "0");
    return ["HANDSHAKE_TRAFFIC_SECRET", "TRAFFIC_SECRET_0"].flatMap((label) => [
      `CLIENT_${label} ${random} ${secret}\n`,
      `SERVER_${label} ${random} ${secret}\n`,
    ]).join("");
  }).join("");
}

function readKeys(capture: string): string {
  const name = capture.replace(".pcap", ".keys");
  const folder = new URL("../../../../fixtures/captures/", import.meta.url);
  return Deno.readTextFileSync(new URL(name, folder));
}

/** What complete transactions say, from a packet on. */
function from(packet: number, pairs: ReturnType<typeof dissectPackets>): string[] {
  return pairsOf(
    pairs.filter(({ request, response }) =>
      (request?.stamp.begun ?? request?.stamp ?? response!.stamp).packet >= packet
    ),
  );
}

Deno.test("a capture of TLS 1.3 that begins anywhere opens from there on", async () => {
  const packets = await packetsOf(TLS_1_3);
  const whole = opened(packets, keysOf(TLS_1_3));
  for (let first = 1; first < packets.length - 8; first++) {
    const keys = keysOf(TLS_1_3);
    const found = opened(packets.slice(first), keys);
    // A request that was under way is told without its response, or the reverse.
    const expected = from(first + 1, whole);
    const pairs = new Set(pairsOf(found));
    const missing = expected.filter((pair) => !pairs.has(pair));
    assert(missing.length <= 1, `from packet ${first + 1}: ${missing.join("; ")}`);
    for (const pair of pairs) assert(pairsOf(whole).includes(pair), pair);
  }
});

Deno.test("a lost hello of TLS 1.3, and a lost ClientHello of TLS 1.2, cost nothing", async () => {
  for (const [name, hellos] of [[TLS_1_3, 2], [TLS_1_2, 1]] as const) {
    const packets = await packetsOf(name);
    const whole = pairsOf(opened(packets, keysOf(name)));
    const withBytes = packets.filter(({ bytes }) => bytes.length > 100);
    for (const lost of withBytes.slice(0, hellos)) {
      assert(lost.number > SYNS);
      const left = packets.filter((packet) => packet !== lost);
      assertEquals(pairsOf(opened(left, keysOf(name))), whole);
    }
  }
});

Deno.test("a session without hellos is found among others, and only it counts as used", async () => {
  const packets = (await packetsOf(TLS_1_3)).slice(20);
  const alone = pairsOf(opened(packets, keysOf(TLS_1_3)));
  assert(alone.length > 10);
  const own = readKeys(TLS_1_3);
  const keys = keyLog(otherSessions(100) + own + otherSessions(100, 32));
  assertEquals(pairsOf(opened(packets, keys)), alone);
  const randoms = (text: string) => [...new Set(text.match(/ [0-9a-f]{64} /g))];
  assertEquals(randoms(keys.used()), randoms(own));
});

Deno.test("a search in vain is bounded, for one connection and for all", async () => {
  const packets = (await packetsOf(TLS_1_3)).slice(20);
  const keys = keyLog(otherSessions(5000));
  const found = opened(packets, keys);
  const messages = found.flatMap(({ issues }) => issues.map(({ message }) => message));
  assert(messages.some((text) => text.includes("lacks its handshake")), `${messages}`);
  assertEquals(found.filter(({ request, response }) => request ?? response), []);
  const once = keys.searched;
  assert(once > 10_000 && once < 40_000, `${once} attempts`);
  keys.searched = 1 << 16;
  opened(packets, keys);
  assert(keys.searched < (1 << 16) + 1000, `${keys.searched} attempts`);
  assertEquals(keys.waiting, 0);
});
