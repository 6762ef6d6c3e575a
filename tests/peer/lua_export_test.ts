/**
 * The exported dissector as a program: syntax, filters, preferences, commands of others.
 *
 * @module
 */
import { readCaptures } from "../../core/capture/open.ts";
import { PcapWriter } from "../../core/capture/writer.ts";
import {
  command,
  encode,
  firstOf,
  type Kind,
  name8,
  u32,
  u64,
} from "../../core/schema/mod.ts";
import { exportLua, LuaExportError } from "../../core/export/lua/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { dissectFixture } from "../support/dissect.ts";
import { type FilterRecord, filterTable } from "../support/filter_table.ts";
import { LuaPeer } from "../support/lua_peer.ts";
import { requirePeer, run } from "../support/peer.ts";
import { requireTshark, requireTsharks } from "../support/tshark.ts";

const CAPTURE = new URL("../../fixtures/captures/classic-080-all.pcap", import.meta.url)
  .pathname;
const NO_SECRETS = { maxBytes: Infinity, showSecrets: false };

Deno.test("the export is Lua of every version that Wireshark has", async () => {
  using peer = new LuaPeer();
  const stdin = new TextEncoder().encode(peer.lua);
  for (const luac of ["luac5.2", "luac5.3", "luac5.4"]) {
    if (!requirePeer(luac)) continue;
    const { code, stderr } = await run(luac, ["-p", "-"], { stdin });
    assertEquals({ luac, code, stderr }, { luac, code: 0, stderr: "" });
  }
});

Deno.test("a kind without a Lua face is refused by the path of its field", () => {
  const face: Kind<number> = { ...u32(), wire: "a u32 of my own", lua: undefined };
  const odd = command({
    name: "odd",
    doc: "Has a kind of its own.",
    code: 9001,
    request: {},
    response: { first: u32(), size: face },
  });
  assertThrows(
    () => exportLua(iggyRegistry([odd])),
    LuaExportError,
    "iggy.odd.response.size cannot be exported: its kind (a u32 of my own) has no Lua face",
  );
});

/** Filters that ask for what is in two packets of a transaction at once. */
const frames = ({ request, response }: FilterRecord): number[] =>
  [request?.packet, response?.packet].filter((packet) => packet !== undefined);

Deno.test("display filters select the same transactions", async () => {
  const tshark = await requireTshark();
  if (tshark === null) return;
  using peer = new LuaPeer();
  const records = (await dissectFixture("classic-080-all.pcap"))
    .map((transaction) => transaction.toRecord(NO_SECRETS) as unknown as FilterRecord);
  const rows = filterTable.filter(({ wireshark }) => wireshark !== false);
  const wrong = await inParallel(rows, async ({ filter, passes }) => {
    const args = ["-Y", filter, "-T", "fields", "-e", "frame.number"];
    const found = new Set(
      (await peer.run(tshark, CAPTURE, args)).split("\n").map(Number),
    );
    const theirs = records.filter((record) => frames(record).some((n) => found.has(n)));
    const ours = records.filter(passes);
    const numbers = (list: FilterRecord[]) => list.map(({ transaction }) => transaction);
    return String(numbers(theirs)) === String(numbers(ours))
      ? []
      : [`${filter}: ${numbers(theirs)}, not ${numbers(ours)}`];
  });
  assertEquals(wrong.flat(), []);
});

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>) {
  const results: R[] = [];
  const left = items.entries();
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (const [index, item] of left) results[index] = await work(item);
  }));
  return results;
}

Deno.test("the protocol's name alone filters packets, prints and writes them", async () => {
  const tsharks = await requireTsharks();
  if (tsharks === null) return;
  using peer = new LuaPeer();
  const capture = CAPTURE.replace("classic-080-all", "vsr-090e5-go");
  for (const tshark of tsharks) {
    const named = ["-Y", "iggy", "-T", "fields", "-e", "frame.number"];
    const numbers = (await peer.run(tshark, capture, named)).trim().split("\n");
    const every = ["-Y", "iggy.framing", "-T", "fields", "-e", "frame.number"];
    assertEquals(numbers, (await peer.run(tshark, capture, every)).trim().split("\n"));
    assert(numbers.length > 100, tshark.version);
    const lines = (await peer.run(tshark, capture, ["-Y", "iggy"])).trim().split("\n");
    assertEquals(lines.length, numbers.length, tshark.version);
    const layers = ["-Y", "iggy", "-T", "fields", "-e", "frame.protocols"];
    const protocols = new Set(
      (await peer.run(tshark, capture, layers)).trim().split("\n"),
    );
    assertEquals([...protocols], ["eth:ethertype:ip:tcp:iggy"], tshark.version);
    const written = await peer.bytes(tshark, capture, ["-Y", "iggy", "-w", "-"]);
    assertEquals(await packetCount(written), numbers.length, tshark.version);
  }
});

async function packetCount(capture: Uint8Array<ArrayBuffer>): Promise<number> {
  const path = await Deno.makeTempFile({ suffix: ".pcapng" });
  let count = 0;
  try {
    await Deno.writeFile(path, capture);
    await readCaptures([path], () => count++, () => {});
  } finally {
    await Deno.remove(path);
  }
  return count;
}

Deno.test("secrets are shown by the preference alone", async () => {
  const tshark = await requireTshark();
  if (tshark === null) return;
  using peer = new LuaPeer();
  const password = "iggy.login_user.request.password";
  const args = ["-T", "fields", "-e", password];
  const values = async (more: string[]) =>
    new Set((await peer.run(tshark, CAPTURE, [...args, ...more])).split(/\s*\n/));
  const hidden = await values([]);
  for (const value of hidden) {
    assert(value === "" || /^\[redacted \d+ bytes\]$/.test(value));
  }
  const shown = await values(["-o", "iggy.show_secrets:TRUE"]);
  assert(shown.has("iggy") && ![...shown].some((value) => value.includes("redacted")));
});

Deno.test("a connection on any other port is known by its first request", async () => {
  const tsharks = await requireTsharks();
  if (tsharks === null) return;
  using peer = new LuaPeer();
  const args = ["-T", "fields", "-e", "iggy.command", "-Y", "iggy.command"];
  for (const tshark of tsharks) {
    const known = await peer.run(tshark, CAPTURE, args);
    const guessed = await peer.run(tshark, CAPTURE, [...args, "-o", "iggy.ports:9"]);
    assertEquals(guessed, known, tshark.version);
  }
});

Deno.test("a limit on list items is told in the tree", async () => {
  const tshark = await requireTshark();
  if (tshark === null) return;
  using peer = new LuaPeer();
  const text = await peer.run(tshark, CAPTURE, ["-V", "-o", "iggy.max_items:2"]);
  assert(/^ +\d+ more, not shown: see the protocol's preferences$/m.test(text));
});

Deno.test("a command of someone else is in Wireshark for nothing", async () => {
  const tsharks = await requireTsharks();
  if (tsharks === null) return;
  const greet = command({
    name: "greet",
    doc: "Greets the server.",
    code: 9002,
    request: { name: name8("Who greets."), times: u32("How often.") },
    response: { answer: u64("What comes back.") },
    info: ["name"],
  });
  const release = firstOf("0.8");
  const request = frame(9002, encode(greet.request, { name: "you", times: 3 }, release));
  const response = new Uint8Array(16);
  new DataView(response.buffer).setUint32(4, 8, true);
  response[8] = 77;
  using peer = new LuaPeer(iggyRegistry([greet]));
  const capture = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    await Deno.writeFile(capture, tcpCapture([[false, request], [true, response]]));
    for (const tshark of tsharks) {
      const found = await peer.pdus(tshark, capture);
      assertEquals([...found.values()].flat().map((lines) => lines.join(" | ")), [
        "packet 1 request | iggy.command=greet | iggy.code=9002 | iggy.length=16 | " +
        "iggy.framing=classic | iggy.greet.request.name 8+4=you | " +
        "iggy.greet.request.times 12+4=3",
        "packet 2 response | iggy.command=greet | iggy.code=9002 | iggy.status=0 | " +
        "iggy.status_name=ok | iggy.length=16 | iggy.framing=classic | iggy.outcome=ok | iggy.request_in=1 | " +
        "iggy.response_time=1.000000 | iggy.greet.response.answer 8+8=77",
      ]);
    }
  } finally {
    await Deno.remove(capture);
  }
});

function frame(code: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 4 + payload.length, true);
  view.setUint32(4, code, true);
  bytes.set(payload, 8);
  return bytes;
}

/** A capture of a conversation with port 8090 under way, one packet for each thing said. */
function tcpCapture(said: readonly (readonly [boolean, Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter((part) => parts.push(part), { linktype: 101 });
  const next = { client: 1000, server: 5000 };
  said.forEach(([fromServer, payload], i) => {
    const packet = new Uint8Array(40 + payload.length);
    const view = new DataView(packet.buffer);
    const [from, to] = fromServer
      ? ["server", "client"] as const
      : ["client", "server"] as const;
    const [fromEnd, toEnd] = fromServer ? [2, 1] : [1, 2];
    packet.set([0x45, 0], 0);
    view.setUint16(2, packet.length);
    packet.set([64, 6], 8);
    packet.set([10, 0, 0, fromEnd, 10, 0, 0, toEnd], 12);
    view.setUint16(20, fromServer ? 8090 : 40000);
    view.setUint16(22, fromServer ? 40000 : 8090);
    view.setUint32(24, next[from]);
    view.setUint32(28, next[to]);
    packet.set([0x50, 0x18, 0xff, 0xff], 32);
    packet.set(payload, 40);
    next[from] += payload.length;
    writer.write(1000 + i, 0, packet);
  });
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
}
