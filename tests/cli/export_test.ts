import { assert, assertEquals } from "../support/assert.ts";
import { cli, withFolder, writingCli } from "./support.ts";

Deno.test("export lua writes one file of Lua to standard output", async () => {
  const { code, stdout, stderr } = await cli(["export", "lua"]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assert(stdout.startsWith("-- Iggy for Wireshark 4.0 and later: "));
  assert(stdout.includes('field("iggy.login_user.request.username", "string",'));
  assert(!/\bbit32\b|\/\/|\bgoto\b/.test(stdout.replaceAll(/--.*|"[^"\n]*"/g, "")));
});

Deno.test("export lua -o writes a file, with commands of plugins", async () => {
  await withFolder(async (folder) => {
    const plugin = `${folder}/greet.ts`;
    await Deno.writeTextFile(
      plugin,
      `import { command, name8 } from "${new URL(
        "../../core/schema/mod.ts",
        import.meta.url,
      )}";
       export default command({
         name: "greet", doc: "Greets.", code: 9003, request: { who: name8("Who.") },
         response: {},
       });`,
    );
    const args = ["export", "lua", "-o", `${folder}/iggy.lua`, "--plugin", plugin];
    const { code, stderr } = await writingCli(folder, args);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const lua = await Deno.readTextFile(`${folder}/iggy.lua`);
    assert(lua.includes('field("iggy.greet.request.who", "string", "Who.")'));
  });
});

Deno.test("export refuses what it cannot do", async () => {
  const { code, stderr } = await cli(["export", "lua", "--install", "-o", "here.lua"]);
  assertEquals(
    { code, stderr },
    {
      code: 2,
      stderr: "iggyscope: --install and --output name two places\n",
    },
  );
  assertEquals((await cli(["export", "rust"])).code, 2);
  const denied = await cli(["export", "lua", "-o", "/nowhere/iggy.lua"]);
  assertEquals(denied.code, 2);
  assert(denied.stderr.startsWith("iggyscope: /nowhere/iggy.lua cannot be written: "));
});
