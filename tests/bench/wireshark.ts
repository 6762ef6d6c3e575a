/**
 * `deno run … tests/bench/wireshark.ts [ROUNDS] [PACKETS]`: tshark with the exported dissector
 * beside tshark without it, on the load captures, as ratios of whole-process wall times. It
 * tells and never judges.
 *
 * @module
 */
import { exportLua, iggyRegistry } from "../../mod.ts";
import { type Contestant, measure, median, ratio, table } from "./measure.ts";

const ROUNDS = 5;
const CAPTURES = [
  "classic-080-load",
  "classic-080-load-small",
  "vsr-090e5-load-small",
];

/** What tshark is asked for: a line a packet, one field, whole trees. */
const OUTPUTS = {
  "summary": [],
  "field": ["-T", "fields", "-e", "frame.number"],
  "tree": ["-V"],
} as const;

/** tshark with and without the dissector, for each output. */
function contestants(capture: string, lua: string, packets: string | undefined) {
  return Object.entries(OUTPUTS).flatMap(([name, output]): Contestant[] => {
    const args = ["-n", "-r", capture, ...output, ...packets ? ["-c", packets] : []];
    return [
      { name: `${name} without`, program: "tshark", args },
      {
        name: `${name} with`,
        program: "tshark",
        args: ["-X", `lua_script:${lua}`, ...args],
      },
    ];
  });
}

async function decompress(name: string, scratch: string): Promise<string> {
  const capture = `${scratch}/${name}.pcap`;
  const url = new URL(`../../fixtures/captures/${name}.pcap.gz`, import.meta.url);
  const file = await Deno.open(url);
  const plain = file.readable.pipeThrough(new DecompressionStream("gzip"));
  await Deno.writeFile(capture, plain);
  return capture;
}

if (import.meta.main) {
  const rounds = Number(Deno.args[0] ?? ROUNDS);
  const scratch = await Deno.makeTempDir({ prefix: "iggyscope-bench-" });
  try {
    const lua = `${scratch}/iggy.lua`;
    await Deno.writeTextFile(lua, exportLua(iggyRegistry()));
    for (const name of CAPTURES) {
      const capture = await decompress(name, scratch);
      const times = await measure(contestants(capture, lua, Deno.args[1]), rounds);
      const rows = Object.keys(OUTPUTS).map((output) => {
        const of = (kind: string) =>
          times.find((one) => one.name === `${output} ${kind}`)!;
        const [without, withIt] = [of("without"), of("with")];
        return [
          output,
          median(without.wall).toFixed(0),
          median(withIt.wall).toFixed(0),
          ratio(withIt, without).toFixed(1),
        ];
      });
      console.log(`\n${name}, ${rounds} rounds`);
      console.log(table([["output", "without, ms", "with, ms", "ratio"], ...rows]));
      await Deno.remove(capture);
    }
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}
