import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  cli,
  conversation,
  fixture,
  request,
  response,
  ROOT,
  text8,
  withFolder,
} from "./support.ts";
import { concat, number } from "../support/packets.ts";

const PLUGIN = `
import { command, name8, since, u32 } from "file://${ROOT}core/schema/mod.ts";
const greet = command({
  name: "greet",
  doc: "Greets the server.",
  code: 9999,
  request: { name: name8("Who."), times: u32("How often."), tone: since("0.9", u32("How.")) },
  response: { greetings: u32("So far.") },
});
const wave = command({
  name: "wave", doc: "Waves.", code: 9998, since: "0.9", request: {}, response: {},
});
export default [greet, wave];
`;

/** What a greeting of "ann" looks like; `rest` bytes more. */
function greeting(rest = 0): Uint8Array {
  return request(9999, concat(text8("ann"), number(3, 4, true), new Uint8Array(rest)));
}

const SESSION = [
  ["client", request(1)],
  ["server", response(0)],
  ["client", greeting()],
  ["server", response(0, number(12, 4, true))],
  ["client", greeting(2)],
  ["server", response(6)],
  ["client", request(777)],
  ["server", response(0)],
  ["client", greeting()],
] as const;

/** What a trace says, without the name of the program. */
async function traceOf(
  sent: Parameters<typeof conversation>[0],
  args: readonly string[],
  port?: number,
): Promise<string[]> {
  let lines: string[] = [];
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/greet.ts`, PLUGIN);
    await Deno.writeFile(`${folder}/a.pcap`, conversation(sent, port));
    const { code, stderr } = await cli(
      ["--plugin", "greet.ts", ...args, "a.pcap"],
      { cwd: folder },
    );
    assertEquals(code, 0, stderr);
    lines = stderr.trimEnd().split("\n").map((line) => line.replace("iggyscope: ", ""));
  });
  return lines;
}

Deno.test("a trace says of each PDU what was read, or why the plugin was not asked", async () => {
  assertEquals(await traceOf(SESSION, ["--trace-plugin", "greet"]), [
    "trace greet: packet 6: read the request: 8 of 8 bytes as release 0.8; " +
    "that release has no tone",
    "trace greet: packet 7: read the response: 4 of 4 bytes as release 0.8",
    "trace greet: packet 8: read the request: 8 of 10 bytes as release 0.8; " +
    "that release has no tone; 2 trailing bytes",
    "trace greet: packet 9: was not asked for the response: status 6",
    "trace greet: packet 12: read the request: 8 of 8 bytes as release 0.8; " +
    "that release has no tone",
    "trace greet: was not asked for a response: none was captured",
    "trace greet: read 3 requests and 1 response",
  ]);
});

Deno.test("without a name every command of --plugin is traced, filtered out or not", async () => {
  const lines = await traceOf(SESSION, ["--trace-plugin", "-Y", "iggy.command == ping"]);
  assertEquals(lines.filter((line) => line.startsWith("trace greet")).length, 7);
  assertEquals(lines.filter((line) => line.startsWith("trace wave")), [
    "trace wave: was never called",
    "trace wave: no request had its code 9998; there were:",
    "trace wave:   greet, 3 ×, first in packet 6",
    "trace wave:   ping, 1 ×, first in packet 4",
    "trace wave:   code 777, nobody's, 1 ×, first in packet 10",
  ]);
});

Deno.test("a trace says where the conversation is of another release", async () => {
  const lines = await traceOf(
    [["client", request(9998)], ["server", response(0)]],
    ["--trace-plugin=wave"],
  );
  assertEquals(
    lines[0],
    "trace wave: conversation 0 is of release 0.5+, the command of 0.9+",
  );
});

Deno.test("a trace says which conversations are not read at all", async () => {
  const lines = await traceOf([["client", greeting()]], ["--trace-plugin=wave"], 5100);
  assertEquals(lines.slice(0, 3), [
    "trace wave: was never called",
    "trace wave: no request had its code 9998; there were:",
    "trace wave:   greet, 1 ×, first in packet 4",
  ]);
  const unknown = await traceOf([["client", new Uint8Array(40).fill(7)]], [
    "--trace-plugin=wave",
  ], 5100);
  assertStringIncludes(
    unknown.join("\n"),
    "trace wave: not read: conversation 0 (10.0.0.1:40000 → 10.0.0.2:5100): " +
      "no framing knows it\ntrace wave: -d tcp.port==N,iggy has a port read as Iggy's",
  );
});

Deno.test("commands of Iggy are traced too", async () => {
  const capture = fixture("classic-080-all.pcap");
  const { stderr } = await cli(["--trace-plugin", "logout_user", "-T", "csv", capture]);
  assertStringIncludes(stderr, "trace logout_user: read 2 requests and 0 responses\n");
});

Deno.test("a command that is no command is refused, as is a half plugin", async () => {
  await withFolder(async (folder) => {
    const rows = {
      "{ commands: [7] }": "its default export is no command()",
      "{ framings: [{ name: 'odd' }] }": "its default export is no command()",
      "{ name: 'odd', request: {}, response: {}, info: [] }": "its default export is no",
      "command({ name: 'Odd', doc: '', code: 9999, request: {}, response: {} })":
        '"Odd" is no name: small letters, digits and _',
      "command({ name: 'odd', doc: '', code: -1, request: {}, response: {} })":
        "odd has code -1, which is no u32",
    };
    for (const [text, says] of Object.entries(rows)) {
      const path = `${folder}/odd${says.length}${text.length}.ts`;
      await Deno.writeTextFile(
        path,
        `import { command } from "file://${ROOT}core/schema/mod.ts";\nexport default ${text};\n` +
          "export { command };\n",
      );
      const { code, stderr } = await cli(["commands", "--plugin", path]);
      assertEquals(code, 2);
      assertStringIncludes(stderr, `--plugin ${path}: ${says}`);
      assertEquals(stderr.split("\n").length, 2);
    }
  });
});
