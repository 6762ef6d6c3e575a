/**
 * Captures in pieces on Spark give the transactions that one run on the whole gives.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { bundleProgram } from "../../cli/bundle.ts";
import { fixture, ROOT, withFolder } from "../cli/support.ts";
import { captures } from "../golden/golden.ts";
import { requirePeer, run } from "../support/peer.ts";
import { requirePython } from "../support/python.ts";
import { seeded } from "../support/random.ts";
import { prepareBadInput, prepareDyingExecutor, preparePieces } from "./pieces.ts";

/** Both framings, another link layer, and TLS. */
const CAPTURES = [
  "classic-080-all.pcap",
  "classic-080-any-sll2.pcap",
  "classic-080-tls.pcap",
  "vsr-090e5-all.pcap",
];

/** What starts once for each file and partition: the bundle, which starts in half the time. */
async function programIn(folder: string): Promise<string[]> {
  await Deno.mkdir(`${folder}/program`);
  await bundleProgram(`${folder}/program`);
  const main = `${folder}/program/main.js`;
  return [Deno.execPath(), "run", "--no-prompt", "--allow-read", main];
}

async function requireSpark(): Promise<boolean> {
  return requirePeer("java") && await requirePython("pyspark", "pyarrow", "pandas");
}

/** Runs a Python program of this folder with the package of `spark/`. */
async function python(name: string, args: string[]) {
  const { code, stdout, stderr } = await run("python3", [
    `${ROOT}tests/spark/${name}`,
    ...args,
  ], {
    env: {
      PYTHONPATH: `${ROOT}spark:${Deno.env.get("PYTHONPATH") ?? ""}`,
      PYSPARK_PYTHON: "python3",
      // Its JVMs are gone in a minute: what they compile well would not be used.
      JDK_JAVA_OPTIONS: "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
      PYTHONDONTWRITEBYTECODE: "1",
    },
  });
  return { code, text: new TextDecoder().decode(stdout), stderr };
}

// With IGGYSCOPE_EVERY set, every shipped capture, which takes minutes.
Deno.test("captures cut at random give on Spark what one run on the whole gives", async () => {
  if (!await requireSpark()) return;
  await withFolder(async (folder) => {
    const command = await programIn(folder);
    const random = seeded(19);
    const names = Deno.env.has("IGGYSCOPE_EVERY") ? captures() : CAPTURES;
    for (const name of names) {
      await preparePieces(command, name, `${folder}/captures`, random);
    }
    const args = [command.join(" "), `${folder}/captures`];
    const { text, stderr } = await python("compare.py", args);
    const told = text.trimEnd().split("\n").map((line) => line.replace(/ \d+ /, " "));
    const wanted = names.map((name) => `${name} True`).sort();
    assertEquals(told, wanted, stderr.slice(-4000));
  });
});

Deno.test("copies, cut and foreign files, two hosts and dying workers change no transaction", async () => {
  if (!await requireSpark()) return;
  await withFolder(async (folder) => {
    const command = await programIn(folder);
    const name = "classic-080-all.pcap";
    await prepareBadInput(command, name, folder);
    const write = ["-T", "parquet", "-o", `${folder}/whole.parquet`, fixture(name)];
    const args = command.slice(1).toSpliced(-1, 0, `--allow-write=${folder}`);
    assertEquals((await run(command[0]!, [...args, ...write])).code, 0);
    const { text, stderr } = await python("bad_input.py", [command.join(" "), folder]);
    assertEquals(
      text.trimEnd().split("\n"),
      [
        "parquet True",
        "moments 0",
        "a-copy.pcapng | whole | 109 | ",
        "an-overlap.pcapng | whole | 80 | ",
        "cut.pcapng | cut | 16 | capture ends within a record (116 bytes of it)",
        "foreign.pcap | unreadable | None | not a capture (pcap or pcapng)",
        "one.pcapng | whole | 108 | ",
        "two.pcapng | copy | 109 | a-copy.pcapng",
        "named True True",
        "skipped 90 True",
        "divided finer 90 True",
        "clock left 0 False",
        "clock right 3000000000 True",
        "two hosts 90 True",
        "dying workers 90 True",
        "died ['died--T', 'died-export']",
      ],
      stderr.slice(-4000),
    );
  });
});

Deno.test("executors that die while they read or dissect change no transaction", async () => {
  if (!await requireSpark()) return;
  await withFolder(async (folder) => {
    const command = await programIn(folder);
    await prepareDyingExecutor(command, "classic-080-all.pcap", folder, seeded(20));
    const { text, stderr } = await python("dying_executor.py", [
      `${folder}/deadly`,
      folder,
    ]);
    assertEquals(
      text.trimEnd().split("\n"),
      ["dying executors 90 True", "died ['died--T', 'died-export']"],
      stderr.slice(-4000),
    );
  });
});
