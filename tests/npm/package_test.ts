/**
 * The npm package as its users get it: packed, installed into an empty folder, and run by each
 * runtime on every shipped capture.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  equal,
} from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { buildPackage } from "../../npm/build.ts";
import { cli, fixture, ROOT, writingCli } from "../cli/support.ts";
import { captures } from "../golden/golden.ts";
import { type Finished, requirePeer, run } from "../support/peer.ts";
import { requirePython } from "../support/python.ts";
import {
  requirePackage,
  requireRuntimes,
  type Runtime,
  runtimesFolder,
} from "../support/runtimes.ts";
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

/** The files below a folder with their text. */
async function textsOf(folder: string): Promise<[path: string, text: string][]> {
  const found: [string, string][] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await textsOf(path));
    else found.push([path, await Deno.readTextFile(path)]);
  }
  return found;
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
    ["follow", one, "0"],
    ["diff", one, fixture("classic-070-all.pcap")],
    ["commands"],
    ["fields", "-T", "json"],
    ["schema"],
    ["completions", "bash"],
    ["man"],
    ["vectors", "--layouts"],
    ["-T", "arrow", one],
    ["-T", "json", one],
    ["export", "lua"],
    ["export", "extcap"],
    ["export", "otlp", one],
    ["export", "packets", one],
    ["decode", "0400000001000000"],
    ["dissect", "no-such-file.pcap"],
    ["dissect", "-Y", "iggy.nothing == 1", one],
  ];
}

/** Commands that write OUT. */
const WRITING = [
  ["-w", "OUT", "-Y", "iggy.failed", fixture("classic-080-all.pcap")],
  ["export", "otlp", "-o", "OUT", fixture("vsr-090e5-all.pcap")],
  ["synth", "lossy", "-w", "OUT"],
];

/** Whether two Parquet files hold the same table; their zstd differs with the runtime's library. */
const SAME_TABLE = `
import sys, pyarrow.parquet as parquet
one, other = map(parquet.read_table, sys.argv[1:])
sys.exit(0 if one.equals(other) and one.num_rows == 90 else 1)
`;

/** What an assistant's client says first, and a call of each tool. */
const ASSISTANT = [
  ["initialize", { protocolVersion: "2025-06-18", capabilities: {} }],
  ["tools/list", {}],
  ["tools/call", { name: "overview", arguments: {} }],
  ["tools/call", { name: "transactions", arguments: { file: "a.pcap", limit: 5 } }],
  ["tools/call", { name: "transaction", arguments: { file: "a.pcap", number: 2 } }],
  ["tools/call", { name: "findings", arguments: { file: "a.pcap" } }],
  ["tools/call", { name: "fields", arguments: { search: "poll_messages" } }],
].map(([method, params], id) => JSON.stringify({ jsonrpc: "2.0", id, method, params }));

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

/** The user has no types but those of the package, and has these checked too. */
const TYPESCRIPT = {
  compilerOptions: {
    noEmit: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    module: "nodenext",
    target: "es2024",
    types: [],
  },
  files: ["typed.mts", "all.mts"],
};

Deno.test("the npm package does in Node and Bun what the sources do in Deno", async (t) => {
  const runtimes = requireRuntimes();
  if (runtimes.length === 0 || !requirePeer("npm")) return;
  const folder = await Deno.makeTempDir({ prefix: "iggyscope-" });
  try {
    const cwd = await installed(folder);
    await t.step(
      "it holds what its users need, and what others' licences ask for",
      async () => {
        const place = `${cwd}/node_modules/iggyscope`;
        const names = [...Deno.readDirSync(place)].map(({ name }) => name).sort();
        assertEquals(names, [
          "CHANGELOG.md",
          "LICENSE",
          "NOTICE",
          "README.md",
          "THIRD_PARTY_LICENSES",
          "lib",
          "package.json",
          "types",
        ]);
        const readme = await Deno.readTextFile(`${place}/README.md`);
        for (const [, target] of readme.matchAll(/\]\(([^)]+)\)/g)) {
          assert(/^https:/.test(target!) || names.includes(target!), `no ${target}`);
        }
        const licences = await Deno.readTextFile(`${place}/THIRD_PARTY_LICENSES`);
        for (const name of ["apache-arrow", "deno-std", "flatbuffers", "hono", "zod"]) {
          assertMatch(licences, new RegExp(`^${name} [\\d.]+: (MIT|Apache-2\\.0)`, "m"));
        }
        assert(!licences.includes("@types/"));
        const texts = await Promise.all(
          ["lib", "types"].map((folder) => textsOf(`${place}/${folder}`)),
        );
        for (const [path, text] of texts.flat()) {
          assert(!/_test\b/.test(path), path);
          assert(!text.includes(ROOT), `${path} has a path of this machine`);
        }
      },
    );
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
    await t.step("it writes the same files", async () => {
      for (const command of WRITING) {
        const about = command.join(" ").replaceAll(ROOT, "");
        const args = command.map((arg) => arg === "OUT" ? "./out" : arg);
        const written = async () => {
          const bytes = await Deno.readFile(`${cwd}/out`);
          await Deno.remove(`${cwd}/out`);
          return bytes;
        };
        const deno = await writingCli(cwd, args, { cwd });
        assertEquals(deno.code, 0, deno.stderr);
        const expected = await written();
        for (const { name, path } of runtimes) {
          const { code, stdout, stderr } = await run(path, [PROGRAM, ...args], { cwd });
          const said = new TextDecoder().decode(stdout);
          assertEquals(
            [code, said, stderr],
            [0, deno.stdout, deno.stderr],
            `${name}: ${about}`,
          );
          assert(equal(await written(), expected), `${name}: ${about}: files differ`);
        }
      }
    });
    await t.step("it writes the same tables as Parquet", async () => {
      if (!await requirePython("pyarrow")) return;
      const args = ["-T", "parquet", fixture("classic-080-all.pcap"), "-o"];
      const deno = await writingCli(cwd, [...args, "deno"], { cwd });
      assertEquals(deno.code, 0, deno.stderr);
      for (const { name, path } of runtimes) {
        const { code, stderr } = await run(path, [PROGRAM, ...args, "theirs"], { cwd });
        assertEquals([code, stderr], [0, ""], name);
        const same = await run("python3", ["-c", SAME_TABLE, "deno", "theirs"], { cwd });
        assertEquals(same.code, 0, `${name}: ${same.stderr}`);
      }
    });
    await t.step("it answers assistants the same", async () => {
      const captures = `${cwd}/captures`;
      await Deno.mkdir(captures);
      await Deno.copyFile(fixture("classic-080-all.pcap"), `${captures}/a.pcap`);
      const stdin = new TextEncoder().encode(`${ASSISTANT.join("\n")}\n`);
      const expected = await cli(["mcp", captures], { stdin });
      assertEquals(expected.stdout.trimEnd().split("\n").length, ASSISTANT.length);
      assert(!expected.stdout.includes('"isError":true'), expected.stdout);
      for (const { name, path } of runtimes) {
        const finished = await run(path, [PROGRAM, "mcp", captures], { cwd, stdin });
        assertEquals(new TextDecoder().decode(finished.stdout), expected.stdout, name);
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
    await t.step("its types are what TypeScript's compiler takes strictly", async () => {
      if (!requirePackage("typescript")) return;
      await Deno.writeTextFile(`${cwd}/typed.mts`, TYPED);
      const exported = Object.keys(config.exports).map((entry, i) =>
        `export * as module${i} from "iggyscope${entry.slice(1)}";\n`
      );
      await Deno.writeTextFile(`${cwd}/all.mts`, exported.join(""));
      await Deno.writeTextFile(`${cwd}/tsconfig.json`, JSON.stringify(TYPESCRIPT));
      const tsc = `${runtimesFolder()}/node_modules/typescript/bin/tsc`;
      const { code, stdout } = await run(runtimes[0]!.path, [tsc, "--project", "."], {
        cwd,
      });
      assertEquals(code, 0, new TextDecoder().decode(stdout));
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
