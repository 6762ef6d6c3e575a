/**
 * `deno task bench [ROUNDS] [--against COMMIT] [--quick] [--json FILE]`: the program, the same
 * at another commit, and its peers side by side on the load captures, as whole processes in
 * turn. `--quick` leaves out tshark. It tells and never judges: no time makes it fail.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { run } from "../support/peer.ts";
import { type Contestant, measure, median, ratio, table, type Times } from "./measure.ts";

const ROUNDS = 5;
const CAPTURES = ["classic-080-load", "classic-080-load-small", "vsr-090e5-load-small"];
/** A filter that looks into every message. */
const BODY_FILTER = "iggy.poll_messages.response.messages.offset == 5";
const path = (name: string) => new URL(name, import.meta.url).pathname;
const deno = Deno.execPath();
const MAIN = path("../../cli/main.ts");

/** The goals of the project: how many times longer than the peer the program may take. */
const GOALS = [
  { ours: "stats", peer: "tcpflow", figure: "cpu", most: 1 },
  { ours: "stats", peer: "stats before", figure: "cpu", most: 1 },
  { ours: "ndjson", peer: "ndjson before", figure: "cpu", most: 0.25 },
  { ours: "ndjson", peer: "read and write", figure: "cpu", most: 2.5 },
  { ours: "text", peer: "text before", figure: "cpu", most: 0.3 },
  { ours: "filter", peer: "filter before", figure: "cpu", most: 0.3 },
  { ours: "status", peer: "tcpflow", figure: "cpu", most: 1.2 },
  { ours: "tshark -q", peer: "tshark alone", figure: "cpu", most: 1.5 },
] as const;

/** What the program is asked to do, by name. */
const USES: Readonly<Record<string, readonly string[]>> = {
  stats: ["stats"],
  ndjson: ["dissect", "-T", "ndjson"],
  text: ["dissect"],
  filter: ["dissect", "-Y", BODY_FILTER],
  status: ["dissect", "-Y", "iggy.status != 0"],
};

/** Everything that runs on one capture. */
function contestants(
  capture: string,
  lua: string | null,
  scratch: string,
  before: string | null,
  outputBytes: number,
): Contestant[] {
  const flows = `${scratch}/flows`;
  const ours = (main: string, suffix: string) =>
    Object.entries(USES).map(([name, args]) => ({
      name: `${name}${suffix}`,
      program: deno,
      args: ["run", "--allow-read", main, ...args, capture],
    }));
  const tshark = ["-n", "-r", capture];
  const withLua = [...tshark, "-X", `lua_script:${lua}`];
  return [
    ...ours(MAIN, ""),
    ...before === null ? [] : ours(`${before}/cli/main.ts`, " before"),
    {
      name: "limit",
      program: deno,
      args: ["run", "--allow-read", path("read_only.ts"), capture],
    },
    {
      name: "read and write",
      program: deno,
      args: ["run", "--allow-read", path("read_write.ts"), capture, `${outputBytes}`],
    },
    {
      name: "tcpflow",
      program: "tcpflow",
      args: ["-r", capture, "-o", flows],
      after: () => Deno.remove(flows, { recursive: true }).catch(() => {}),
    },
    ...lua === null ? [] : [
      { name: "tshark alone", program: "tshark", args: [...tshark, "-q"] },
      { name: "tshark -q", program: "tshark", args: [...withLua, "-q"] },
      {
        name: "tshark fields",
        program: "tshark",
        args: [...withLua, "-T", "fields", "-e", "iggy.command"],
      },
    ],
  ];
}

/** Bytes that the program prints as NDJSON of a capture. */
async function ndjsonBytes(capture: string): Promise<number> {
  const args = ["run", "--allow-read", MAIN, ...USES.ndjson!, capture];
  const child = new Deno.Command(deno, { args, stdout: "piped", stderr: "null" }).spawn();
  let bytes = 0;
  for await (const chunk of child.stdout) bytes += chunk.length;
  await child.status;
  return bytes;
}

/** A worktree of a commit. */
async function checkOut(commit: string, scratch: string): Promise<string> {
  const folder = `${scratch}/before`;
  const args = ["worktree", "add", "--detach", folder, commit];
  const { code, stderr } = await run("git", args, { cwd: path("../..") });
  if (code !== 0) throw new Error(`git: ${stderr}`);
  return folder;
}

/** The exported Wireshark dissector, or null while there is none. */
async function exportLua(scratch: string): Promise<string | null> {
  const { code, stdout } = await run(deno, [
    "run",
    "--allow-read",
    MAIN,
    "export",
    "lua",
  ]);
  if (code !== 0 || stdout.length === 0) return null;
  await Deno.writeFile(`${scratch}/iggy.lua`, stdout);
  return `${scratch}/iggy.lua`;
}

async function decompress(name: string, scratch: string): Promise<string> {
  const capture = `${scratch}/${name}.pcap`;
  const file = await Deno.open(path(`../../fixtures/captures/${name}.pcap.gz`));
  await Deno.writeFile(
    capture,
    file.readable.pipeThrough(new DecompressionStream("gzip")),
  );
  return capture;
}

const milliseconds = (value: number) => Number.isNaN(value) ? "–" : value.toFixed(0);

const find = (times: readonly Times[], wanted: string) =>
  times.find(({ name }) => name === wanted) ?? { name: wanted, wall: [], first: [] };

/** Ratios to the goals. */
function goalsOf(times: readonly Times[]) {
  return GOALS.map(({ ours, peer, figure, most }) => ({
    ratio: `${ours} / ${peer}`,
    figure,
    value: ratio(find(times, ours), find(times, peer), figure),
    most,
  })).filter(({ value }) => !Number.isNaN(value));
}

/** Times, then ratios to the goals. */
function report(times: readonly Times[]): string {
  const rows = times.map(({ name, wall, first, cpu = [], peak = [] }) =>
    wall.length === 0 ? [name, "not there"] : [
      name,
      milliseconds(median(cpu)),
      milliseconds(Math.min(...cpu)),
      milliseconds(Math.max(...cpu)),
      milliseconds(median(wall)),
      milliseconds(median(first)),
      milliseconds(median(peak)),
    ]
  );
  const goals = goalsOf(times).map(({ ratio, value, most }) => [
    ratio,
    value.toFixed(2),
    `≤ ${most}`,
    value <= most ? "reached" : "missed",
  ]);
  const head = ["program", "CPU ms", "least", "most", "wall ms", "first byte", "MiB"];
  return [
    table([head, ...rows]),
    table([["ratio of CPU", "median", "goal", ""], ...goals]),
  ].join("\n\n");
}

/** What the figures were taken on. */
function machine() {
  return {
    deno: Deno.version.deno,
    processors: navigator.hardwareConcurrency,
    system: `${Deno.build.os} ${Deno.build.arch}`,
  };
}

if (import.meta.main) {
  const options = parseArgs(Deno.args, {
    string: ["against", "json"],
    boolean: ["quick"],
  });
  const rounds = Number(options._[0] ?? ROUNDS);
  const scratch = await Deno.makeTempDir({ prefix: "iggyscope-bench-" });
  const results: Record<string, unknown> = { machine: machine(), rounds };
  let before: string | null = null;
  try {
    const lua = options.quick ? null : await exportLua(scratch);
    before = options.against ? await checkOut(options.against, scratch) : null;
    for (const name of CAPTURES) {
      const capture = await decompress(name, scratch);
      const { size } = await Deno.stat(capture);
      console.log(`\n${name}: ${(size / 1e6).toFixed(0)} MB, ${rounds} rounds`);
      const bytes = await ndjsonBytes(capture);
      const all = contestants(capture, lua, scratch, before, bytes);
      const times = await measure(all, rounds);
      console.log(report(times));
      results[name] = { times, goals: goalsOf(times) };
      await Deno.remove(capture);
    }
    if (options.json) {
      await Deno.writeTextFile(options.json, `${JSON.stringify(results, null, 1)}\n`);
    }
  } finally {
    if (before !== null) {
      await run("git", ["worktree", "remove", "--force", before], { cwd: path("../..") });
    }
    await Deno.remove(scratch, { recursive: true });
  }
}
