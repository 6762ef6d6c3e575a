/**
 * What a newcomer does first, measured: a command is one file, a release four, and nothing else
 * has to know of them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { compileFilter } from "../core/filter/mod.ts";
import { encode, LATEST } from "../core/schema/mod.ts";
import { iggyRegistry } from "../plugins/iggy.ts";
import { statisticsRecord } from "../core/stats/mod.ts";
import { type Command } from "../core/schema/mod.ts";
import { Statistics } from "../core/stats/mod.ts";
import { exportLua } from "../core/export/lua/mod.ts";
import { dialogue } from "./support/dialogue.ts";
import { run } from "./support/peer.ts";
import { requireTsharks } from "./support/tshark.ts";
import { reply, request } from "./support/vsr.ts";

const PLUGIN = `
import { command, name8, u32 } from "${new URL(
  "../core/schema/mod.ts",
  import.meta.url,
)}";

export default command({
  name: "greet",
  doc: "Greets the server.",
  code: 9000,
  operation: 200,
  request: { name: name8("Who greets.") },
  response: { greetings: u32("How many there were so far.") },
  info: ["name", "greetings"],
});
`;

Deno.test("a command outside the project is one file, and pairs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/greet.ts`, PLUGIN);
    const { default: greet }: { default: Command } = await import(
      `file://${folder}/greet.ts`
    );
    const registry = iggyRegistry([greet]);
    const asked = encode(greet.request, { name: "ann" }, LATEST);
    const answered = encode(greet.response, { greetings: 3 }, LATEST);
    // A reply to a replicated request begins with its result: no error.
    const body = new Uint8Array([...new Uint8Array(4), ...answered]);
    const { transactions } = dialogue([
      ["client", request({ operation: 200 }, asked)],
      ["server", reply({ operation: 200 }, body)],
    ], { registry });
    const [found] = transactions;
    assertEquals([transactions.length, found!.name, found!.outcome], [1, "greet", "ok"]);
    const record = found!.toRecord({ maxBytes: 64, showSecrets: false });
    assertEquals(record.request!.fields, { name: "ann" });
    assertEquals(record.response!.fields, { greetings: 3 });
    const passes = compileFilter("iggy.greet.response.greetings == 3", registry);
    assertEquals(passes(found!), true);
    const statistics = new Statistics();
    statistics.add(found!);
    const { groups } = statisticsRecord(statistics) as { groups: { key: string }[] };
    assertEquals(groups.map(({ key }) => key), ["greet"]);
    assertEquals(exportLua(registry).includes("iggy.greet.request.name"), true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const TREE = new URL("../", import.meta.url).pathname;

/** A product file with the text that is put before a place in it; a new one has no place. */
type Edit = readonly [path: string, before: string | null, text: string];

const PAUSE_STREAM = `
import { command, u32 } from "../../core/schema/mod.ts";
import { streamId } from "../_types/identifier.ts";

/** Pauses a stream. Source: apache/iggy, some day. */
export default command({
  name: "pause_stream",
  doc: "Pauses a stream.",
  code: 210,
  operation: 151,
  since: "0.9.1-edge.9",
  request: { stream_id: streamId, seconds: u32("How long.") },
  response: { paused: u32("Partitions that it paused.") },
  info: ["stream_id", "paused"],
});
`;

/** All that a release with a field, an operation and a kind of frame asks for. */
const RELEASE: readonly Edit[] = [
  [
    "plugins/releases.ts",
    "]);",
    `  { name: "0.9.1-edge.9", crate: "0.11.1-edge.9", protocol: [0, 12, 3] },\n`,
  ],
  [
    "plugins/messages/poll_messages.ts",
    `  messages: upTo("0.9-edge.4"`,
    `  lag: since("0.9.1-edge.9", u64("Messages behind the newest.")),\n`,
  ],
  ["plugins/streams/pause_stream.ts", null, PAUSE_STREAM],
  [
    "plugins/framings/vsr/newer_frames.ts",
    "]);",
    `  frameKind({
    number: 37,
    name: "backlog_notice",
    doc: "How far a replica lags.",
    since: "0.9.1-edge.9",
    fields: () => ({ backlog: u64("Operations it lacks."), _reserved: zeros(120) }),
  }),\n`,
  ],
];

/** Copies what a program is made of, and what the tests of it share. */
async function copyTree(folder: string): Promise<void> {
  for (const name of ["core", "plugins", "cli/synth", "tests/support", "types"]) {
    await copyFolder(`${TREE}${name}`, `${folder}/${name}`);
  }
  for (const name of ["mod.ts", "deno.json", "deno.lock"]) {
    await Deno.copyFile(`${TREE}${name}`, `${folder}/${name}`);
  }
  const page = "server/page/src";
  await Deno.mkdir(`${folder}/${page}`, { recursive: true });
  await Deno.copyFile(`${TREE}${page}/deno.json`, `${folder}/${page}/deno.json`);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const [source, target] = [`${from}/${name}`, `${to}/${name}`];
    if (isDirectory) await copyFolder(source, target);
    else await Deno.copyFile(source, target);
  }
}

async function apply(folder: string, edits: readonly Edit[]): Promise<void> {
  for (const [name, before, text] of edits) {
    const path = `${folder}/${name}`;
    if (before === null) {
      await Deno.writeTextFile(path, text, { createNew: true });
      continue;
    }
    const old = await Deno.readTextFile(path);
    const at = old.lastIndexOf(before);
    assert(at >= 0, `${name} has no ${before}`);
    await Deno.writeTextFile(path, old.slice(0, at) + text + old.slice(at));
  }
}

/** Runs a module of the copy with its own settings. */
async function inCopy(folder: string, ...args: string[]): Promise<string> {
  const rights = [`--allow-read`, `--allow-write=${folder}`, "--allow-env"];
  const all = ["run", "--quiet", "--cached-only", ...rights, ...args];
  const { code, stdout, stderr } = await run(Deno.execPath(), all, { cwd: folder });
  assertEquals([code, stderr], [0, ""]);
  return new TextDecoder().decode(stdout);
}

const GREET = `
import { command, name8, u32 } from "../../core/schema/mod.ts";

/** Greets the server. Source: apache/iggy, some day. */
export default command({
  name: "greet",
  doc: "Greets the server.",
  code: 90,
  operation: 200,
  request: { name: name8("Who greets.") },
  response: { greetings: u32("How many there were so far.") },
  info: ["name", "greetings"],
});
`;

/** Tells what the copy makes of the command. */
const GREETED = `
import { exportLua } from "./core/export/lua/mod.ts";
import { encode, LATEST } from "./core/schema/mod.ts";
import { iggyRegistry } from "./plugins/iggy.ts";
import { dialogue } from "./tests/support/dialogue.ts";
import { reply, request } from "./tests/support/vsr.ts";

const registry = iggyRegistry();
const greet = registry.commands.byName("greet");
const answer = encode(greet.response, { greetings: 3 }, LATEST);
const [{ name, outcome }] = dialogue([
  ["client", request({ operation: "greet" }, encode(greet.request, { name: "ann" }, LATEST))],
  ["server", reply({ operation: "greet" }, new Uint8Array([0, 0, 0, 0, ...answer]))],
], { registry }).transactions;
const exported = exportLua(registry).includes("iggy.greet.response.greetings");
console.log(JSON.stringify([name, outcome, exported]));
`;

Deno.test("a command of Iggy with an operation of its own is one file in the tree", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await copyTree(folder);
    await apply(folder, [["plugins/system/greet.ts", null, GREET]]);
    await inCopy(folder, "plugins/commands_list.ts");
    await Deno.writeTextFile(`${folder}/greeted.ts`, GREETED);
    assertEquals(JSON.parse(await inCopy(folder, "greeted.ts")), ["greet", "ok", true]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a release with a field, an operation and a kind of frame is four files", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await copyTree(folder);
    await apply(folder, RELEASE);
    assertEquals(new Set(RELEASE.map(([path]) => path)).size, 4);
    await inCopy(folder, "plugins/commands_list.ts");
    const told = await inCopy(folder, "tests/support/made_up_release.ts", folder);
    assertEquals(JSON.parse(told), {
      releases: Array(4).fill("0.9.1-edge.9+"),
      pairs: [
        ["login_register", "ok"],
        ["poll_messages", "ok"],
        ["pause_stream", "ok"],
        ["vsr.backlog_notice", "one_way"],
      ],
      issues: [],
      polled: {
        partition_id: 1,
        current_offset: 5,
        messages_count: 0,
        context: { incarnation: 1, owner_generation: 1, metadata_op: 1 },
        lag: 77,
        batches: [],
      },
      passing: [[1], [2], [3]],
    });
    for (const tshark of await requireTsharks() ?? []) {
      const fields = [
        "iggy.command",
        "iggy.request_in",
        "iggy.poll_messages.response.lag",
        "iggy.pause_stream.response.paused",
        "iggy.vsr.backlog",
      ];
      const { stdout, stderr } = await tshark.run({
        capture: `${folder}/made_up.pcap`,
        lua: `${folder}/made_up.lua`,
        args: ["-Y", "iggy", "-T", "fields", ...fields.flatMap((name) => ["-e", name])],
      });
      const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
      assertEquals(
        [lines, stderr.includes("Lua Error")],
        [IN_WIRESHARK, false],
        tshark.version,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const IN_WIRESHARK: readonly string[] = [
  "login_register\t\t\t\t",
  "login_register\t4\t\t\t",
  "poll_messages\t\t\t\t",
  "poll_messages\t6\t77\t\t",
  "pause_stream\t\t\t\t",
  "pause_stream\t8\t\t3\t",
  "vsr.backlog_notice\t\t\t\t12",
];
