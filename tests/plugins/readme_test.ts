/**
 * A stranger who does what `plugins/README.md` says, and nothing else.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  cli,
  conversation,
  request,
  response,
  ROOT,
  text8,
  withFolder,
} from "../cli/support.ts";
import { concat, number } from "../support/packets.ts";
import { run } from "../support/peer.ts";

const PLACE = "/path/to/iggyscope";

/** The code blocks of the first list of steps, in order. */
async function stepsOfReadme(): Promise<{ language: string; code: string }[]> {
  const text = await Deno.readTextFile(`${ROOT}plugins/README.md`);
  const part = text.split("\n## ").find((part) =>
    part.startsWith("A plugin of your own")
  );
  assert(part !== undefined);
  return [...part.matchAll(/```(sh|ts)(?: ignore)?\n(.*?)```/gs)].map((
    [, language, code],
  ) => ({
    language: language!,
    code: code!.replaceAll(PLACE, ROOT.replace(/\/$/, "")),
  }));
}

const CAPTURE = conversation([
  ["client", request(9999, concat(text8("ann"), number(3, 4, true)))],
  ["server", response(0, number(12, 4, true))],
  ["client", request(9999, concat(text8("bob"), number(1, 4, true)))],
  ["server", response(0, number(13, 4, true))],
]);

Deno.test("the five steps of plugins/README.md lead to a decoded capture", async () => {
  const steps = await stepsOfReadme();
  assertEquals(steps.map(({ language }) => language).join(" "), "sh sh ts sh sh sh");
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/capture.pcap`, CAPTURE);
    const shell = async (code: string) => {
      const script =
        `set -e\nPATH="${new URL(".", `file://${Deno.execPath()}`).pathname}:` +
        `$PATH"\n${steps[0]!.code.split("\n").slice(0, 2).join("\n")}\n${code}`;
      const { code: exit, stdout, stderr } = await run("bash", ["-c", script], {
        cwd: folder,
      });
      assertEquals(exit, 0, `${code}\n${new TextDecoder().decode(stdout)}${stderr}`);
      return { stdout: new TextDecoder().decode(stdout), stderr };
    };
    const [make, test, plugin, decode, dissect, trace] = steps;
    await shell(make!.code.split("\n").slice(2).join("\n"));
    assertStringIncludes((await shell(test!.code)).stdout, "4 passed");
    await Deno.writeTextFile(`${folder}/greet.ts`, plugin!.code);
    assertStringIncludes((await shell(test!.code)).stdout, "4 passed");
    assertStringIncludes((await shell(decode!.code)).stdout, 'name: "ann"');
    const lines = (await shell(dissect!.code)).stdout.trimEnd().split("\n");
    assertEquals(lines.length, 3);
    assertStringIncludes(lines[0]!, "greet name=ann count=3");
    assertStringIncludes(lines[1]!, "greet name=bob count=1");
    assertEquals(JSON.parse(lines[2]!).request.fields, { name: "ann", count: 3 });
    assertEquals((await shell(trace!.code)).stderr.split("\n").slice(0, 2), [
      "iggyscope: trace greet: packet 4: read the request: 8 of 8 bytes as release 0.8; " +
      "that release has no note",
      "iggyscope: trace greet: packet 5: read the response: 4 of 4 bytes as release 0.8",
    ]);
  });
});

Deno.test("plugin new writes nothing where it may not, or where something is", async () => {
  await withFolder(async (folder) => {
    const rows: readonly (readonly [string[], string])[] = [
      [["new", "greet"], "it writes files: run it with --allow-write=."],
      [
        ["new", "greet", "--dir", "a/b"],
        "it writes files: run it with --allow-write=a/b",
      ],
    ];
    for (const [args, says] of rows) {
      const { code, stderr } = await cli(["plugin", ...args], { cwd: folder });
      assertEquals({ code, stderr }, {
        code: 2,
        stderr: `iggyscope: plugin new: ${says}\n`,
      });
    }
    await Deno.writeTextFile(`${folder}/greet_test.ts`, "mine");
    const { code, stderr } = await run(Deno.execPath(), [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write=.",
      `${ROOT}cli/main.ts`,
      "plugin",
      "new",
      "greet",
    ], { cwd: folder });
    assertEquals(code, 2);
    assertEquals(
      stderr,
      "iggyscope: plugin new: greet_test.ts exists already; nothing is overwritten\n",
    );
    assertEquals(await Deno.readTextFile(`${folder}/greet_test.ts`), "mine");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), [
      "greet_test.ts",
    ]);
  });
});
