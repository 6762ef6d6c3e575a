import { exportLua } from "../../core/export/lua/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { assertEquals } from "../support/assert.ts";
import { dissectFixture } from "../support/dissect.ts";
import { keysOf } from "../support/keys.ts";
import { requirePeer, run } from "../support/peer.ts";

const CAPTURES = new URL("../../fixtures/captures/", import.meta.url).pathname;

Deno.test("the exported Lua works over Wireshark's own TLS with the same key log", async () => {
  if (!requirePeer("tshark")) return;
  const script = await Deno.makeTempFile({ suffix: ".lua" });
  try {
    await Deno.writeTextFile(script, exportLua(iggyRegistry()));
    for (
      const name of ["classic-080-tls", "classic-080-tls12-node", "vsr-090e5-tls13-node"]
    ) {
      const { stdout } = await run("tshark", [
        ...["-X", `lua_script:${script}`, "-r", `${CAPTURES}${name}.pcap`],
        ...["-o", `tls.keylog_file:${CAPTURES}${name}.keys`],
        ...["-Y", "iggy.response_time", "-T", "fields", "-e", "iggy.command"],
      ]);
      const shown = new TextDecoder().decode(stdout).trim().split(/[,\n]/).sort();
      const ours = await dissectFixture(`${name}.pcap`, { keys: keysOf(`${name}.pcap`) });
      assertEquals(shown, ours.map((found) => String(found.name)).sort(), name);
    }
  } finally {
    await Deno.remove(script);
  }
});
