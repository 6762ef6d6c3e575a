import { assertEquals } from "@std/assert";
import { command, firstOf, u64, zeros } from "../../../core/schema/mod.ts";
import { fieldTable } from "../../../core/filter/mod.ts";
import { exportLua } from "../../../core/export/lua/mod.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";
import { frameKind } from "../../../plugins/framings/vsr/frames.ts";
import { dialogue } from "../../support/dialogue.ts";
import { ask, reply } from "../../support/vsr.ts";

const greet = command({
  name: "greet",
  doc: "Greets.",
  operation: 250,
  code: 9250,
  request: {},
  response: {},
});
const greeting = frameKind({
  number: 99,
  name: "greeting",
  doc: "Greets a replica.",
  fields: () => ({ times: u64("How often."), _reserved: zeros(120) }),
});
const registry = iggyRegistry([greet], [], [greeting]);

Deno.test("a plugin's own operation pairs with its reply and has its name", () => {
  const asked = ask(0);
  asked[176] = 250;
  const answer = reply({});
  answer[208] = 250;
  const { transactions } = dialogue([["client", asked], ["server", answer]], {
    registry,
  });
  const [found] = transactions;
  assertEquals([found!.name, found!.response?.status], ["greet", 0]);
  assertEquals(found!.request!.header!.operation, "greet");
});

Deno.test("a plugin's kind of frame is read, filtered and exported", () => {
  const frame = ask(0);
  frame.fill(0, 128);
  frame[32] = 1;
  frame[60] = 99;
  frame[128] = 3;
  const { transactions } = dialogue([["client", frame]], { registry, serverPort: 9090 });
  assertEquals(transactions.map(({ name }) => name), ["vsr.greeting"]);
  assertEquals(transactions[0]!.request!.header!.times, 3n);
  assertEquals(fieldTable(registry).get("iggy.vsr.times")?.type, "uint64");
  assertEquals(exportLua(registry).includes("iggy.vsr.times"), true);
  assertEquals(firstOf("0.9.0") > firstOf("0.9-edge.9"), true);
});
