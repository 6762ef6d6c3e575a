import { assertEquals } from "@std/assert";
import { bundleProgram } from "../../cli/bundle.ts";
import { run } from "../support/peer.ts";
import { served } from "../support/served.ts";
import { cli, fixture, MAIN, withFolder } from "./support.ts";

Deno.test("the bundled program loads what it needs, and prints what the sources print", async () => {
  await withFolder(async (folder) => {
    await bundleProgram(folder);
    for await (const { name, isFile } of Deno.readDir(folder)) {
      const text = isFile ? await Deno.readTextFile(`${folder}/${name}`) : "";
      assertEquals(text.match(/\bimport\("\./g), null, `${name}: Deno would read ahead`);
    }
    const capture = fixture("classic-080-all.pcap");
    for (const args of [["--version"], ["--help"], ["stats", capture], ["-V", capture]]) {
      const bundled = await run(Deno.execPath(), [
        "run",
        "--no-prompt",
        "--allow-read",
        `${folder}/main.js`,
        ...args,
      ]);
      const { code, stdout, stderr } = await cli(args);
      const decoder = new TextDecoder();
      assertEquals(
        [bundled.code, decoder.decode(bundled.stdout), bundled.stderr],
        [code, stdout, stderr],
        args.join(" "),
      );
    }
  });
});

Deno.test("the bundled program serves, with its workers", async () => {
  await withFolder(async (folder) => {
    await bundleProgram(`${folder}/bundle`);
    const run = ["run", "--no-prompt", "--allow-read", "--allow-write=data"];
    const answers: string[] = [];
    for (const main of [MAIN, `${folder}/bundle/main.js`]) {
      const program = [...run, "--allow-net=127.0.0.1", main];
      answers.push(await served(Deno.execPath(), program, folder));
    }
    assertEquals(answers[1], answers[0]);
  });
});
