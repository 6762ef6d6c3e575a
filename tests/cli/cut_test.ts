import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { PcapWriter, readCaptures } from "../../core/capture/mod.ts";
import { cli, fixture, withFolder } from "./support.ts";

const SNAPLEN = 150;
/** A row of bytes, as `-x` prints it. */
const ROW = /^ {4}[0-9a-f]{4} {2}/;

Deno.test("-V -x prints the bytes that were captured, and how many were not", async () => {
  await withFolder(async (folder) => {
    const parts: Uint8Array[] = [];
    const writer = new PcapWriter((bytes) => parts.push(bytes));
    await readCaptures([fixture("classic-080-groups.pcap")], (packet) => {
      const { seconds, nanos, bytes, start, end, originalLength } = packet;
      const cut = bytes.slice(start, Math.min(end, start + SNAPLEN));
      writer.write(seconds, nanos, cut, originalLength);
    }, () => {});
    const path = `${folder}/cut.pcap`;
    await Deno.writeFile(path, await new Blob(parts as BlobPart[]).bytes());
    const { stdout } = await cli(["-V", "-x", path]);
    const blocks = stdout.split("\n\n").filter((text) => text.includes("captured"));
    assert(blocks.length > 10);
    for (const block of blocks) {
      const [heading, captured, length] = /bytes, (\d+) of (\d+) bytes captured\n/
        .exec(block)!;
      assert(Number(captured) < Number(length));
      const after = block.slice(block.indexOf(heading) + heading.length).split("\n");
      const rows = after.slice(0, after.findIndex((row) => !ROW.test(row)));
      const pairs = rows.flatMap((row) => row.slice(10, 59).match(/[0-9a-f*]{2}/g) ?? []);
      assertEquals(pairs.length, Number(captured));
      assertStringIncludes(block, ` of ${length} bytes are missing`);
    }
  });
});
