/**
 * QUIC as aioquic speaks it: fields are those of the clear capture whose PDUs it carries.
 *
 * @module
 */
import type { SecurityRecord } from "../../core/framing/tls/facts.ts";
import type { Packet } from "../../core/capture/packet.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { PcapWriter } from "../../core/capture/writer.ts";
import { compileFilter } from "../../core/filter/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { issuesOf } from "../support/dialogue.ts";
import { dissectFixture } from "../support/dissect.ts";
import { keyLog } from "../support/keys.ts";
import { concat, dissectPackets } from "../support/packets.ts";
import {
  type Certificate,
  makeCertificate,
  type QuicOptions,
  type QuicTalk,
  requireAioquic,
  saidOf,
  talkQuic,
} from "../support/quic_peer.ts";
import { requireTshark, type Tshark } from "../support/tshark.ts";

/** What is said: whole exchanges of a clear capture that are not too long for a test. */
async function clear(capture: string, limit = 20_000): Promise<Transaction[]> {
  const all = await dissectFixture(capture);
  return all.filter(({ request, response }) =>
    request?.whole && response?.whole && !response.evicted &&
    request.length + response.length < limit
  );
}

async function withCertificate(
  work: (files: Certificate) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(await makeCertificate(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Ways to talk, and what is agreed on then. */
const WAYS: readonly (readonly [string, QuicOptions, Partial<SecurityRecord>])[] = [
  ["AES-128-GCM", { suite: "AES_128_GCM_SHA256" }, { suite: "TLS_AES_128_GCM_SHA256" }],
  ["AES-256-GCM", { suite: "AES_256_GCM_SHA384" }, { suite: "TLS_AES_256_GCM_SHA384" }],
  ["ChaCha20-Poly1305", { suite: "CHACHA20_POLY1305_SHA256" }, {
    suite: "TLS_CHACHA20_POLY1305_SHA256",
  }],
  ["version 2", { version: 0x6b3343cf }, { version: "v2" }],
  ["version 2, to which a server moved", { versions: [0x6b3343cf, 1] }, {
    version: "v2",
  }],
  ["key updates of both sides", { updateEvery: 7 }, {}],
  ["a Retry", { retry: true }, {}],
  ["a client that moves", { moveAfter: 20 }, {}],
  ["many streams at once", { window: 40 }, {}],
  ["loss and delay", { loss: 0.05, late: 0.1, window: 8, seed: 7 }, {}],
  [
    "loss, delay and key updates",
    { loss: 0.03, late: 0.1, updateEvery: 9, window: 4 },
    {},
  ],
  ["a handshake with losses", { loss: 0.25, seed: 3 }, {}],
  ["the fixed bit cleared", { grease: true, window: 3 }, {}],
  ["no connection ids of the client", { clientId: 0 }, {}],
  ["connection ids of 20 bytes", { clientId: 20, serverId: 20 }, {}],
  ["flow control that is always full", { maxData: 6000, maxStreamData: 3000 }, {}],
  ["a session resumed", { resume: true }, { resumed: true }],
  ["early data", { resume: true, early: 5 }, { resumed: true, early_data: "accepted" }],
  ["early data refused", { resume: true, early: 5, forget: true }, {
    resumed: false,
    early_data: "rejected",
  }],
  [
    "early data under losses",
    { resume: true, early: 5, loss: 0.1, late: 0.2, seed: 4 },
    {},
  ],
  ["early data before and after a Retry", {
    ...{ resume: true, early: 5, retry: true, hello: "same" },
  }, { resumed: true, early_data: "accepted" }],
  ["early data and another hello after a Retry", {
    ...{ resume: true, early: 5, retry: true, hello: "new" },
  }, { resumed: true, early_data: "accepted" }],
  ["early data around a Retry, under losses", {
    ...{
      resume: true,
      early: 8,
      retry: true,
      hello: "same",
      loss: 0.15,
      late: 0.3,
      seed: 6,
    },
  }, {}],
  ["a second connection from the same port", { resume: true, samePort: true }, {
    resumed: true,
  }],
  ["a second one without ids of the client", {
    ...{ resume: true, samePort: true, clientId: 0 },
  }, { resumed: true }],
];

/** Each capture is said in every other way. */
const CAPTURES = ["classic-080-all.pcap", "vsr-090e5-all.pcap"];

Deno.test("what aioquic carries has the fields that it has in clear", async (t) => {
  if (!await requireAioquic()) return;
  const clears = await Promise.all(CAPTURES.map((capture) => clear(capture)));
  await withCertificate(async (files) => {
    for (const [i, [name, options, agreed]] of WAYS.entries()) {
      await t.step(name, async () => {
        const said = clears[i % clears.length]!;
        const { packets, keys } = await talkQuic(files, said, options);
        const all = dissectPackets(packets, { keys: keyLog(keys) });
        const { client, security } = all.at(-1)!.conversation;
        // A session that is resumed was begun by a connection of one exchange.
        const found = options.resume
          ? all.filter(({ conversation }) => conversation.client === client)
          : all;
        const expected = options.samePort ? [said[0]!, ...said] : said;
        assertEquals(found.map(saidOf).sort(), expected.map(saidOf).sort());
        assertEquals(issuesOf(found), issuesOf(expected));
        for (const [key, value] of Object.entries(agreed)) {
          assertEquals(security?.[key as keyof SecurityRecord], value, key);
        }
        assertEquals(
          security?.certificate ?? null,
          security?.resumed ? null : "CN=test.example",
        );
        const updates = security?.key_updates ?? 0;
        assert(updates > 1 === (options.updateEvery !== undefined), `${updates} updates`);
      });
    }
  });
});

/** Talks at once between the same two ports, their packets in turn. */
function mixedOf(talks: readonly QuicTalk[]): Packet[] {
  const mixed: Packet[] = [];
  for (let i = 0; talks.some(({ packets }) => i < packets.length); i++) {
    for (const { packets } of talks) if (i < packets.length) mixed.push(packets[i]!);
  }
  return mixed.map((packet, i) => ({ ...packet, number: i + 1 }));
}

Deno.test("connections of aioquic at once from one port to another are told apart", async () => {
  if (!await requireAioquic()) return;
  const tshark = await requireTshark();
  const said = await Promise.all(
    [...CAPTURES, ...CAPTURES].map((one) => clear(one, 4000)),
  );
  await withCertificate(async (files) => {
    const talks = [
      await talkQuic(files, said[0]!, { window: 3 }),
      await talkQuic(files, said[1]!, { clientId: 12, serverId: 16, updateEvery: 9 }),
      await talkQuic(files, said[2]!, { seed: 2, loss: 0.05, late: 0.1 }),
      await talkQuic(files, said[3]!, { clientId: 20, window: 5 }),
    ];
    const packets = mixedOf(talks);
    const keys = talks.map(({ keys }) => keys).join("");
    const found = dissectPackets(packets, { keys: keyLog(keys) });
    // Each pair is one of its own connection, whose number filters know.
    for (const [connection, expected] of said.entries()) {
      for (const field of ["quic.connection", "quic.connection.number"]) {
        const passes = compileFilter(`${field} == ${connection}`, iggyRegistry());
        const own = found.filter(passes);
        assertEquals(own.map(saidOf).sort(), expected.map(saidOf).sort());
        assertEquals(issuesOf(own), issuesOf(expected));
        assertEquals(new Set(own.map(({ stream }) => stream)).size, expected.length);
        assertEquals(
          own.at(-1)!.conversation.framing,
          expected[0]!.conversation.framing,
        );
      }
    }
    assertEquals(found[0]!.conversation.number, 0);
    if (tshark !== null) await sameNumbers(tshark, packets, keys, found);
  });
});

/** Checks that tshark numbers the connections of what was found alike. */
async function sameNumbers(
  tshark: Tshark,
  packets: readonly Packet[],
  keys: string,
  found: readonly Transaction[],
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const [capture, log] = [`${folder}/mixed.pcap`, `${folder}/keys`];
    const parts: Uint8Array[] = [];
    const writer = new PcapWriter((bytes) => parts.push(bytes));
    for (const { seconds, nanos, bytes } of packets) writer.write(seconds, nanos, bytes);
    await Deno.writeFile(capture, concat(...parts));
    await Deno.writeTextFile(log, keys);
    const fields = ["frame.number", "quic.connection.number"];
    const { code, stdout, stderr } = await tshark.run({
      capture,
      keys: log,
      args: ["-T", "fields", ...fields.flatMap((field) => ["-e", field])],
    });
    assertEquals(code, 0, stderr);
    const numbers = new Map(
      new TextDecoder().decode(stdout).trim().split("\n").map((line) => {
        const [frame, number = ""] = line.split("\t");
        return [Number(frame), number.split(",")[0]];
      }),
    );
    for (const { request, connection } of found) {
      assertEquals(numbers.get(request!.stamp.packet), `${connection}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a lost datagram of aioquic costs at most what it carried", async () => {
  if (!await requireAioquic()) return;
  const said = (await clear("vsr-090e5-all.pcap", 4000)).slice(0, 16);
  await withCertificate(async (files) => {
    for (const options of [{}, { window: 5, updateEvery: 5 }]) {
      const talk = await talkQuic(files, said, options);
      const keys = keyLog(talk.keys);
      const whole = dissectPackets(talk.packets, { keys });
      const expected = new Set(whole.map(saidOf));
      assertEquals(whole.length, said.length);
      const first = whole[0]!.request!.stamp.packet;
      for (const lost of talk.packets.slice(first - 1)) {
        const rest = talk.packets.filter((packet) => packet !== lost);
        const complete = dissectPackets(rest, { keys }).filter((
          { request, response },
        ) => request?.whole && response?.whole);
        for (const one of complete) assert(expected.has(saidOf(one)), `${lost.number}`);
        const carried = whole.filter(({ request, response }) =>
          [request!, response!].some(({ stamp }) =>
            (stamp.begun ?? stamp).packet <= lost.number && lost.number <= stamp.packet
          )
        );
        const cost = whole.length - complete.length;
        assert(cost <= carried.length, `${lost.number}: ${cost} of ${carried.length}`);
      }
    }
  });
});

Deno.test("packets of aioquic without ids that offload joined are parted", async () => {
  if (!await requireAioquic()) return;
  const said = await clear("vsr-090e5-all.pcap");
  await withCertificate(async (files) => {
    const { packets, keys } = await talkQuic(files, said, { clientId: 0 });
    const joined: Packet[] = [];
    for (const packet of packets) {
      const before = joined.at(-1);
      const isLong = (packet.bytes[HEADERS]! & 0x80) !== 0;
      const isSame = before !== undefined && !isLong &&
        (before.bytes[HEADERS]! & 0x80) === 0 && before.end < 5000 &&
        (before.end - HEADERS) % 1200 === 0 &&
        isEqual(before.bytes.subarray(26, 38), packet.bytes.subarray(26, 38));
      if (!isSame) joined.push(packet);
      else {joined[joined.length - 1] = withPayload(
          before,
          packet.bytes.subarray(HEADERS),
        );}
    }
    assert(joined.length < packets.length, `${joined.length} of ${packets.length}`);
    const found = dissectPackets(joined, { keys: keyLog(keys) });
    assertEquals(found.map(saidOf).sort(), said.map(saidOf).sort());
  });
});

/** Ethernet, IPv4 without options, and UDP. */
const HEADERS = 42;

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.toHex() === b.toHex();
}

/** A packet with more behind its payload. */
function withPayload(packet: Packet, more: Uint8Array): Packet {
  const bytes = new Uint8Array(packet.bytes.length + more.length);
  bytes.set(packet.bytes);
  bytes.set(more, packet.bytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(16, bytes.length - 14);
  view.setUint16(38, bytes.length - 34);
  return { ...packet, bytes, end: bytes.length, originalLength: bytes.length };
}
