/**
 * The forms in which the program is given away, each run where nothing of the clone is.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "yaml";
import config from "../../deno.json" with { type: "json" };
import jsr from "../../jsr.json" with { type: "json" };
import { buildDeb } from "../../packaging/deb.ts";
import { releaseNotes } from "../../packaging/release_notes.ts";
import { cli, fixture, ROOT, withFolder } from "../cli/support.ts";
import { requirePeer, run } from "../support/peer.ts";
import { requireRuntimes } from "../support/runtimes.ts";

const CAPTURE = fixture("classic-080-all.pcap");

Deno.test("the Debian package has the program, its man page and completions", async () => {
  const [node] = requireRuntimes();
  if (node === undefined || !requirePeer("dpkg-deb")) return;
  await withFolder(async (folder) => {
    const deb = await buildDeb(folder);
    const control = await run("dpkg-deb", ["--field", deb, "Version", "Depends"]);
    assertEquals(
      new TextDecoder().decode(control.stdout),
      `Version: ${config.version}\nDepends: nodejs (>= 22.15)\n`,
    );
    const root = `${folder}/root`;
    assertEquals((await run("dpkg-deb", ["--extract", deb, root])).code, 0);
    const program = await Deno.realPath(`${root}/usr/bin/iggyscope`);
    const { stdout } = await run(node.path, [program, CAPTURE], { cwd: folder });
    assertEquals(new TextDecoder().decode(stdout), (await cli([CAPTURE])).stdout);
    for (
      const path of [
        "man/man1/iggyscope.1.gz",
        "bash-completion/completions/iggyscope",
        "zsh/vendor-completions/_iggyscope",
        "fish/vendor_completions.d/iggyscope.fish",
        "doc/iggyscope/THIRD_PARTY_LICENSES.gz",
      ]
    ) assert((await Deno.stat(`${root}/usr/share/${path}`)).size > 1000, path);
    assertEquals(
      [...Deno.readDirSync(`${root}/usr/lib/iggyscope`)].map(({ name }) => name).sort(),
      ["lib", "package.json"],
    );
  });
});

Deno.test("deno install gives the command that the README names", async () => {
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  const line = /`deno (install -g [^`]+)`/.exec(readme)?.[1];
  assert(line !== undefined);
  await withFolder(async (folder) => {
    const args = [...line.split(" "), "--root", folder];
    // Options stand before the script.
    args.splice(2, 0, ...args.splice(-2));
    const { code, stderr } = await run(Deno.execPath(), args, { cwd: ROOT });
    assertEquals(code, 0, stderr);
    const PATH = `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}`;
    const found = await run(`${folder}/bin/iggyscope`, [CAPTURE], { env: { PATH } });
    assertEquals(
      new TextDecoder().decode(found.stdout),
      (await cli([CAPTURE])).stdout,
      found.stderr,
    );
  });
});

/** Runs the step of the action as a workflow would. */
async function act(inputs: Record<string, string>) {
  const action = parse(await Deno.readTextFile(`${ROOT}action.yml`));
  const [step] = action.runs.steps;
  assertEquals([action.runs.using, action.runs.steps.length], ["composite", 1]);
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries<string>(step.env)) {
    const input = /^\$\{\{ inputs\.(\w+) \}\}$/.exec(value)?.[1];
    env[name] = input === undefined
      ? ROOT
      : inputs[input] ?? action.inputs[input].default;
  }
  const output = await Deno.makeTempFile();
  try {
    const { code, stdout, stderr } = await run("bash", ["-c", step.run], {
      cwd: `${ROOT}fixtures/captures`,
      env: {
        ...env,
        GITHUB_OUTPUT: output,
        PATH: `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}`,
      },
    });
    const text = new TextDecoder().decode(stdout);
    return { code, text, stderr, told: await Deno.readTextFile(output) };
  } finally {
    await Deno.remove(output);
  }
}

Deno.test("the GitHub action annotates what check and diagnose find", async () => {
  const found = await act({ capture: "classic-060-badframes.pcap" });
  assertEquals([found.code, found.told], [1, "code=1\n"]);
  assertStringIncludes(
    found.text,
    "::warning file=classic-060-badframes.pcap,title=iggyscope%3A malformed::" +
      "code 9999: unknown command code 9999 (packet 22)\n",
  );
  const storm = await act({ capture: "classic-080-idlepoll.pcap", command: "diagnose" });
  assertEquals(storm.code, 1);
  assertMatch(
    storm.text,
    /^::warning .*title=iggyscope%3A empty_poll_storm::.*packet 1665/,
  );
  const fine = await act({
    capture: "classic-080-all.pcap",
    arguments: "-Y iggy.status==0 --severity error",
  });
  assertEquals([fine.code, fine.text], [0, ""]);
  const wrong = await act({ capture: "classic-080-all.pcap", command: "rm" });
  assertEquals(wrong.code, 2);
  const missing = await act({ capture: "none.pcap" });
  assertEquals([missing.code, missing.told], [3, "code=3\n"]);
});

Deno.test("JSR is told what deno.json says", () => {
  assertEquals([jsr.version, jsr.license], [config.version, config.license]);
  assertEquals(jsr.exports, config.exports);
  const imports: Readonly<Record<string, string>> = config.imports;
  for (const [name, target] of Object.entries(jsr.imports)) {
    assertEquals(target, imports[name]);
  }
});

const JSR_USER = `
import { dissect } from "./mod.ts";
import { tableWriter } from "./core/export/table/mod.ts";
import { exportLua } from "./core/export/lua/mod.ts";
import { iggyRegistry } from "./plugins/iggy.ts";
let count = 0, bytes = 0;
const options = { maxBytes: 64, showSecrets: false };
const table = await tableWriter("arrow", options, (part) => { bytes += part.length; });
for await (const { raw } of dissect(Deno.args[0]!)) count++, table.add(raw);
table.end();
console.log(count, bytes > 0, exportLua(iggyRegistry(), { version: "1" }).length > 0);
`;

Deno.test("what the README publishes to JSR is a library by itself", async () => {
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  const line = /`deno (publish [^`]+)`/.exec(readme)?.[1];
  assert(line !== undefined);
  const args = [...line.split(" "), "--dry-run", "--allow-dirty", "--no-check"];
  const { code, stderr } = await run(Deno.execPath(), args, { cwd: ROOT });
  assertEquals(code, 0, stderr);
  const root = new URL("../../", import.meta.url).href;
  const files = [...stderr.matchAll(/^ +(file:\S+) \([\d.]+[KM]?B\)$/gm)].map(([, url]) =>
    url!.slice(root.length)
  );
  assert(files.includes("mod.ts") && files.includes("LICENSE"), stderr);
  assertEquals(files.filter((name) => /test|^(cli|server|npm)\b/.test(name)), []);
  await withFolder(async (folder) => {
    for (const name of files) {
      const to = `${folder}/${name}`;
      await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
      await Deno.copyFile(`${ROOT}${name}`, to);
    }
    await Deno.copyFile(`${ROOT}jsr.json`, `${folder}/deno.json`);
    await Deno.writeTextFile(`${folder}/user.ts`, JSR_USER);
    const user = await run(Deno.execPath(), [
      "run",
      "--no-prompt",
      "--no-lock",
      "--allow-read",
      "user.ts",
      CAPTURE,
    ], { cwd: folder });
    assertEquals(new TextDecoder().decode(user.stdout), "90 true true\n", user.stderr);
  });
});

Deno.test("the notes of a release are what the changelog says of it", async () => {
  const changelog = await Deno.readTextFile(`${ROOT}CHANGELOG.md`);
  const notes = releaseNotes(changelog, "Unreleased");
  assertMatch(notes ?? "", /^### Added\n/);
  assert(!notes!.includes("\n## "));
});

Deno.test("the Dockerfile builds what the tasks make", async () => {
  const dockerfile = await Deno.readTextFile(`${ROOT}Dockerfile`);
  const [, task] = /task (\w+)/.exec(dockerfile)!;
  assert(task! in config.tasks);
  assertStringIncludes(dockerfile, "/src/dist/npm /usr/lib/iggyscope");
  assertStringIncludes(dockerfile, "../lib/iggyscope/lib/main.js");
});
