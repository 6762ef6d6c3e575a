import type { Transaction } from "../../../../core/dissect/transaction.ts";
import { dissectFixture } from "../../../support/dissect.ts";
import { keyLog, keysOf } from "../../../support/keys.ts";
import { assert, assertEquals } from "../../../support/assert.ts";
import { dissectPackets, packetsOf } from "../../../support/packets.ts";

const SEALED = ["classic-080-tls12-node", "vsr-090e5-tls13-node"];

const CAPTURES = new URL("../../../../fixtures/captures/", import.meta.url);

/** What was said, without when: the plain copies have packets of their own. */
function said({ name, code, statusName, request, response }: Transaction): string {
  const bytes = [request, response].map((pdu) => pdu?.bytes.toHex());
  const fields = [request, response].map((pdu) => pdu?.decoded?.fields ?? null);
  return JSON.stringify([name, code, statusName, ...bytes, fields], bigints);
}

function bigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

function readKeys(name: string): string {
  return Deno.readTextFileSync(new URL(`${name}.keys`, CAPTURES));
}

for (const name of SEALED) {
  Deno.test(`${name} opened says what its plain copy says`, async () => {
    const keys = keysOf(`${name}.pcap`);
    const opened = await dissectFixture(`${name}.pcap`, { keys });
    const plain = await dissectFixture(`${name}.plain.pcap`);
    assertEquals(opened.map(said), plain.map(said));
    assertEquals(opened.length, 23);
    const { security } = opened[0]!.conversation;
    assertEquals(security?.certificate, "CN=localhost");
    assert(security?.opened);
  });

  Deno.test(`${name} loses with a packet only what it carried`, async () => {
    const packets = await packetsOf(`${name}.pcap`);
    const keys = keysOf(`${name}.pcap`);
    const whole = dissectPackets(packets, { keys });
    const expected = new Set(whole.map(said));
    const [, serverHello] = packets.filter(({ bytes }) => bytes.length > 100);
    for (const lost of packets) {
      // The keys of TLS 1.2 are made of what the ServerHello says too.
      if (name === "classic-080-tls12-node" && lost === serverHello) continue;
      const found = dissectPackets(packets.filter((packet) => packet !== lost), { keys });
      const complete = found.filter(({ request, response }) =>
        request?.whole && response?.whole
      ).map(said);
      for (const one of complete) assert(expected.has(one), `${lost.number}: ${one}`);
      const carried = whole.filter(({ request, response }) =>
        [request, response].some((pdu) =>
          pdu !== null && (pdu.stamp.begun?.packet ?? pdu.stamp.packet) <= lost.number &&
          pdu.stamp.packet >= lost.number
        )
      );
      // TCP tells a loss late: a request sent meanwhile may be the one that lacks a response.
      const missing = whole.length - complete.length - 1;
      assert(
        missing <= carried.length,
        `packet ${lost.number}: ${missing} of ${carried.length}`,
      );
    }
  });

  Deno.test(`${name} stays sealed under keys of others, cut keys and wrong ones`, async () => {
    const own = readKeys(name);
    const other = SEALED.find((sealed) => sealed !== name)!;
    const wrong = own.replaceAll(/[0-9a-f]{8}$/gm, "00000000");
    const cut = own.replaceAll(/[0-9a-f]{9}$/gm, "");
    const stores = [
      null,
      keysOf(`${other}.pcap`),
      keyLog(wrong),
      keyLog(cut),
      keyLog(""),
    ];
    for (const keys of stores) {
      const found = await dissectFixture(`${name}.pcap`, { keys, decodeAs: [8093] });
      assertEquals(found.map(({ request, response }) => request ?? response), [null]);
      const { message } = found[0]!.issues[0]!;
      assert(/^TLS: not readable .* \(TLS 1\.[23], TLS_/.test(message), message);
    }
  });
}

Deno.test("a mixed key log opens every session that it has", async () => {
  const mixed = keyLog(SEALED.map(readKeys).join("garbage\n"));
  for (const name of SEALED) {
    assertEquals((await dissectFixture(`${name}.pcap`, { keys: mixed })).length, 23);
  }
});

Deno.test("a damaged record is left out, said, and nothing else is lost", async () => {
  const packets = await packetsOf("vsr-090e5-tls13-node.pcap");
  const keys = keysOf("vsr-090e5-tls13-node.pcap");
  const whole = dissectPackets(packets, { keys });
  const at = whole[5]!.request!.stamp.packet;
  const damaged = packets.map((packet) => {
    if (packet.number !== at) return packet;
    const bytes = packet.bytes.slice();
    bytes[bytes.length - 20]! ^= 1;
    return { ...packet, bytes };
  });
  const found = dissectPackets(damaged, { keys });
  const complete = found.filter(({ request, response }) => request && response);
  assertEquals(complete.length, whole.length - 1);
  const messages = found.flatMap(({ issues }) => issues.map(({ message }) => message));
  assert(messages.some((message) => /TLS record/.test(message)), messages.join("\n"));
});
