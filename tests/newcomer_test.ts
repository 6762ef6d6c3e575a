/**
 * What a newcomer does first, measured: a command of their own is one file, and nothing else
 * has to know of it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { compileFilter, encode, iggyRegistry, LATEST, statisticsRecord } from "../mod.ts";
import { type Command, Statistics } from "../mod.ts";
import { exportLua } from "../core/export/lua/mod.ts";
import { dialogue } from "./support/dialogue.ts";
import { reply, request } from "./support/vsr.ts";

const PLUGIN = `
import { command, name8, u32 } from "${new URL("../mod.ts", import.meta.url)}";

export default command({
  name: "greet",
  doc: "Greets the server.",
  code: 9000,
  operation: 200,
  request: { name: name8("Who greets.") },
  response: { greetings: u32("How many there were so far.") },
  info: ["name", "greetings"],
});
`;

Deno.test("a command with an operation of its own is one file, and pairs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/greet.ts`, PLUGIN);
    const { default: greet }: { default: Command } = await import(
      `file://${folder}/greet.ts`
    );
    const registry = iggyRegistry([greet]);
    const asked = encode(greet.request, { name: "ann" }, LATEST);
    const answered = encode(greet.response, { greetings: 3 }, LATEST);
    // A reply to a replicated request begins with its result: no error.
    const body = new Uint8Array([...new Uint8Array(4), ...answered]);
    const { transactions } = dialogue([
      ["client", request({ operation: 200 }, asked)],
      ["server", reply({ operation: 200 }, body)],
    ], { registry });
    const [found] = transactions;
    assertEquals([transactions.length, found!.name, found!.outcome], [1, "greet", "ok"]);
    const record = found!.toRecord({ maxBytes: 64, showSecrets: false });
    assertEquals(record.request!.fields, { name: "ann" });
    assertEquals(record.response!.fields, { greetings: 3 });
    const passes = compileFilter("iggy.greet.response.greetings == 3", registry);
    assertEquals(passes(found!), true);
    const statistics = new Statistics();
    statistics.add(found!);
    const { groups } = statisticsRecord(statistics) as { groups: { key: string }[] };
    assertEquals(groups.map(({ key }) => key), ["greet"]);
    assertEquals(exportLua(registry).includes("iggy.greet.request.name"), true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
