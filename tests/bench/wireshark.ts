/**
 * `deno run … tests/bench/wireshark.ts [ROUNDS] [PACKETS]`: tshark with the exported dissector
 * beside tshark without it, and with a draft that only frames, pairs and knows three commands
 * (`draft.lua`), on the load captures, as ratios of whole-process wall times. It tells and never
 * judges.
 *
 * @module
 */
import { exportLua } from "../../core/export/lua/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { type Contestant, measure, median, ratio, table } from "./measure.ts";

const ROUNDS = 5;
const CAPTURES = [
  "classic-080-load",
  "classic-080-load-small",
  "vsr-090e5-load-small",
];

/** What tshark is asked for: nothing, a line a packet, one field, whole trees. */
const OUTPUTS: Readonly<Record<string, readonly string[]>> = {
  nothing: ["-q"],
  summary: [],
  field: ["-T", "fields", "-e", "iggy.command"],
  tree: ["-V"],
  json: ["-T", "json"],
};
/** The field where no script declares the other. */
const NO_LUA: Readonly<Record<string, readonly string[]>> = {
  ...OUTPUTS,
  field: ["-T", "fields", "-e", "frame.number"],
};
const DRAFT = new URL("draft.lua", import.meta.url).pathname;

/** tshark without a script, with the draft and with the dissector, for each output. */
function contestants(capture: string, lua: string, packets: string | undefined) {
  const kinds = { without: null, draft: DRAFT, with: lua };
  return Object.keys(OUTPUTS).flatMap((name) =>
    Object.entries(kinds).map(([kind, script]): Contestant => {
      const output = (script === null ? NO_LUA : OUTPUTS)[name]!;
      const args = ["-n", "-r", capture, ...output, ...packets ? ["-c", packets] : []];
      if (script !== null) args.push("-X", `lua_script:${script}`);
      return { name: `${name} ${kind}`, program: "tshark", args };
    })
  );
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
        const [without, draft, withIt] = [of("without"), of("draft"), of("with")];
        return [
          output,
          ...[without, draft, withIt].map(({ wall }) => median(wall).toFixed(0)),
          ratio(withIt, without).toFixed(1),
          ratio(withIt, draft).toFixed(1),
        ];
      });
      console.log(`\n${name}, ${rounds} rounds`);
      console.log(
        table([[
          "output",
          "without, ms",
          "draft, ms",
          "with, ms",
          "ratio",
          "to the draft",
        ], ...rows]),
      );
      await Deno.remove(capture);
    }
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}
