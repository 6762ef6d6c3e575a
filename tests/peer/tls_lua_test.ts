/**
 * The exported dissector over Wireshark's own TLS, and the plaintext of both programs.
 *
 * @module
 */
import { concat } from "../../core/bytes/copy.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { dissectFixture } from "../support/dissect.ts";
import { keysOf } from "../support/keys.ts";
import { LuaPeer } from "../support/lua_peer.ts";
import { requireTsharks } from "../support/tshark.ts";

const CAPTURES = new URL("../../fixtures/captures/", import.meta.url).pathname;
const SEALED = ["classic-080-tls", "classic-080-tls12-node", "vsr-090e5-tls13-node"];

for (const name of SEALED) {
  const [path, keys] = [`${CAPTURES}${name}.pcap`, `${CAPTURES}${name}.keys`];

  Deno.test(`every tshark decodes ${name} over its own TLS as we do`, async () => {
    const tsharks = await requireTsharks();
    if (tsharks === null) return;
    using peer = new LuaPeer();
    const ours = await dissectFixture(`${name}.pcap`, {
      registry: peer.registry,
      keys: keysOf(`${name}.pcap`),
    });
    const port = ours[0]!.conversation.serverPort;
    for (const tshark of tsharks) {
      for (const args of [[], ["-d", `tls.port==${port},iggy`]]) {
        peer.compare(ours, await peer.pdus(tshark, path, args, keys));
      }
    }
  });

  Deno.test(`follow,tls,raw of every tshark has the bytes of ${name}`, async () => {
    const tsharks = await requireTsharks();
    if (tsharks === null) return;
    const ours = await dissectFixture(`${name}.pcap`, { keys: keysOf(`${name}.pcap`) });
    const streams = new Set(ours.map(({ conversation }) => conversation.number));
    for (const tshark of tsharks) {
      for (const stream of streams) {
        const args = ["-q", "-z", `follow,tls,raw,${stream}`];
        const { stdout } = await tshark.run({ capture: path, keys, args });
        const text = new TextDecoder().decode(stdout);
        const lines = text.split("\n").filter((line) => /^\t?[0-9a-f]+$/.test(line));
        assert(lines.length > 0, `tshark ${tshark.version} follows nothing`);
        const of = ours.filter(({ conversation }) => conversation.number === stream);
        // Who is decrypted first is its node 0, maybe a server that gives tickets.
        const isSwapped = !text.includes(`Node 0: ${of[0]!.conversation.client}`);
        const said = (isServer: boolean) =>
          lines.filter((line) => (line.startsWith("\t") !== isSwapped) === isServer)
            .map((line) => line.trim()).join("");
        assertEquals(said(false), bytesOf(of, "request"), `${tshark.version} ${stream}`);
        assertEquals(said(true), bytesOf(of, "response"), `${tshark.version} ${stream}`);
      }
    }
  });
}

/** All that one side said, in order, as hex. */
function bytesOf(said: readonly Transaction[], part: "request" | "response"): string {
  const pdus = said.map((transaction) => transaction[part]).filter((pdu) => pdu !== null);
  return concat(pdus.map(({ bytes }) => bytes)).toHex();
}
