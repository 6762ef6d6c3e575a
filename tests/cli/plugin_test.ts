import { assertEquals, assertStringIncludes } from "@std/assert";
import { number } from "../support/packets.ts";
import {
  cli,
  conversation,
  request,
  response,
  ROOT,
  text8,
  withFolder,
} from "./support.ts";
import { concat } from "../support/packets.ts";
import { requireTshark } from "../support/tshark.ts";
import { ask, reply, request as vsrRequest } from "../support/vsr.ts";

const PLUGIN = `
import { command, name8, u32 } from "file://${ROOT}core/schema/mod.ts";
export default command({
  name: "greet",
  doc: "Greets the server.",
  code: 9999,
  request: { name: name8("Who greets."), times: u32("How often.") },
  response: { greetings: u32("How many greetings there were so far.") },
  info: ["name", "times", "greetings"],
});
`;

const CAPTURE = conversation([
  ["client", request(1)],
  ["server", response(0)],
  ["client", request(9999, concat(text8("ann"), number(3, 4, true)))],
  ["server", response(0, number(12, 4, true))],
], 5100);

Deno.test("a plugin from another folder decodes a new code, on a port of its own", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/greet.ts`, PLUGIN);
    await Deno.writeFile(`${folder}/capture.pcap`, CAPTURE);
    const args = ["-d", "tcp.port==5100,iggy", "capture.pcap"];
    const without = await cli([...args, "--width", "80"], { cwd: folder });
    assertStringIncludes(without.stdout, "unknown code 9999");
    const { code, stdout, stderr } = await cli(
      [...args, "-T", "ndjson", "--plugin", "greet.ts"],
      { cwd: folder },
    );
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const record = JSON.parse(stdout.trimEnd().split("\n")[1]!);
    assertEquals(record.command, "greet");
    assertEquals(record.request.fields, { name: "ann", times: 3 });
    assertEquals(record.response.fields, { greetings: 12 });
    const text = await cli([...args, "--plugin", "./greet.ts"], { cwd: folder });
    assertStringIncludes(text.stdout, "greet name=ann times=3");
    assertStringIncludes(text.stdout, "→ ok greetings=12");
    const listed = await cli(["commands", "--plugin", `${folder}/greet.ts`]);
    assertStringIncludes(listed.stdout, "Greets the server.");
  });
});

const FRAMES = `
import { command, u64, zeros } from "file://${ROOT}core/schema/mod.ts";
import { frameKind } from "file://${ROOT}plugins/iggy.ts";
export default [
  command({
    name: "greet",
    doc: "Greets.",
    operation: 250,
    request: { times: u64("How often.") },
    response: {},
  }),
  frameKind({
    number: 99,
    name: "greeting",
    doc: "Greets a replica.",
    fields: () => ({ times: u64("How often."), _reserved: zeros(120) }),
  }),
];
`;

/** A frame between replicas with a command byte that nobody else has. */
function greeting(times: number): Uint8Array {
  const frame = ask(0);
  frame.fill(0, 128);
  frame[32] = 1;
  frame[60] = 99;
  frame[128] = times;
  return frame;
}

Deno.test("a plugin's frames and operations are read, filtered, listed and exported", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/frames.ts`, FRAMES);
    const body = concat(number(7, 4, true), number(0, 4, true));
    const asked = vsrRequest({ operation: 250 }, body);
    const captures = {
      replica: conversation([["client", greeting(3)], ["client", greeting(4)]], 9090),
      client: conversation([["client", asked], ["server", reply({ operation: 250 })]]),
    };
    for (const [name, bytes] of Object.entries(captures)) {
      await Deno.writeFile(`${folder}/${name}.pcap`, bytes);
    }
    const run = (...args: string[]) =>
      cli([...args, "--plugin", "frames.ts"], { cwd: folder });
    const plain = await cli(["replica.pcap"], { cwd: folder });
    assertStringIncludes(plain.stdout, "vsr.unknown");
    const filtered = await run(
      "replica.pcap",
      "-T",
      "ndjson",
      "-Y",
      "iggy.vsr.times == 4",
    );
    assertEquals({ ...filtered, stdout: "" }, { code: 0, stdout: "", stderr: "" });
    const [record, ...rest] = filtered.stdout.trimEnd().split("\n");
    assertEquals(rest, []);
    const { command, request: greeted } = JSON.parse(record!);
    assertEquals([command, greeted.vsr.times], ["vsr.greeting", "4"]);
    const called = await run("client.pcap", "-T", "ndjson");
    const call = JSON.parse(called.stdout.trimEnd());
    assertEquals(
      [call.command, call.request.fields, call.response.status, call.issues],
      ["greet", { times: "7" }, 0, []],
    );
    assertStringIncludes((await run("fields")).stdout, "iggy.vsr.times");
    const lua = await run("export", "lua");
    assertStringIncludes(lua.stdout, '"iggy.vsr.times", "uint64"');
    assertStringIncludes(lua.stdout, '[99] = "greeting"');
    const tshark = await requireTshark();
    if (tshark === null) return;
    await Deno.writeTextFile(`${folder}/iggy.lua`, lua.stdout);
    const { stdout } = await tshark.run({
      capture: `${folder}/replica.pcap`,
      lua: `${folder}/iggy.lua`,
      args: ["-T", "fields", "-e", "iggy.command", "-e", "iggy.vsr.times", "-Y", "iggy"],
    });
    assertEquals(
      new TextDecoder().decode(stdout),
      "vsr.greeting\t3\nvsr.greeting\t4\n",
    );
  });
});

Deno.test("a plugin that is none, or takes a code that is known, is one line", async () => {
  await withFolder(async (folder) => {
    const write = (name: string, text: string) =>
      Deno.writeTextFile(`${folder}/${name}.ts`, text);
    await write("empty", "export default 7;");
    await write("throws", `throw new Error("not today");`);
    await write("twice", PLUGIN.replace("9999", "202"));
    const says = async (name: string) => {
      const { code, stderr } = await cli([
        "commands",
        "--plugin",
        `${folder}/${name}.ts`,
      ]);
      assertEquals(code, 2);
      assertEquals(stderr.split("\n").length, 2, stderr);
      return stderr;
    };
    assertStringIncludes(await says("empty"), "its default export is no command()");
    assertStringIncludes(await says("throws"), "not today");
    assertStringIncludes(await says("twice"), "code 202: create_stream and greet");
  });
});

Deno.test("plugins that take the same operation, frame or framing are one line", async () => {
  await withFolder(async (folder) => {
    const write = (name: string, imports: string, value: string) =>
      Deno.writeTextFile(
        `${folder}/${name}.ts`,
        `${imports}\nexport default ${value};\n`,
      );
    const command = `import { command } from "file://${ROOT}core/schema/mod.ts";`;
    const greet = (name: string, code: number) =>
      `command({ name: "${name}", doc: "Greets.", operation: 250, code: ${code}, ` +
      "request: {}, response: {} })";
    await write("one", command, greet("one", 9001));
    await write("two", command, greet("two", 9002));
    const frame = `import { frameKind } from "file://${ROOT}plugins/iggy.ts";`;
    const kind = (name: string, number: number) =>
      `frameKind({ name: "${name}", doc: "A frame.", number: ${number}, ` +
      "fields: () => ({}) })";
    await write("here", frame, kind("here", 99));
    await write("there", frame, kind("there", 99));
    await write("prepare", frame, kind("prepare", 98));
    await write("far", frame, kind("far", 300));
    await write("apart", frame, kind("a part", 97));
    const framing =
      `import { classic } from "file://${ROOT}plugins/framings/classic/mod.ts";`;
    const odd = (more: string) => `{ framings: [{ ...classic, ${more} }] }`;
    await write("again", framing, odd(""));
    await write("spaced", framing, odd('name: "o dd"'));
    await write("headed", framing, odd('name: "odd", headers: 7'));
    await write(
      "bound",
      framing,
      odd('name: "odd", bind() { throw Error("no\\nbind") }'),
    );
    const rows: readonly (readonly [plugins: string[], says: string])[] = [
      [["one", "two"], "registered twice: operation 250: one and two"],
      [["here", "there"], "registered twice: command byte 99: here and there"],
      [["prepare"], "registered twice: frame prepare"],
      [["far"], "far has command byte 300, which is no byte"],
      [["apart"], '"a part" is no name: small letters, digits and _'],
      [["again"], "registered twice: framing classic"],
      [["spaced"], '"o dd" is no name: small letters, digits and _'],
      [["headed"], "odd has headers or bodies that are no layouts"],
      [["bound"], "no"],
    ];
    for (const [plugins, says] of rows) {
      const args = plugins.flatMap((name) => ["--plugin", `${folder}/${name}.ts`]);
      const { code, stdout, stderr } = await cli(["commands", ...args]);
      assertEquals([code, stdout], [2, ""]);
      assertEquals(stderr.split("\n").length, 2, stderr);
      assertStringIncludes(stderr, `: ${says}`);
    }
  });
});
