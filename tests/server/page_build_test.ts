import { assert, assertEquals } from "@std/assert";
import { buildPage } from "../../server/page/build.ts";
import { DIST, readPage } from "../../server/page/mod.ts";

Deno.test("the page that is served is built from the sources beside it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await buildPage(folder);
    const names = (entries: Deno.DirEntry[]) => entries.map(({ name }) => name).sort();
    const built = names(await Array.fromAsync(Deno.readDir(folder)));
    assertEquals(names(await Array.fromAsync(Deno.readDir(DIST))), built);
    for (const name of built) {
      const [fresh, served] = await Promise.all([
        Deno.readTextFile(`${folder}/${name}`),
        Deno.readTextFile(new URL(name, DIST)),
      ]);
      assert(fresh === served, `${name} is stale: run deno task page and commit it`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the page loads nothing from elsewhere and has nothing inline", async () => {
  const page = await readPage();
  const text = (path: string) => new TextDecoder().decode(page.get(path)?.bytes);
  const html = text("/");
  const loaded = [...html.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, path]) => path);
  assertEquals(loaded.filter((path) => !page.has(path!)), []);
  assertEquals(html.match(/<style|\bstyle=|\bon\w+=|<script[^>]*>[^<]/g), null);
  assertEquals(text("/assets/page.css").match(/url\(|@import/g), null);
  for (const { bytes } of page.values()) {
    const addresses = new TextDecoder().decode(bytes).match(/https?:\/\/[\w.]+/g) ?? [];
    assertEquals(addresses.filter((each) => each !== "http://www.w3.org"), []);
  }
});

Deno.test("nothing in the page makes markup of text", async () => {
  const sources = new URL("../../server/page/src/", import.meta.url);
  for await (const { name, isFile } of Deno.readDir(sources)) {
    if (!isFile) continue;
    const text = await Deno.readTextFile(new URL(name, sources));
    const sinks = text.match(
      /inner_?html|outerHTML|insertAdjacent|document\.write|\beval\(/gi,
    );
    assertEquals(sinks, null, name);
  }
});
