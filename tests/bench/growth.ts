/**
 * `deno run --allow-read --allow-write --allow-run --allow-env tests/bench/growth.ts [MOST]`: the
 * capture of small packets once, four times, 16 and 64 times in one file, each copy an hour later
 * and between other addresses; CPU and peak memory of the program and of tcpflow. Time has to
 * grow with the file, and memory hardly. It tells and never judges.
 *
 * @module
 */
import { measure, median } from "./measure.ts";

const COPIES = [1, 4, 16, 64];
const SMALL = "../../fixtures/captures/classic-080-load-small.pcap.gz";
const MAIN = new URL("../../cli/main.ts", import.meta.url).pathname;
/** Of a pcap file and of each record; where Ethernet and IPv4 have the client's address. */
const FILE_HEADER = 24, RECORD_HEADER = 16, SOURCE = 14 + 12, DESTINATION = SOURCE + 4;
const HOUR = 3600;

async function decompressed(): Promise<Uint8Array> {
  const file = await Deno.open(new URL(SMALL, import.meta.url));
  const stream = file.readable.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Makes the next copy in place: an hour later, and on addresses nobody had before. */
function moveOn(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer);
  for (let at = FILE_HEADER; at < bytes.length;) {
    view.setUint32(at, view.getUint32(at, true) + HOUR, true);
    for (const address of [SOURCE, DESTINATION]) {
      bytes[at + RECORD_HEADER + address + 2]! += 1;
    }
    at += RECORD_HEADER + view.getUint32(at + 8, true);
  }
}

if (import.meta.main) {
  const most = Number(Deno.args[0] ?? 64);
  const scratch = await Deno.makeTempDir();
  try {
    const bytes = await decompressed();
    const capture = `${scratch}/grown.pcap`;
    const file = await Deno.open(capture, { write: true, create: true });
    await file.write(bytes.subarray(0, FILE_HEADER));
    let written = 0;
    for (const copies of COPIES.filter((count) => count <= most)) {
      for (; written < copies; written++) {
        const writer = bytes.subarray(FILE_HEADER);
        for (let at = 0; at < writer.length;) at += await file.write(writer.subarray(at));
        moveOn(bytes);
      }
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
    file.close();
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}
