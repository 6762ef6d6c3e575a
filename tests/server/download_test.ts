import { assert, assertEquals } from "@std/assert";
import { captureSteps } from "../../core/capture/mod.ts";
import { NetDecoder } from "../../core/net/net_decoder.ts";
import { dissect } from "../../mod.ts";
import { collect, secretsOf } from "./secrets.ts";
import { fixture, withServer } from "./support.ts";

/** Captures of every framing, a lossy network, and a carrier that hides bytes. */
const WITH_SECRETS = [
  "classic-060-all.pcap",
  "classic-080-lossy.pcap",
  "classic-080-mtu1500.pcapng",
  "classic-080-websocket.pcap",
  "vsr-090e5-all.pcap",
  "vsr-090e5-cluster.pcap",
  "vsr-090e5-websocket.pcap",
];

/** Every record of a capture; only the numbers of packets and the values of seals may differ. */
async function told(source: string | Uint8Array): Promise<unknown[]> {
  const records: unknown[] = [];
  const conversations = new Map<number, number>();
  for await (const transaction of dissect(source)) {
    const record = transaction.toRecord({ maxBytes: 1 << 20, showSecrets: false });
    const { conversation } = record;
    if (!conversations.has(conversation)) {
      conversations.set(conversation, conversations.size);
    }
    const text = JSON.stringify({
      ...record,
      conversation: conversations.get(conversation),
    });
    records.push(JSON.parse(text, (key, value) => {
      if (
        ["packet", "checksum", "checksum_body", "request_checksum", "nonce", "mac"]
          .includes(key)
      ) return 0;
      return key === "message"
        ? String(value).replaceAll(/packet \d+/g, "packet")
        : value;
    }));
  }
  return records;
}

/** TCP segments whose checksum is wrong, of conversations of Iggy. */
async function wrongChecksums(source: string | Uint8Array): Promise<number> {
  let wrong = 0;
  const net = new NetDecoder((segment) => {
    const { bytes, end, packet, optionsStart } = segment;
    const isWhole = bytes === packet.bytes && segment.length === end - segment.start;
    if (![segment.sourcePort, segment.destinationPort].includes(8090) || !isWhole) return;
    const header = optionsStart! - 20;
    const version = bytes[header - 20]! >> 4;
    if (version !== 4) return;
    // The pseudo header: both addresses, the protocol and the length.
    let sum = 6 + end - header;
    for (let at = header - 8; at < end; at += 2) {
      sum += bytes[at]! * 256 + (at + 1 < end ? bytes[at + 1]! : 0);
    }
    if (sum % 0xffff !== 0) wrong++;
  }, () => {});
  const steps = captureSteps(
    [typeof source === "string" ? source : new Blob([new Uint8Array(source)]).stream()],
    (packet) => net.decode(packet),
    () => {},
  );
  for await (const _ of steps) {
    // Reading is all.
  }
  return wrong;
}

for (const name of WITH_SECRETS) {
  Deno.test(`packets of ${name} are given without secrets, the rest as it was`, async () => {
    const secrets = new Set(await secretsOf(name));
    await withServer({}, async ({ upload, ask }) => {
      const { id, packets, iggy_conversations } = await upload(name);
      const response = await ask(`/api/captures/${id}/pcap`);
      const body = new Uint8Array(await response.arrayBuffer());
      const again = await ask("/api/captures", { method: "POST", body });
      const found = await again.json();
      assertEquals([again.status, found.cut], [201, false]);
      assert(found.packets <= packets);
      assertEquals(found.iggy_conversations, iggy_conversations);
      assertEquals(await told(body), await told(await Deno.readFile(fixture(name))));
      assertEquals(await wrongChecksums(body), await wrongChecksums(fixture(name)));
      for await (const transaction of dissect(body)) {
        const record = transaction.toRecord({ maxBytes: 1 << 20, showSecrets: true });
        const masked = transaction.toRecord({ maxBytes: 1 << 20, showSecrets: false });
        const shown = new Set<string>();
        collect(record.request?.fields, masked.request?.fields, shown);
        collect(record.response?.fields, masked.response?.fields, shown);
        for (const text of shown) assert(!secrets.has(text), `${text} is shown`);
      }
    });
  });
}
