/**
 * A framing that is not Iggy's in Wireshark: what its face and its Lua say is enough.
 *
 * @module
 */
import { tally } from "../../examples/other_protocol/framing.ts";
import { tallyRegistry } from "../../examples/other_protocol/mod.ts";
import { createRegistry } from "../../core/dissect/mod.ts";
import { exportLua, LuaExportError } from "../../core/export/lua/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { LuaPeer } from "../support/lua_peer.ts";
import { requireTsharks } from "../support/tshark.ts";

const CAPTURE = new URL("../../examples/other_protocol/tally.pcap", import.meta.url)
  .pathname;
const RUNTIME = new URL("../../core/export/lua/runtime/", import.meta.url);
const FRAMINGS = new URL("../../plugins/framings/", import.meta.url);

Deno.test("Wireshark decodes a protocol that is not Iggy's", async () => {
  const tsharks = await requireTsharks();
  if (tsharks === null) return;
  using peer = new LuaPeer(tallyRegistry);
  const { root } = tallyRegistry;
  const names = [
    "command",
    "status_name",
    "request_in",
    "tally_add.request.amount",
    "tally_list.response.tallies.key",
    "tally_list.response.tallies.total",
  ];
  const fields = names.flatMap((name) => ["-e", `${root}.${name}`]);
  const inOrder = ["-o", "tcp.reassemble_out_of_order:TRUE"];
  const args = [...inOrder, "-Y", root, "-T", "fields", ...fields];
  for (const tshark of tsharks) {
    const lines = (await peer.run(tshark, CAPTURE, args)).trimEnd().split("\n");
    assertEquals(
      lines.map((line) =>
        line.split("\t").concat("", "", "").slice(0, 6).join(" | ").trimEnd()
      ),
      EXPECTED,
      tshark.version,
    );
  }
});

const EXPECTED: readonly string[] = [
  "tally_add |  |  | 3 |  |",
  "tally_add | ok | 8 |  |  |",
  "tally_list,tally_get |  |  |  |  |",
  "tally_get | no_such_tally | 18 |  |  |",
  "tally_list | ok | 18 |  | visits | 3",
  "tally_get |  |  |  |  |",
  "tally_get | ok | 31 |  |  |",
];

Deno.test("a framing without a Lua face cannot be exported", () => {
  const framings = [{ ...tally, lua: undefined }];
  assertThrows(
    () => exportLua(createRegistry({ commands: [], framings })),
    LuaExportError,
    "the framing tally has no Lua runtime",
  );
});

Deno.test("the Lua of core names no framing and no protocol", () => {
  const found = [...Deno.readDirSync(RUNTIME)].flatMap(({ name }) =>
    Deno.readTextFileSync(new URL(name, RUNTIME)).split("\n")
      .filter((line) => /iggy|\bvsr\b|\bclassic\b|8090/i.test(line))
      .map((line) => `${name}: ${line}`)
  );
  assertEquals(found, []);
});

Deno.test("the Lua of framings takes its numbers and texts from FACTS", () => {
  const lines = ["classic/classic.lua", "classic/server_view.lua", "vsr/vsr.lua"]
    .flatMap((name) => Deno.readTextFileSync(new URL(name, FRAMINGS)).split("\n"));
  assertEquals(lines.filter((line) => /^local [A-Z_, ]+ = .*\d/.test(line)), []);
  assertEquals(lines.filter((line) => /"[a-z][^"]* [a-z]+ [^"]*"/.test(line)), []);
  const lua = exportLua(iggyRegistry());
  assert(/^ {2}max_frame = \d+,$/m.test(lua));
});
