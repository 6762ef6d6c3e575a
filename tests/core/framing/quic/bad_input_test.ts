import type { Packet } from "../../../../core/capture/packet.ts";
import { Pipeline } from "../../../../core/dissect/pipeline.ts";
import { iggyRegistry } from "../../../../mod.ts";
import { assert, assertEquals } from "../../../support/assert.ts";
import { keyLog, keysOf } from "../../../support/keys.ts";
import { concat, dissectPackets, number, packetsOf } from "../../../support/packets.ts";
import { QuicSealer, streamFrame } from "../../../support/quic_sealer.ts";
import { udpFrame } from "../../../support/quic_peer.ts";
import { SeededRandom } from "../../../../core/synth/random.ts";

const CAPTURE = "vsr-090e5-quic.pcap";
const folder = new URL("../../../../fixtures/captures/", import.meta.url);
const packets = await packetsOf(CAPTURE);
const [, secret] = /CLIENT_TRAFFIC_SECRET_0 \w+ (\w+)/.exec(
  Deno.readTextFileSync(new URL("vsr-090e5-quic.keys", folder)),
)!;
const handshake = packets.slice(0, 12);
const MIB = 1024 * 1024;

/** A sealer of the shipped connection, and a request that it carries. */
function sealer(): QuicSealer {
  return new QuicSealer(handshake[5]!, Uint8Array.fromHex(secret!));
}

const request = dissectPackets(packets, { keys: keysOf(CAPTURE) })[0]!.request!.bytes;

/** Dissects what a generator makes, and tells how much the memory grew at most. */
function growth(
  made: Iterable<Packet>,
  keys = keysOf(CAPTURE),
): { grown: number; waiting: number; transactions: number; issues: string[] } {
  const issues = new Set<string>();
  let transactions = 0, most = 0, waiting = 0, i = 0;
  const memory = () => Deno.memoryUsage().rss;
  const before = memory();
  const pipeline = new Pipeline(iggyRegistry(), (done) => {
    transactions++;
    for (const { message } of done.issues) if (issues.size < 100) issues.add(message);
  }, { keys });
  for (const packet of made) {
    pipeline.push({ ...packet, number: ++i });
    waiting = Math.max(waiting, keys.waiting / MIB);
    if (i % 1000 === 0) most = Math.max(most, memory());
  }
  most = Math.max(most, memory());
  pipeline.end();
  assert(keys.waiting === 0, `${keys.waiting} bytes still wait`);
  return { grown: (most - before) / MIB, waiting, transactions, issues: [...issues] };
}

Deno.test("a sealer's own request opens", () => {
  const own = sealer();
  const made = [...handshake, own.datagram(streamFrame(400, 0, request, true))];
  const found = dissectPackets(made, { keys: keysOf(CAPTURE) });
  assertEquals(found.filter(({ stream }) => stream === 400).map(({ name }) => name), [
    "ping",
  ]);
});

Deno.test("ten thousand open streams keep memory bounded", () => {
  const own = sealer();
  function* made() {
    yield* handshake;
    for (let i = 100; i < 10_100; i++) yield own.datagram(streamFrame(4 * i, 0, request));
  }
  const { grown, transactions } = growth(made());
  assert(transactions >= 10_000, `${transactions}`);
  assert(grown < 400, `${grown} MiB`);
});

Deno.test("bytes that wait for others on thousands of streams keep memory bounded", () => {
  const own = sealer();
  const body = new Uint8Array(32_000);
  function* made() {
    yield* handshake;
    // 64 MB on 1000 streams, of which the first byte never comes.
    for (let i = 0; i < 2000; i++) {
      yield own.datagram(
        streamFrame(400 + i % 1000 * 4, 1 + 32_000 * (i / 1000 | 0), body),
      );
    }
  }
  const { grown, waiting } = growth(made());
  assert(waiting > 15 && waiting < 17, `${waiting} MiB wait`);
  assert(grown < 400, `${grown} MiB`);
});

Deno.test("a flood of datagrams on QUIC's port keeps memory bounded, with keys or none", () => {
  const random = new SeededRandom(1);
  function* made() {
    for (let i = 0; i < 15_000; i++) {
      const payload = new Uint8Array(600).map(() => i);
      payload[0] = [0x40, 0xc0][i & 1]!;
      payload.set([0, 0, 0, 1, 8], 1);
      payload[9] = random.below(256);
      yield { ...packets[0]!, ...wrapped(udpFrame(1024 + i % 60_000, 8080, payload)) };
    }
  }
  for (const keys of [keyLog(""), keysOf(CAPTURE)]) {
    const { grown, waiting, issues } = growth(made(), keys);
    assert(waiting < 65, `${waiting} MiB wait`);
    assert(issues.every((issue) => issue.startsWith("QUIC: not readable")), `${issues}`);
    assert(grown < 400, `${grown} MiB`);
  }
});

function wrapped(bytes: Uint8Array): Partial<Packet> {
  return { bytes, start: 0, end: bytes.length, originalLength: bytes.length };
}

Deno.test("a packet that was forged is never shown, whichever byte is changed", () => {
  const own = sealer();
  const keys = keysOf(CAPTURE);
  const sealed = own.packet(streamFrame(400, 0, request, true));
  for (let at = 0; at < sealed.length; at++) {
    const forged = sealed.slice();
    forged[at]! ^= 0x20;
    const found = dissectPackets([...handshake, own.around(forged)], { keys });
    assertEquals(found.filter(({ stream }) => stream === 400), [], `byte ${at}`);
  }
});

Deno.test("forged and damaged headers of a handshake change nothing", () => {
  const keys = keysOf(CAPTURE);
  const expected = dissectPackets(packets, { keys }).length;
  const payloadOf = (packet: Packet) => packet.bytes.slice(42);
  const damaged = (packet: Packet, at: number) => {
    const payload = payloadOf(packet);
    payload[payload.length - at]! ^= 1;
    return { ...packet, ...wrapped(concat(packet.bytes.subarray(0, 42), payload)) };
  };
  // A handshake packet of another version, and with ids of other lengths.
  const long = (packet: Packet, version: number, idLength: number) => {
    const ids = new Uint8Array(2 + 2 * idLength);
    ids[0] = ids[1 + idLength] = idLength;
    const head = concat(Uint8Array.of(0xe0), number(version, 4), ids, number(0x4028, 2));
    const payload = concat(head, new Uint8Array(40));
    const bytes = concat(packet.bytes.subarray(0, 42), payload);
    const view = new DataView(bytes.buffer);
    view.setUint16(16, bytes.length - 14);
    view.setUint16(38, bytes.length - 34);
    return { ...packet, ...wrapped(bytes) };
  };
  for (let at = 1; at < 40; at++) {
    const forged = packets.slice(0, 12).flatMap((packet) => [
      packet,
      ...[damaged(packet, 1), long(packet, 1, 3), long(packet, 0x6b3343cf, 8)],
      ...[long(packet, 0xff00001d, 8), long(packet, 1, 0)],
    ]);
    const made = [...forged.slice(0, at), ...packets.slice(Math.ceil(at / 6))];
    const found = dissectPackets(made, { keys: keysOf(CAPTURE) });
    assertEquals(found.length, expected, `${at}`);
  }
});

Deno.test("a datagram full of connection ids costs a few attempts", () => {
  const own = sealer();
  const id = handshake[5]!.bytes.slice(43, 51);
  const unit = concat(Uint8Array.of(0x40), id, new Uint8Array(12));
  const full = own.around(concat(...Array.from({ length: 3000 }, () => unit)));
  function* made() {
    yield* handshake;
    for (let i = 0; i < 50; i++) yield full;
  }
  const begun = performance.now();
  growth(made());
  // Every place tried, it would be 50 times 94 MB to decrypt twice.
  assert(performance.now() - begun < 60_000);
});
