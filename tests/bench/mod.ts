/**
 * `deno task bench [ROUNDS]`: the program and its peers side by side on the two load captures,
 * as ratios of whole-process wall times. It tells and never judges: no time makes it fail.
 *
 * @module
 */
import { run } from "../support/peer.ts";
import { type Contestant, measure, median, ratio, table, type Times } from "./measure.ts";

const ROUNDS = 5;
const CAPTURES = ["classic-080-load", "classic-080-load-small"];
const path = (name: string) => new URL(name, import.meta.url).pathname;
const deno = Deno.execPath();
const cli = ["run", "--allow-read", path("../../cli/main.ts")];

/** The goals of the project: how many times longer than the peer the program may take. */
const GOALS = [
  { ours: "stats", peer: "tcpflow", most: 1 },
  { ours: "stats", peer: "limit", most: 3 },
  { ours: "ndjson", peer: "tshark ek", most: 1 / 20 },
  { ours: "ndjson", peer: "tshark fields", most: 1 / 10 },
] as const;

/** Everything that runs on one capture. */
function contestants(
  capture: string,
  lua: string | null,
  scratch: string,
): Contestant[] {
  const tshark = ["-n", "-r", capture, ...(lua ? ["-X", `lua_script:${lua}`] : [])];
  const wanted = lua ? "iggy.command" : "tcp.stream";
  const flows = `${scratch}/flows`;
  return [
    {
      name: "limit",
      program: deno,
      args: ["run", "--allow-read", path("read_only.ts"), capture],
    },
    { name: "stats", program: deno, args: [...cli, "stats", capture] },
    { name: "ndjson", program: deno, args: [...cli, "dissect", "-T", "ndjson", capture] },
    {
      name: "tcpflow",
      program: "tcpflow",
      args: ["-r", capture, "-o", flows],
      after: () => Deno.remove(flows, { recursive: true }).catch(() => {}),
    },
    {
      name: "tshark fields",
      program: "tshark",
      args: [...tshark, "-T", "fields", "-e", wanted],
    },
    { name: "tshark ek", program: "tshark", args: [...tshark, "-T", "ek"] },
  ];
}

/** The exported Wireshark dissector, or null while there is none. */
async function exportLua(scratch: string): Promise<string | null> {
  const { code, stdout } = await run(deno, [...cli, "export", "lua"]);
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

/** Times, then ratios to the goals. */
function report(times: readonly Times[]): string {
  const rows = times.map(({ name, wall, first }) =>
    wall.length === 0 ? [name, "not there yet"] : [
      name,
      milliseconds(median(wall)),
      milliseconds(Math.min(...wall)),
      milliseconds(Math.max(...wall)),
      milliseconds(median(first)),
    ]
  );
  const goals = GOALS.map(({ ours, peer, most }) => {
    const find = (wanted: string) =>
      times.find(({ name }) => name === wanted) ?? { name: wanted, wall: [], first: [] };
    const value = ratio(find(ours), find(peer));
    const told = Number.isNaN(value) ? "–" : value.toFixed(3);
    const verdict = Number.isNaN(value) ? "" : value <= most ? "reached" : "missed";
    return [`${ours} / ${peer}`, told, `≤ ${most}`, verdict];
  });
  return [
    table([["program", "median ms", "least", "most", "first byte"], ...rows]),
    table([["ratio", "median", "goal", ""], ...goals]),
  ].join("\n\n");
}

if (import.meta.main) {
  const rounds = Number(Deno.args[0] ?? ROUNDS);
  const scratch = await Deno.makeTempDir({ prefix: "iggyscope-bench-" });
  try {
    const lua = await exportLua(scratch);
    if (lua === null) {
      console.log("No exported dissector yet: tshark runs without one, so it does less.");
    }
    for (const name of CAPTURES) {
      const capture = await decompress(name, scratch);
      const { size } = await Deno.stat(capture);
      console.log(`\n${name}: ${(size / 1e6).toFixed(0)} MB, ${rounds} rounds`);
      console.log(report(await measure(contestants(capture, lua, scratch), rounds)));
      await Deno.remove(capture);
    }
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}
