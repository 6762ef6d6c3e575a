/**
 * `deno run --allow-read --allow-write --allow-run --allow-env tests/bench/growth.ts [MOST]`: the
 * capture of small packets once, four times, 16 and 64 times in one file, each copy an hour later
 * and between other addresses; CPU and peak memory of the program and of tcpflow. Time has to
 * grow with the file, and memory hardly. It tells and never judges.
 *
 * @module
 */
import { Copies } from "./copies.ts";
import { measure, median } from "./measure.ts";

const COPIES = [1, 4, 16, 64];
const MAIN = new URL("../../cli/main.ts", import.meta.url).pathname;
if (import.meta.main) {
  const most = Number(Deno.args[0] ?? 64);
  const scratch = await Deno.makeTempDir();
  try {
    const capture = `${scratch}/grown.pcap`;
    const grown = await Copies.create(capture);
    for (const copies of COPIES.filter((count) => count <= most)) {
      await grown.reach(copies);
      const flows = `${scratch}/flows`;
      const uses = [["stats"], ["dissect", "-T", "ndjson"], ["dissect"]];
      const times = await measure([
        ...uses.map((use) => ({
          name: use.at(-1)!,
          program: Deno.execPath(),
          args: ["run", "--allow-read", MAIN, ...use, capture],
        })),
        {
          name: "tcpflow",
          program: "tcpflow",
          args: ["-r", capture, "-o", flows],
          after: () => Deno.remove(flows, { recursive: true }).catch(() => {}),
        },
      ], 1);
      for (const { name, cpu = [], peak = [] } of times) {
        const seconds = (median(cpu) / 1000).toFixed(2);
        console.log(`${copies} × ${name}: ${seconds} s, ${median(peak).toFixed(0)} MiB`);
      }
    }
    grown.close();
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}
