/**
 * Captures in pieces on Spark give the transactions that one run on the whole gives.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { fixture, MAIN, ROOT, withFolder } from "../cli/support.ts";
import { requirePeer, run } from "../support/peer.ts";
import { requirePython } from "../support/python.ts";

/** Captures of both framings; each has an executor's start for every piece. */
const CAPTURES = [
  ["classic-080-all.pcap", 90],
  ["vsr-090e5-all.pcap", 95],
] as const;

/** Lengths of pieces, in packets: uneven, and the same each time. */
const LENGTHS = [97, 31, 160];

const COMMAND = [Deno.execPath(), "run", "--no-prompt", "--allow-read", MAIN];

/** Cuts a capture into pieces, and writes what one run on the whole gives. */
async function prepare(name: string, place: string): Promise<void> {
  await Deno.mkdir(`${place}/pieces`, { recursive: true });
  const whole = await run(COMMAND[0]!, [
    ...COMMAND.slice(1),
    "-T",
    "arrow",
    fixture(name),
  ]);
  assertEquals(whole.code, 0, whole.stderr);
  await Deno.writeFile(`${place}/whole.arrow`, whole.stdout);
  const before: Record<string, number> = {};
  for (let first = 1, n = 0;; n++) {
    const last = first + LENGTHS[n % LENGTHS.length]! - 1;
    const piece = `piece-${String(n).padStart(4, "0")}.pcap`;
    const path = `${place}/pieces/${piece}`;
    await run("editcap", [
      "-F",
      "nsecpcap",
      "-r",
      fixture(name),
      path,
      `${first}-${last}`,
    ]);
    // A header alone: the capture is at its end.
    if ((await Deno.stat(path)).size <= 24) {
      await Deno.remove(path);
      break;
    }
    before[piece] = first - 1;
    first = last + 1;
  }
  await Deno.writeTextFile(`${place}/pieces.json`, JSON.stringify(before));
}

Deno.test("captures in pieces on Spark give what one run on the whole gives", async () => {
  if (!requirePeer("java") || !requirePeer("editcap")) return;
  if (!await requirePython("pyspark", "pyarrow", "pandas")) return;
  await withFolder(async (folder) => {
    for (const [name] of CAPTURES) await prepare(name, `${folder}/${name}`);
    const { stdout, stderr } = await run("python3", [
      `${ROOT}tests/spark/compare.py`,
      COMMAND.join(" "),
      folder,
    ], {
      env: {
        PYTHONPATH: `${ROOT}spark:${Deno.env.get("PYTHONPATH") ?? ""}`,
        PYSPARK_PYTHON: "python3",
      },
    });
    const expected = CAPTURES.map(([name, count]) => `${name} ${count} True\n`).sort();
    assertEquals(
      new TextDecoder().decode(stdout),
      expected.join(""),
      stderr.slice(-4000),
    );
  });
});
