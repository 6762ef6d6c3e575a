/**
 * The program on a terminal: colours, the progress bar, and neither where they do not belong.
 * `script` of util-linux gives it one.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { requirePeer, run } from "../support/peer.ts";
import { fixture, MAIN } from "./support.ts";

/** What a terminal shows of a shell command with `iggyscope` in it. */
async function shown(command: string): Promise<string> {
  const program = `${Deno.execPath()} run --no-prompt --allow-read ${MAIN}`;
  const { stdout } = await run("script", [
    "-qec",
    command.replace("iggyscope", program),
    "/dev/null",
  ]);
  return new TextDecoder().decode(stdout);
}

/** Whether red, as for errors, is among the colours. */
const isRed = (text: string) => text.includes("\x1b[31m");

Deno.test("a terminal gets colours, unless NO_COLOR is set", async () => {
  if (await requirePeer("script") === null) return;
  const command = `iggyscope ${fixture("classic-080-all.pcap")}`;
  assert(isRed(await shown(`env -u NO_COLOR ${command}`)));
  const plain = await shown(`env NO_COLOR=1 ${command}`);
  assert(!plain.includes("\x1b["), plain.slice(0, 200));
  assertMatch(plain, /ping/);
  assert(isRed(await shown(`env NO_COLOR=1 ${command} --color always`)));
});

Deno.test("long work shows where it is on a terminal, and cleans up behind it", async () => {
  if (await requirePeer("script") === null) return;
  const capture = fixture("classic-080-load.pcap.gz");
  const seen = await shown(`iggyscope -T ndjson ${capture} ${capture} >/dev/null`);
  assertMatch(seen, /\d+ packets, \d+M/);
  assertEquals(seen.slice(seen.lastIndexOf("\r")), "\r\x1b[K");
  const quick = await shown(`iggyscope ${fixture("classic-080-go.pcap")} >/dev/null`);
  assertEquals(quick, "");
});
