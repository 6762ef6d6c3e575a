import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Capture } from "../../server/api.ts";
import { createApp } from "../../server/app.ts";
import { MAIN } from "../cli/support.ts";
import { run } from "../support/peer.ts";
import { withDisk } from "../support/small_disk.ts";
import { fixture, problemOf } from "./support.ts";

const CAPTURE = fixture("classic-080-all.pcap");

Deno.test("captures whose files are read-only are read, and stay away once they are deleted", async () => {
  await withDisk("20m", async ({ folder: captures, toReadOnly }) => {
    const folder = await Deno.makeTempDir();
    const start = () => createApp({ folder, log: () => {} });
    try {
      await Deno.symlink(captures, `${folder}/captures`);
      let server = start();
      const body = await Deno.readFile(CAPTURE);
      const made = await server.app.request("/api/captures", { method: "POST", body });
      const { id }: Capture = await made.json();
      await server.close();
      await toReadOnly();
      server = start();
      const ask = (path: string, init?: RequestInit) =>
        server.app.request(`/api/captures/${id}${path}`, init);
      const one = await ask("/transactions/89");
      assertEquals(one.status, 200);
      await one.body?.cancel();
      assertEquals((await ask("", { method: "DELETE" })).status, 204);
      await server.close();
      // Its files are still there, and it stays deleted.
      server = start();
      await problemOf(await ask("/transactions/0"), 404);
      await server.close();
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});

Deno.test("serve on a read-only folder ends with one line", async () => {
  await withDisk("1m", async ({ folder, toReadOnly }) => {
    await toReadOnly();
    const args = ["run", "--allow-read", "--allow-write", "--allow-net=127.0.0.1", MAIN];
    const { code, stdout, stderr } = await run(Deno.execPath(), [
      ...args,
      ...["serve", "--data", folder, "--port", "0"],
    ]);
    assertEquals([code, stdout.length], [2, 0]);
    assertEquals(stderr.trim().split("\n").length, 1, stderr);
    assertStringIncludes(stderr, "Read-only file system");
  });
});
