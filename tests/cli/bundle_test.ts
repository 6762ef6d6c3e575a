import { assertEquals } from "@std/assert";
import { bundleProgram } from "../../cli/bundle.ts";
import { run } from "../support/peer.ts";
import { cli, fixture, withFolder } from "./support.ts";

Deno.test("the bundled program prints what the sources print", async () => {
  await withFolder(async (folder) => {
    await bundleProgram(folder);
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
