/**
 * The npm package as its users get it: packed, installed into an empty folder, and run by each
 * runtime on every shipped capture.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { buildPackage } from "../../npm/build.ts";
import { cli, fixture, ROOT } from "../cli/support.ts";
import { captures } from "../golden/golden.ts";
import { type Finished, requirePeer, run } from "../support/peer.ts";
import { requireRuntimes, type Runtime } from "../support/runtimes.ts";
import { served } from "../support/served.ts";

/** Programs run at once. */
const LANES = 2;

/** The package's program in a folder where it was installed. */
const PROGRAM = "node_modules/iggyscope/lib/main.js";

async function npm(args: string[], cwd: string): Promise<Finished> {
  const finished = await run("npm", args, { cwd });
  assertEquals(finished.code, 0, finished.stderr);
  return finished;
}

/** Builds, packs and installs the package; gives the folder it was installed into. */
async function installed(folder: string): Promise<string> {
  await Deno.mkdir(`${folder}/package`);
  await buildPackage(`${folder}/package`);
  await npm(["pack", "./package", "--silent"], folder);
  await Deno.remove(`${folder}/package`, { recursive: true });
  const empty = `${folder}/empty`;
  await Deno.mkdir(empty);
  await npm(["init", "-y"], empty);
  const tarball = [...Deno.readDirSync(folder)].find(({ name }) => name.endsWith(".tgz"));
  await npm(["install", "--offline", "--no-audit", `../${tarball!.name}`], empty);
  return empty;
}

/** What is asked of every capture, and what of one. */
function questions(): string[][] {
  const all = captures().map((name) => {
    const keys = fixture(name.replace(/(\.plain)?\.pcap(ng)?(\.gz)?$/, ".keys"));
    const sealed = [...Deno.readDirSync(fixture(""))].some((entry) =>
      keys.endsWith(`/${entry.name}`)
    );
    return ["-T", "ndjson", ...(sealed ? ["--keylog", keys] : []), fixture(name)];
  });
  const one = fixture("classic-080-all.pcap");
  return [
    ...all,
    ["--version"],
    ["help", "dissect"],
    [one],
    ["-V", "-x", one],
    ["-T", "csv", "-Y", "iggy.failed", one],
    ["stats", "-T", "json", one],
    ["conversations", "--digest", "-T", "ndjson", one],
    ["diagnose", fixture("classic-080-idlepoll.pcap")],
    ["check", one],
    ["info", one],
    ["export", "lua"],
    ["decode", "0400000001000000"],
    ["dissect", "no-such-file.pcap"],
    ["dissect", "-Y", "iggy.nothing == 1", one],
  ];
}

async function sameAsDeno(args: string[], runtimes: readonly Runtime[], cwd: string) {
  const decoder = new TextDecoder();
  const expected = await cli(args, { cwd });
  for (const { name, path } of runtimes) {
    const { code, stdout, stderr } = await run(path, [PROGRAM, ...args], { cwd });
    const got = decoder.decode(stdout);
    const about = `${name}: ${args.join(" ").replaceAll(ROOT, "")}`;
    assert(got === expected.stdout, `${about}: the output differs`);
    assertEquals([code, stderr], [expected.code, expected.stderr], about);
  }
}

const LIBRARY = `
import { dissect, iggyRegistry } from "iggyscope";
import { createRegistry } from "iggyscope/dissect";
let count = 0;
for await (const { command } of dissect(process.argv[2])) if (command !== null) count++;
console.log(count, typeof createRegistry, iggyRegistry().commands.byCode(1).name);
console.log(typeof globalThis.Deno);
`;

const TYPED = `
import { dissect, type Transaction } from "iggyscope";
const all: Transaction[] = [];
for await (const transaction of dissect("a.pcap")) all.push(transaction);
const first = all[0]!;
if (first.command === "poll_messages") {
  const messages: number | undefined = first.response?.messages?.length;
  // @ts-expect-error a poll has no name
  console.log(messages, first.request?.name);
}
`;

Deno.test("the npm package does in Node and Bun what the sources do in Deno", async (t) => {
  const runtimes = requireRuntimes();
  if (runtimes.length === 0 || !requirePeer("npm")) return;
  const folder = await Deno.makeTempDir({ prefix: "iggyscope-" });
  try {
    const cwd = await installed(folder);
    await t.step("it prints the same bytes of every capture", async () => {
      const waiting = questions();
      await Promise.all(Array.from({ length: LANES }, async () => {
        for (let args = waiting.pop(); args !== undefined; args = waiting.pop()) {
          await sameAsDeno(args, runtimes, cwd);
        }
      }));
    });
    await t.step("it reads standard input", async () => {
      const stdin = await Deno.readFile(fixture("classic-080-all.pcap"));
      const { stdout } = await cli(["-"], { stdin });
      for (const { name, path } of runtimes) {
        const finished = await run(path, [PROGRAM, "-"], { cwd, stdin });
        assertEquals(new TextDecoder().decode(finished.stdout), stdout, name);
      }
    });
    await t.step("it is a library, and makes nothing global", async () => {
      await Deno.writeTextFile(`${cwd}/library.mjs`, LIBRARY);
      const capture = fixture("classic-080-all.pcap");
      for (const { name, path } of runtimes) {
        const { stdout, stderr } = await run(path, ["library.mjs", capture], { cwd });
        const text = new TextDecoder().decode(stdout);
        assertEquals(text, "90 function ping\nundefined\n", `${name}: ${stderr}`);
      }
    });
    await t.step("it serves", async () => {
      const answers = [];
      for (const { path } of runtimes) answers.push(await served(path, [PROGRAM], cwd));
      assertEquals(answers[0]!.trim().split("\n").length, 90);
      for (const answer of answers) assert(answer === answers[0], "the answers differ");
    });
    await t.step("it makes plugins that use it, by its name or its address", async () => {
      for (const { name, path } of runtimes) {
        for (const folder of [cwd, await Deno.makeTempDir({ prefix: "iggyscope-" })]) {
          const at = { cwd: folder };
          const made = await run(path, [
            `${cwd}/${PROGRAM}`,
            "plugin",
            "new",
            "greet",
            "--dir=own",
          ], at);
          assertEquals([made.code, made.stderr], [0, ""], name);
          const test = ["--test", "own/greet_test.mjs"];
          const tested = await run(runtimes[0]!.path, test, at);
          assertEquals(tested.code, 0, new TextDecoder().decode(tested.stdout));
          const hex = /decode --plugin \S+ (\w+)/.exec(
            new TextDecoder().decode(made.stdout),
          )![1]!;
          const args = [`${cwd}/${PROGRAM}`, "decode", "--plugin=own/greet.mjs", hex];
          const decoded = await run(path, args, at);
          assertStringIncludes(new TextDecoder().decode(decoded.stdout), "greet", name);
          await Deno.remove(folder === cwd ? `${cwd}/own` : folder, { recursive: true });
        }
      }
    });
    await t.step("it brings its types", async () => {
      await Deno.writeTextFile(`${cwd}/typed.ts`, TYPED);
      await Deno.writeTextFile(`${cwd}/deno.json`, `{"nodeModulesDir": "manual"}`);
      const { code, stderr } = await run(Deno.execPath(), ["check", "typed.ts"], { cwd });
      assertEquals(code, 0, stderr);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
