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
