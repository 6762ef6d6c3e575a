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
