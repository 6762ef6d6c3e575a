import { releasesPage } from "../plugins/releases_page.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  byRelease,
  command,
  list,
  name8,
  secret,
  since,
  struct,
  text32,
  u16,
  u32,
  upTo,
} from "../core/schema/mod.ts";
import { createRegistry } from "../core/dissect/mod.ts";
import { fieldsPage } from "../core/export/mod.ts";
import { fieldTable } from "../core/filter/mod.ts";
import { iggyRegistry } from "../plugins/iggy.ts";
import { plotOf, PLOTS } from "./plots.ts";
import { cli } from "./cli/support.ts";

const PAGE = new URL("../docs/fields.md", import.meta.url);

Deno.test("docs/fields.md is what the plugins say: deno task fields writes it", async () => {
  const [lines, wanted] = [
    (await Deno.readTextFile(PAGE)).split("\n"),
    fieldsPage(iggyRegistry()).split("\n"),
  ];
  const wrong = wanted.findIndex((line, i) => line !== lines[i]);
  if (wrong >= 0) assertEquals(lines[wrong], wanted[wrong], "see deno task fields");
  assertEquals(lines.length, wanted.length);
});

Deno.test("docs/fields.md has every field that filters know", async () => {
  const page = await Deno.readTextFile(PAGE);
  const isGroup = /^iggy\.[a-z0-9_.]+\.(request|response|prepare)$/;
  const registry = iggyRegistry();
  const missing = fieldTable(registry).all.filter(({ path }) => {
    const name = path.split(".")[1]!;
    if (
      isGroup.test(path) || registry.commands.byName(name) && path.split(".").length === 2
    ) {
      return page.includes(`## ${name}\n`) === false && !path.startsWith("iggy.vsr.");
    }
    return !page.includes(`\`${path}\``) && !/^iggy\.vsr(\.[a-z_]+)?$/.test(path);
  });
  assertEquals(missing.map(({ path }) => path), []);
});

Deno.test("the page tells the releases of each form of a field", () => {
  const hello = command({
    name: "hello",
    doc: "Greets.",
    code: 9,
    since: "0.6",
    request: {
      old: upTo("0.5", u32("Gone.")),
      size: byRelease<number>(since("0.8", u32("Wide.")), upTo("0.7", u16("Narrow."))),
      items: since(
        "0.7",
        list(struct({ key: secret(name8("Key.")) }), undefined, "All."),
      ),
    },
    response: { text: text32("A | B.") },
  });
  const page = fieldsPage(
    createRegistry({ root: "iggy", commands: [hello], framings: [] }),
  );
  assertMatch(page, /^Greets\. Code 9, releases 0\.6\+\.$/m);
  for (
    const line of [
      "| `iggy.hello.request.old` | uint32 | u32 | up to 0.5 | Gone. |",
      "| `iggy.hello.request.size` | uint32 | u32 | 0.8+ | Wide. |",
      "| `iggy.hello.request.size` | uint16 | u16 | up to 0.7 | Narrow. |",
      "| `iggy.hello.request.items` | group | items to the end | 0.7+ | All. |",
      "| `iggy.hello.request.items.key` | string | u8 length 1..255, UTF-8 | 0.7+ | Key. Redacted. |",
      "| `iggy.hello.response.text` | string | u32 length, UTF-8 |  | A \\| B. |",
    ]
  ) assertStringIncludes(page, line);
});

Deno.test("every answer of docs/questions.md is what the program prints", async () => {
  const page = await Deno.readTextFile(new URL("../docs/questions.md", import.meta.url));
  const blocks = [
    ...page.matchAll(/^\`\`\`console\n\$ iggyscope (.*)\n([^]*?)^\`\`\`$/gm),
  ];
  assert(blocks.length >= 8);
  for (const [, command, printed] of blocks) {
    const words = [...command!.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) =>
      quoted ?? bare!
    );
    const { stdout } = await cli(words);
    const lines = new Set(stdout.split("\n").map((line) => line.trimEnd()));
    for (const line of printed!.trimEnd().split("\n")) {
      assert(lines.has(line.trimEnd()), `${command}: ${line}`);
    }
  }
});

Deno.test("docs/releases.md is what the plugins say: deno task releases writes it", async () => {
  const page = await Deno.readTextFile(new URL("../docs/releases.md", import.meta.url));
  assertEquals(page, releasesPage());
});

Deno.test("the plots of the docs are what the program draws: deno task plots writes them", async () => {
  for (const [name, yaml] of Object.entries(PLOTS)) {
    const path = new URL(`../docs/images/${name}.svg`, import.meta.url);
    assertEquals(await Deno.readTextFile(path), plotOf(yaml), name);
  }
});
