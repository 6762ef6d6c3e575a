/**
 * What is sound stays sound in Wireshark: no PDU of a healthy capture is marked malformed, and
 * one that is malformed here is marked there.
 *
 * @module
 */
import { dissectFixture } from "../support/dissect.ts";
import { LuaPeer } from "../support/lua_peer.ts";
import { requestSummary } from "../../core/export/summary.ts";
import { assert, assertEquals } from "../support/assert.ts";
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

const NEGATIVE = [
  "classic-060-badframes.pcap",
  "proto-0110-frames-negative.pcap",
  "proto-0111e8-frames-negative.pcap",
];

Deno.test("malformed fields are named in Wireshark as here", async () => {
  const tsharks = await requireTsharks();
  if (tsharks === null) return;
  using peer = new LuaPeer();
  const shown = ["frame.number", "_ws.expert.message"].flatMap((name) => ["-e", name]);
  const args = ["-2", "-T", "fields", ...shown, "-E", "aggregator=|"];
  for (const name of NEGATIVE) {
    const ours = (await dissectFixture(name)).flatMap(({ issues }) => issues)
      .filter(({ group, message }) =>
        group === "malformed" && /^[a-z_.0-9]+: /.test(message)
      )
      // Wireshark does not number the items of a list.
      .map(({ packet, message }) =>
        [packet, message.replace(/\.\d+(?=[.:])/, "")] as const
      );
    assert(ours.length > 5, name);
    for (const tshark of tsharks) {
      const lines = (await peer.run(tshark, FIXTURES + name, args)).split("\n")
        .map((line) => line.split("\t"));
      const theirs = new Map(lines.map(([packet, said]) => [Number(packet), said]));
      for (const [packet, message] of ours) {
        assert(
          theirs.get(packet!)?.split("|").includes(message),
          `${packet}: ${message}`,
        );
      }
    }
  }
});

Deno.test("a line names fields inside a part by their own names, here and in Wireshark", async () => {
  const tsharks = await requireTsharks();
  if (tsharks === null) return;
  using peer = new LuaPeer();
  const filter = "iggy.poll_messages_deferred";
  const args = ["-Y", `${filter}.request`, "-T", "fields", "-e", "_ws.col.Info"];
  const name = "proto-0111e8-client.pcap";
  for (const tshark of tsharks) {
    const [line] = (await peer.run(tshark, FIXTURES + name, args)).split("\n");
    assertEquals(line, "→ poll_messages_deferred stream=2462 topic=2613 count=100");
  }
  const [polled] = (await dissectFixture(name)).filter((one) =>
    one.name === "poll_messages_deferred"
  );
  const options = { showSecrets: false, maxBytes: 64 };
  const text = requestSummary(polled!, options).map(({ text }) => text).join("");
  assertEquals(
    text.startsWith("poll_messages_deferred stream=2462 topic=2613 count=100"),
    true,
  );
});
