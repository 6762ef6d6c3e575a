/**
 * Captures in pieces, as rings and rotations leave them, for the tests of Spark.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Packet } from "../../core/capture/packet.ts";
import { PcapngWriter } from "../../core/capture/writer.ts";
import type { Random } from "../../core/schema/mod.ts";
import { fixture } from "../cli/support.ts";
import { packetsOf } from "../support/packets.ts";
import { run } from "../support/peer.ts";

/** Writes packets as a capture. */
export async function writePackets(
  path: string,
  packets: readonly Packet[],
): Promise<void> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const writer = new PcapngWriter((bytes) => parts.push(bytes.slice()));
  const interfaces = new Map<number, number>();
  for (const packet of packets) {
    let index = interfaces.get(packet.linktype);
    if (index === undefined) {
      index = writer.addInterface(packet.linktype);
      interfaces.set(packet.linktype, index);
    }
    const { seconds, nanos, bytes, originalLength } = packet;
    writer.write({ seconds, nanos, bytes, originalLength, interface: index });
  }
  await Deno.writeFile(path, new Uint8Array(await new Blob(parts).arrayBuffer()));
}

/** Writes what one run on a capture gives, as Arrow. */
export async function writeWhole(
  command: readonly string[],
  capture: string,
  place: string,
): Promise<string[]> {
  const keys = capture.replace(/(\.plain)?\.pcap(ng)?(\.gz)?$/, ".keys");
  const sealed = await Deno.stat(keys).then(() => true, () => false);
  const args = sealed ? ["--keylog", keys] : [];
  const whole = await run(command[0]!, [
    ...command.slice(1),
    "-T",
    "arrow",
    ...args,
    capture,
  ]);
  assertEquals([whole.code === 0 || whole.code === 4], [true], whole.stderr);
  await Deno.writeFile(`${place}/whole.arrow`, whole.stdout);
  await Deno.writeTextFile(`${place}/arguments.json`, JSON.stringify(args));
  return args;
}

/** Cuts a capture into so many pieces at random; notes how many packets stand before each. */
export async function writePieces(
  name: string,
  place: string,
  pieces: number,
  random: Random,
): Promise<void> {
  await Deno.mkdir(`${place}/pieces`);
  const packets = await packetsOf(name);
  const cuts = Array.from({ length: pieces - 1 }, () => random.below(packets.length + 1));
  const ends = [...cuts, packets.length].sort((one, other) => one - other);
  const before: Record<string, number> = {};
  let first = 0;
  for (const [i, end] of ends.entries()) {
    const piece = `piece-${i}.pcapng`;
    await writePackets(`${place}/pieces/${piece}`, packets.slice(first, end));
    before[piece] = first;
    first = end;
  }
  await Deno.writeTextFile(`${place}/pieces.json`, JSON.stringify(before));
}

/** A shipped capture in a folder of its own: the whole and its pieces. */
export async function preparePieces(
  command: readonly string[],
  name: string,
  folder: string,
  random: Random,
): Promise<void> {
  const place = `${folder}/${name}`;
  await Deno.mkdir(place, { recursive: true });
  await writeWhole(command, fixture(name), place);
  await writePieces(name, place, 3, random);
}

/** The command that kills the worker which calls it, once for each kind of work. */
const DEADLY = (command: readonly string[], folder: string) =>
  `#!/bin/sh
if grep -q pyspark /proc/$PPID/cmdline && mkdir "${folder}/died-$1" 2>/dev/null; then
  kill -9 $PPID
  exit 1
fi
exec ${command.join(" ")} "$@"
`;

/**
 * The command that kills the executor whose worker calls it, with rows on their way, once for
 * each kind of work: the first Java among its ancestors.
 */
const DEADLY_TO_EXECUTOR = (command: readonly string[], folder: string) =>
  `#!/bin/sh
above=$PPID
while [ "$above" -gt 1 ] && [ "$(cat /proc/$above/comm)" != java ]; do
  above=$(sed 's/.*) . //' /proc/$above/stat | cut -d' ' -f1)
done
if tr '\\0' ' ' </proc/$above/cmdline | grep -q -e --executor-id &&
  mkdir "${folder}/died-$1" 2>/dev/null; then
  ${command.join(" ")} "$@" | head -c 4096
  kill -9 $above
  exit 1
fi
exec ${command.join(" ")} "$@"
`;

/** A capture in pieces, and the command that executors die of. */
export async function prepareDyingExecutor(
  command: readonly string[],
  name: string,
  folder: string,
  random: Random,
): Promise<void> {
  await writeWhole(command, fixture(name), folder);
  await writePieces(name, folder, 2, random);
  const script = DEADLY_TO_EXECUTOR(command, folder);
  await Deno.writeTextFile(`${folder}/deadly`, script, { mode: 0o755 });
}

/** Seconds by which the clock of the second host is ahead. */
const AHEAD = 3;

/**
 * A folder with copies, overlaps, and files that are cut or foreign, and one with the same
 * packets as two hosts saw them, each of which lost some.
 */
export async function prepareBadInput(
  command: readonly string[],
  name: string,
  folder: string,
): Promise<void> {
  await writeWhole(command, fixture(name), folder);
  const packets = await packetsOf(name);
  const numbers: Record<string, number[]> = {};
  const write = async (path: string, chosen: readonly Packet[]) => {
    await writePackets(`${folder}/${path}`, chosen);
    numbers[path.split("/")[1]!] = chosen.map(({ number }) => number);
  };
  await Deno.mkdir(`${folder}/mixed`);
  const cut = Math.floor(packets.length / 2);
  await write("mixed/one.pcapng", packets.slice(0, cut));
  await write("mixed/two.pcapng", packets.slice(cut));
  await write("mixed/a-copy.pcapng", packets.slice(cut));
  await write("mixed/an-overlap.pcapng", packets.slice(cut - 40, cut + 40));
  await write("mixed/cut.pcapng", packets.slice(0, 30));
  await Deno.truncate(`${folder}/mixed/cut.pcapng`, 2000);
  await Deno.writeTextFile(`${folder}/mixed/foreign.pcap`, "no capture at all");
  await Deno.writeTextFile(`${folder}/mixed/notes.txt`, "not asked");
  await Deno.mkdir(`${folder}/hosts`);
  await write("hosts/left.pcapng", packets.filter((_, i) => i % 7 !== 3));
  // The other host has no link layer, and a clock that is ahead.
  const raw = packets.map((packet) => ({
    ...packet,
    seconds: packet.seconds + AHEAD,
    bytes: packet.bytes.slice(14),
    originalLength: packet.originalLength - 14,
    linktype: 101,
  }));
  await write("hosts/right.pcapng", raw.filter((_, i) => i % 7 !== 5));
  await Deno.writeTextFile(`${folder}/numbers.json`, JSON.stringify(numbers));
  await Deno.writeTextFile(`${folder}/deadly`, DEADLY(command, folder), { mode: 0o755 });
}
