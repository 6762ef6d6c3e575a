import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readCaptures } from "../../core/capture/mod.ts";
import { run } from "../support/peer.ts";
import { requireTshark } from "../support/tshark.ts";
import { cli, fixture, MAIN, withFolder, writingCli } from "./support.ts";

/**
 * Records without what renumbering changes, in the order of their first packets: where those
 * that were not picked are missing, a pair may wait for what proves it.
 */
function contents(ndjson: string): unknown[] {
  const first = ({ request, response }: Record<string, { time: string } | null>) =>
    request?.time ?? response!.time;
  return ndjson.trimEnd().split("\n").map((line) => JSON.parse(line))
    .sort((a, b) => first(a) < first(b) ? -1 : 1)
    .map(({ command, request, response }) => [
      command,
      request?.fields,
      request?.time,
      response?.fields,
      response?.time,
      response?.status,
    ]);
}

for (const name of ["classic-080-mtu1500.pcapng", "vsr-090e5-all.pcap"]) {
  Deno.test(`the packets -w picks of ${name} hold the transactions it chose`, async () => {
    await withFolder(async (folder) => {
      const filter = ["-Y", 'iggy.command matches "messages$|^login"'];
      const file = `${folder}/chosen.pcapng`;
      const { code, stdout, stderr } = await writingCli(folder, [
        ...filter,
        "-w",
        file,
        fixture(name),
      ]);
      assertEquals([code, stdout], [0, ""]);
      assertStringIncludes(stderr, `transactions are in ${file}`);
      const whole = await cli([...filter, "-T", "ndjson", fixture(name)]);
      const part = await cli([...filter, "-T", "ndjson", file]);
      assertEquals(contents(part.stdout), contents(whole.stdout));
    });
  });
}

Deno.test("-w - writes to standard output what it writes to a file", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/failed.pcapng`;
    const args = ["-Y", "iggy.failed", "-w"];
    const capture = fixture("classic-080-all.pcap");
    await writingCli(folder, [...args, file, capture]);
    const permissions = ["--no-prompt", "--allow-read"];
    const { code, stdout, stderr } = await run(
      Deno.execPath(),
      ["run", ...permissions, MAIN, ...args, "-", capture],
    );
    assertEquals(code, 0);
    assertStringIncludes(stderr, "transactions are in standard output");
    assertEquals(stdout, Deno.readFileSync(file));
  });
});

Deno.test("-w keeps times and bytes, and names transactions in comments", async () => {
  await withFolder(async (folder) => {
    const capture = fixture("classic-080-all.pcap");
    const file = `${folder}/errors.pcapng`;
    await writingCli(folder, ["-Y", "iggy.status != 0", "-w", file, capture]);
    const packets = async (path: string) => {
      const found: string[] = [];
      await readCaptures([path], ({ seconds, nanos, bytes, start, end }) => {
        found.push(`${seconds}.${nanos} ${bytes.subarray(start, end).toHex()}`);
      }, () => {});
      return found;
    };
    const [all, chosen] = [await packets(capture), await packets(file)];
    assert(chosen.length > 0 && chosen.length < all.length);
    assertEquals(chosen, all.filter((packet) => chosen.includes(packet)));
    const tshark = await requireTshark();
    if (tshark === null) return;
    const args = ["-T", "fields", "-e", "frame.comment"];
    const { stdout } = await tshark.run({ capture: file, args });
    const comments = new TextDecoder().decode(stdout).split("\n").filter(Boolean);
    assertEquals(
      comments[0],
      "transaction 1: login_user username=iggy → invalid_credentials (42)",
    );
    assertEquals(comments.length, 11);
  });
});

Deno.test("-w says in a line what it cannot do", async () => {
  await withFolder(async (folder) => {
    const capture = fixture("classic-080-all.pcap");
    const copy = `${folder}/copy.pcap`;
    await Deno.copyFile(capture, copy);
    const denied = await cli(["-w", `${folder}/x.pcapng`, capture]);
    const rows = [
      [denied, "-w needs permission to write: deno run --allow-write="],
      [await writingCli(folder, ["-w", `${folder}/x`, "-"]), "standard input"],
      [await writingCli(folder, ["-w", copy, copy]), "would overwrite"],
      [await writingCli(folder, ["-w", `${folder}/x`, "--follow", capture]), "--follow"],
    ] as const;
    for (const [{ code, stdout, stderr }, message] of rows) {
      assertEquals([code, stdout], [2, ""]);
      assertStringIncludes(stderr, message);
      assertEquals(stderr.split("\n").length, 2);
    }
    assertEquals((await Deno.stat(copy)).size, (await Deno.stat(capture)).size);
  });
});
