import { assertEquals, assertStringIncludes } from "@std/assert";
import { loadCommands } from "../../cli/commands/mod.ts";
import { completionsFor, SHELLS } from "../../cli/completions.ts";
import { fieldTable } from "../../core/filter/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { manPage } from "../../cli/man_page.ts";
import { requirePeer, run } from "../support/peer.ts";
import { cli, withFolder } from "./support.ts";

const COMMANDS = await loadCommands();
const NAMES = {
  fields: ["frame", "iggy", "iggy.failed", "iggy.ping", "iggy.ping.request"],
  commands: ["ping", "get_me"],
};

/** A line up to the cursor, and some of what may follow. */
const ROWS: readonly (readonly [words: string[], some: string[], none: string[]])[] = [
  [["st"], ["stats"], ["schema"]],
  [["stats", "--by", ""], ["command", "topic"], ["--by", "json"]],
  [["stats", "-T", ""], ["text", "json", "csv"], ["tree"]],
  [["-T", "nd"], ["ndjson"], ["json"]],
  [["dissect", "--trace"], ["--trace-plugin"], ["--tree"]],
  [["schema", ""], ["transaction", "info"], ["new"]],
  [["plugin", ""], ["new"], ["transaction"]],
  [["completions", "z"], ["zsh"], ["fish"]],
  [["decode", "--command", ""], ["ping", "get_me"], ["iggy.ping"]],
  [["-T", "fields", "-e", "iggy.f"], ["iggy.failed"], ["iggy.ping"]],
  [["fields", "iggy.pi"], ["iggy.ping"], ["iggy.failed"]],
  [["-Y", "!iggy.f"], ["!iggy.failed"], ["!iggy.ping"]],
];

function offered(text: string, some: readonly string[], none: readonly string[]): void {
  const words = text.split(/\s+/);
  assertEquals(some.filter((word) => !words.includes(word)), [], text);
  assertEquals(none.filter((word) => words.includes(word)), [], text);
}

async function script(program: string, args: string[], stdin: string): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, {
    stdin: new TextEncoder().encode(stdin),
  });
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  return new TextDecoder().decode(stdout);
}

Deno.test("completions and the manual page hold every command and option", async (t) => {
  const roff = (text: string) => text.replaceAll("-", "\\-");
  const page = manPage(COMMANDS, "1.0");
  for (const { name, options } of COMMANDS) {
    await t.step(name, () => {
      for (const shell of SHELLS) {
        const text = completionsFor(shell, COMMANDS, NAMES);
        assertStringIncludes(text, name);
        for (const long of Object.keys(options)) {
          assertStringIncludes(text, shell === "fish" ? `-l ${long}` : `--${long}`);
        }
      }
      assertStringIncludes(page, `.SS ${roff(name)}`);
      for (const long of Object.keys(options)) {
        assertStringIncludes(page, roff(`--${long}`));
      }
    });
  }
});

Deno.test("the program prints what the table gives", async () => {
  for (const shell of SHELLS) {
    const { code, stdout, stderr } = await cli(["completions", shell]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const registry = iggyRegistry();
    const fields = fieldTable(registry).all.map(({ path }) => path);
    const commands = registry.commands.all.map(({ name }) => name);
    assertEquals(stdout, completionsFor(shell, COMMANDS, { fields, commands }));
  }
  assertStringIncludes((await cli(["man"])).stdout, '.TH IGGYSCOPE 1 "" "iggyscope ');
});

Deno.test("bash completes commands, options, values and arguments", async () => {
  if (!requirePeer("bash")) return;
  const complete = ROWS.map(([words]) =>
    `c iggyscope ${words.map((word) => `'${word}'`).join(" ")}`
  );
  const out = await script(
    "bash",
    [],
    [
      completionsFor("bash", COMMANDS, NAMES),
      // Outside of a completion compopt fails, and says so.
      `c() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _iggyscope; echo "\${COMPREPLY[*]}"; }`,
      ...complete,
      "c iggyscope stats --by = us",
      `c iggyscope -Y "'iggy.ping && iggy.fa"`,
      "c iggyscope -e iggy.p",
    ].join("\n"),
  );
  const lines = out.split("\n");
  ROWS.forEach(([_, some, none], i) => offered(lines[i]!, some, none));
  assertEquals(lines[ROWS.length], "user");
  assertEquals(lines[ROWS.length + 1], "iggy.ping && iggy.failed");
  assertEquals(lines[ROWS.length + 2]!.split(" ").sort(), ["iggy.ping", "iggy.ping."]);
});

Deno.test("fish completes commands, options, values and arguments", async () => {
  if (!requirePeer("fish")) return;
  await withFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/c.fish`,
      completionsFor("fish", COMMANDS, NAMES),
    );
    for (const [words, some, none] of ROWS) {
      const line = `iggyscope ${words.join(" ")}`;
      const out = await script(
        "fish",
        ["--no-config", "-c", `source ${folder}/c.fish; complete -C '${line}'`],
        "",
      );
      offered(out.replaceAll(/\t.*$/gm, ""), some, none);
    }
  });
});

Deno.test("zsh reads its completions", async () => {
  if (!requirePeer("zsh")) return;
  await withFolder(async (folder) => {
    const path = `${folder}/_iggyscope`;
    await Deno.writeTextFile(path, completionsFor("zsh", COMMANDS, NAMES));
    await script("zsh", ["-f", "-n", path], "");
    const load = `autoload -Uz compinit; compinit -u -D; source ${path}
      print $_comps[iggyscope]`;
    assertEquals((await script("zsh", ["-f", "-c", load], "")).trim(), "_iggyscope");
  });
});

Deno.test("groff finds nothing wrong with the manual page", async () => {
  if (!requirePeer("groff")) return;
  const page = manPage(COMMANDS, "1.0");
  await script("groff", ["-man", "-ww", "-z", "-Tutf8"], page);
  const text = await script("groff", ["-man", "-P-c", "-P-bou", "-Tutf8"], page);
  for (const { name } of COMMANDS) assertStringIncludes(text, `   ${name} [OPTION…]`);
  assertStringIncludes(text, "-T, --format FORMAT");
  assertStringIncludes(text, "--trace-plugin[=NAME]");
});
