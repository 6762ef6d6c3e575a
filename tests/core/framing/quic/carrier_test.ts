import type { Packet } from "../../../../core/capture/packet.ts";
import type { Transaction } from "../../../../core/dissect/transaction.ts";
import { compileFilter } from "../../../../core/filter/mod.ts";
import { iggyRegistry } from "../../../../plugins/iggy.ts";
import { assert, assertEquals } from "../../../support/assert.ts";
import { keyLog, keysOf } from "../../../support/keys.ts";
import { dissectPackets, packetsOf } from "../../../support/packets.ts";

const CAPTURE = "vsr-090e5-quic.pcap";
const folder = new URL("../../../../fixtures/captures/", import.meta.url);
const keys = keysOf(CAPTURE);

/** A line of the truth: what the client sent and got on a stream, in hex. */
interface Line {
  stream: number;
  request: string;
  reply: string;
}

async function truth(): Promise<Line[]> {
  const file = await Deno.open(new URL("vsr-090e5-quic.jsonl.gz", folder));
  const text = await new Response(
    file.readable.pipeThrough(new DecompressionStream("gzip")),
  ).text();
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

const packets = await packetsOf(CAPTURE);

function linesOf(transactions: readonly Transaction[]): Line[] {
  return transactions.map(({ stream, request, response }) => ({
    stream: stream ?? -1,
    request: request?.bytes.toHex() ?? "",
    reply: response?.bytes.toHex() ?? "",
  })).sort((a, b) => a.stream - b.stream);
}

const expected = (await truth()).map(({ stream, request, reply }) => ({
  stream,
  request,
  reply,
}));

Deno.test("QUIC opened gives the bytes of every stream exactly", () => {
  const found = dissectPackets(packets, { keys });
  assertEquals(linesOf(found), expected);
  const [{ conversation }] = found as [Transaction];
  assertEquals(conversation.security, {
    protocol: "QUIC",
    version: "v1",
    suite: "TLS_AES_256_GCM_SHA384",
    server_name: "localhost",
    alpn: conversation.security!.alpn,
    resumed: false,
    retried: false,
    early_data: null,
    key_updates: 1,
    renegotiations: 0,
    certificate: "CN=rcgen self signed cert",
    opened: true,
  });
  assertEquals([conversation.transport, conversation.number], ["udp", 0]);
});

Deno.test("filters know the streams and ports of QUIC", () => {
  const found = dissectPackets(packets, { keys });
  const count = (filter: string) => {
    const passes = compileFilter(filter, iggyRegistry());
    return found.filter(passes).length;
  };
  assertEquals(count("udp.port == 8080 && quic.connection == 0 && udp.stream == 0"), 60);
  assertEquals(count("quic.stream.stream_id == 8"), 1);
  assertEquals([count("tcp"), count("tcp.port == 8080"), count("quic && udp")], [
    0,
    0,
    60,
  ]);
});

Deno.test("a lost datagram costs at most the streams it carried", () => {
  const whole = new Map(expected.map((line) => [line.stream, line]));
  const handshake = 5;
  for (let lost = handshake; lost < packets.length; lost += 7) {
    const found = dissectPackets(packets.filter((_, i) => i !== lost), { keys });
    const complete = linesOf(
      found.filter(({ request, response }) => request?.whole && response?.whole),
    );
    for (const line of complete) assertEquals(line, whole.get(line.stream), `${lost}`);
    assert(complete.length >= whole.size - 1, `${lost}: ${complete.length}`);
  }
});

Deno.test("reordered and repeated datagrams change nothing", () => {
  const mixed: Packet[] = [];
  for (let i = 0; i < packets.length; i += 4) {
    const four = packets.slice(i, i + 4);
    // The handshake's packets keep their place, so that conversations have the same sides.
    mixed.push(...i < 8 ? four : four.reverse());
    if (i % 20 === 0) mixed.push(four[0]!);
  }
  assertEquals(linesOf(dissectPackets(mixed, { keys })), expected);
});

Deno.test("a connection goes on where the client moved to another port", () => {
  const moved = packets.map((packet) => {
    if (packet.number < 300) return packet;
    const bytes = packet.bytes.slice();
    // Ethernet and IPv4 of 20 bytes: the client's port is the source or the destination.
    const view = new DataView(bytes.buffer);
    for (const at of [34, 36]) {
      if (view.getUint16(at) !== 8080) view.setUint16(at, 45_678);
    }
    return { ...packet, bytes };
  });
  assertEquals(linesOf(dissectPackets(moved, { keys })), expected);
});

Deno.test("QUIC without fitting keys is named and nothing of it shown", async () => {
  const own = await Deno.readTextFile(new URL("vsr-090e5-quic.keys", folder));
  const wrong = own.replaceAll(/[0-9a-f]{8}$/gm, "00000000");
  for (const store of [null, keyLog(wrong), keyLog(""), keysOf("classic-080-tls.pcap")]) {
    const found = dissectPackets(packets, { keys: store });
    assertEquals(linesOf(found), [{ stream: -1, request: "", reply: "" }]);
    const { message } = found[0]!.issues[0]!;
    assert(/^QUIC: not readable .*TLS_AES_256_GCM_SHA384, server name/.test(message));
  }
});

Deno.test("one datagram of several packets, as segmentation offload leaves it, is parted", () => {
  const joined: Packet[] = [];
  for (const packet of packets) {
    const before = joined.at(-1);
    const size = before === undefined ? 0 : before.end - 42;
    const isSame = before !== undefined && packet.number > 20 && size < 5000 &&
      before.bytes.subarray(26, 38).toHex() === packet.bytes.subarray(26, 38).toHex() &&
      before.bytes.subarray(42, 51).toHex().slice(2) ===
        packet.bytes.subarray(42, 51).toHex().slice(2);
    if (!isSame) {
      joined.push(packet);
      continue;
    }
    const bytes = new Uint8Array(before.bytes.length + packet.bytes.length - 42);
    bytes.set(before.bytes);
    bytes.set(packet.bytes.subarray(42), before.bytes.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(16, bytes.length - 14);
    view.setUint16(38, bytes.length - 34);
    joined[joined.length - 1] = {
      ...before,
      bytes,
      end: bytes.length,
      originalLength: bytes.length,
    };
  }
  assert(joined.length < packets.length - 50, `${joined.length} of ${packets.length}`);
  assertEquals(linesOf(dissectPackets(joined, { keys })), expected);
});
