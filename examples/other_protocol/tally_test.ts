import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  createRegistry,
  type Transaction,
  type TransactionRecord,
  transactionsOf,
} from "../../core/dissect/mod.ts";
import { firstOf } from "../../core/schema/mod.ts";
import { iggyCommands } from "../../plugins/iggy.ts";
import { cli } from "../../tests/cli/support.ts";
import { add, get, list } from "./commands.ts";
import { tally } from "./framing.ts";
import { tallyCapture } from "./make_capture.ts";
import { tallyRegistry } from "./mod.ts";

const CAPTURE = new URL("tally.pcap", import.meta.url);
const PLUGIN = new URL("mod.ts", import.meta.url).pathname;

async function sessionOf(registry = tallyRegistry): Promise<Transaction[]> {
  return await Array.fromAsync(transactionsOf(CAPTURE, registry));
}

function outline(
  { framing, release, command, request, response, issues }: TransactionRecord,
) {
  return [
    `${framing} ${release} ${command}`,
    request?.fields,
    response?.status_name,
    response?.fields,
    issues,
  ];
}

Deno.test("tally.pcap is what make_capture.ts makes", async () => {
  assertEquals(await Deno.readFile(CAPTURE), tallyCapture());
});

Deno.test("a protocol that is not Iggy's is decoded by a registry of its own", async () => {
  const records = (await sessionOf())
    .map((each) => each.toRecord({ maxBytes: 64, showSecrets: false }));
  assertEquals(records.map(outline), [
    [
      "tally 1.1+ tally_add",
      { key: "visits", amount: 3, expires: "60000000" },
      "ok",
      { total: "3" },
      [],
    ],
    ["tally 1.1+ tally_get", { key: "nobody" }, "no_such_tally", null, []],
    ["tally 1.1+ tally_list", { prefix: "v", limit: 10 }, "ok", {
      tallies: [{ key: "visits", total: "3" }],
    }, []],
    ["tally 1.1+ tally_get", { key: "visits" }, "ok", {
      total: "3",
      changed_at: "1777896000000000",
    }, []],
  ]);
});

Deno.test("its codes may be Iggy's where Iggy is not in the registry", async () => {
  const ping = { ...add, name: "ping", code: 1 };
  const registry = createRegistry({ commands: [ping], framings: [tally] });
  assertEquals(registry.commands.all.length, 1);
  const unknown = (await sessionOf(registry)).map(({ name, code }) => `${name} ${code}`);
  assertEquals(unknown, ["null 7001", "null 7002", "null 7003", "null 7002"]);
});

Deno.test("the program shows it beside Iggy's own, with --plugin", async () => {
  const { code, stdout, stderr } = await cli([
    "--plugin",
    PLUGIN,
    "-Y",
    "iggy.tally_add.request.amount > 2 || iggy.status == 1",
    "--width",
    "100",
    CAPTURE.pathname,
  ]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assertStringIncludes(stdout, "tally_add key=visits amount=3");
  assertStringIncludes(stdout, "no_such_tally (1)");
  assertEquals(stdout.trimEnd().split("\n").length, 2);
  const without = await cli([CAPTURE.pathname]);
  assertStringIncludes(without.stderr, "no Iggy in 1 TCP conversation");
});

Deno.test("it uses no code of Iggy's, so that both share a registry", () => {
  const codes = new Set(iggyCommands.map(({ code }) => code));
  assertEquals([add, get, list].filter(({ code }) => codes.has(code)), []);
  assertEquals(tallyRegistry.generations(tally), [firstOf("1.0"), firstOf("1.1")]);
});
