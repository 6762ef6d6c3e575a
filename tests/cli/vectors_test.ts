import { assertEquals, assertStringIncludes } from "@std/assert";
import { cli, withFolder, writingCli } from "./support.ts";

async function vectors(folder: string, ...args: string[]) {
  const { code, stderr } = await writingCli(folder, ["vectors", ...args]);
  return { code, stderr };
}

Deno.test("vectors makes a folder of payloads with what they say", async () => {
  await withFolder(async (folder) => {
    const dir = `${folder}/made`;
    const { code, stderr } = await vectors(folder, "--command", "create_stream", dir);
    const names: string[] = JSON.parse(await Deno.readTextFile(`${dir}/index.json`));
    assertEquals({ code, stderr }, {
      code: 0,
      stderr: `iggyscope: ${names.length} vectors are in ${dir}\n`,
    });
    for (const name of names) {
      const bytes = await Deno.readFile(`${dir}/${name}.bin`);
      const record = JSON.parse(await Deno.readTextFile(`${dir}/${name}.json`));
      assertEquals(record.command, "create_stream");
      assertEquals(record.length, bytes.length);
    }
    assertStringIncludes(await Deno.readTextFile(`${dir}/README.md`), "index.json");
    assertEquals(
      [...Deno.readDirSync(folder)].map(({ name }) => name),
      ["made"],
      "nothing half made is left",
    );
  });
});

Deno.test("vectors overwrites nothing and says what is wrong in a line", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/old`);
    assertEquals(await vectors(folder, `${folder}/old`), {
      code: 2,
      stderr:
        `iggyscope: vectors: ${folder}/old exists already; nothing is overwritten\n`,
    });
    assertEquals(await vectors(folder, "--command", "nosuch", `${folder}/new`), {
      code: 2,
      stderr: 'iggyscope: vectors: no command is named "nosuch"\n',
    });
    assertEquals(await vectors(folder), {
      code: 2,
      stderr: "iggyscope: vectors needs DIR, or --layouts and no DIR\n",
    });
    const { code, stderr } = await cli(["vectors", `${folder}/new`]);
    assertEquals({ code, stderr }, {
      code: 2,
      stderr: "iggyscope: vectors writes files: run it with --allow-write\n",
    });
  });
});
