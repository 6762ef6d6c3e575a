/**
 * The exported dissector in tshark, and what it says beside what we say.
 *
 * @module
 */
import type { Registry } from "../../core/dissect/registry.ts";
import type { Transaction } from "../../core/dissect/transaction.ts";
import { exportLua } from "../../core/export/lua/mod.ts";
import { iggyRegistry } from "../../plugins/iggy.ts";
import { assert, assertEquals } from "./assert.ts";
import { luaKinds, ourLines, type PduLines, theirLines } from "./lua_view.ts";
import { pdmlPdus } from "./pdml.ts";
import type { Tshark } from "./tshark.ts";

/** An exported dissector, in a file of its own. */
export class LuaPeer {
  readonly registry: Registry;
  /** The text of the file. */
  readonly lua: string;
  readonly #kinds: ReadonlyMap<string, string>;
  readonly #path: string;

  constructor(registry = iggyRegistry()) {
    this.registry = registry;
    this.lua = exportLua(registry, { version: "test" });
    this.#kinds = luaKinds(this.lua);
    this.#path = Deno.makeTempFileSync({ suffix: ".lua" });
    Deno.writeTextFileSync(this.#path, this.lua);
  }

  /** Removes the file. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.#path);
  }

  /** Runs tshark with the dissector; fails where Lua does. Gives standard output. */
  async run(
    tshark: Tshark,
    capture: string,
    args: readonly string[],
    keys?: string,
  ): Promise<string> {
    const text = new TextDecoder().decode(await this.bytes(tshark, capture, args, keys));
    assertEquals(/Lua Error.{0,200}|Dissector bug.{0,200}/.exec(text)?.[0], undefined);
    return text;
  }

  /** As {@link run}, with standard output as it comes. */
  async bytes(
    tshark: Tshark,
    capture: string,
    args: readonly string[],
    keys?: string,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { stdout, stderr } = await tshark.run({ capture, lua: this.#path, args, keys });
    const complaints = stderr.split("\n").filter((line) =>
      line !== "" &&
      !/^Running as user|cut short in the middle|damaged or corrupt/.test(line)
    );
    assertEquals(complaints, []);
    return stdout;
  }

  /** The PDUs that tshark finds, by packet. */
  async pdus(
    tshark: Tshark,
    capture: string,
    args: readonly string[] = [],
    keys?: string,
  ): Promise<Map<number, PduLines[]>> {
    const all = ["-T", "pdml", "-J", "iggy", ...args];
    const text = await this.run(tshark, capture, all, keys);
    return theirLines(pdmlPdus(text), this.#kinds);
  }

  /** Compares PDU by PDU; packets that `skip` names may differ. */
  compare(
    transactions: readonly Transaction[],
    theirs: ReadonlyMap<number, PduLines[]>,
    skip: ReadonlySet<number> = new Set(),
  ): void {
    const ours = ourLines(transactions);
    const packets = new Set([...ours.keys(), ...theirs.keys()]);
    for (const packet of [...packets].sort((a, b) => a - b)) {
      if (skip.has(packet)) continue;
      samePdus(theirs.get(packet), ours.get(packet), packet);
    }
  }
}

/**
 * Fails where tshark shows a request, or a response with its request, that is not ours; gives
 * how many it shows of ours.
 */
export function comparePartly(
  transactions: readonly Transaction[],
  theirs: ReadonlyMap<number, PduLines[]>,
): { shown: number; all: number } {
  const ours = ourLines(transactions);
  let shown = 0;
  for (const [packet, pdus] of theirs) {
    const known = new Set((ours.get(packet) ?? []).map((lines) => lines.join("\n")));
    for (const lines of pdus) {
      const isPaired = lines.some((line) => line.startsWith("iggy.request_in="));
      if (lines[0]!.endsWith("response") && !isPaired) continue;
      assert(known.has(lines.join("\n")), lines.slice(0, 12).join("\n"));
      shown++;
    }
  }
  return { shown, all: [...ours.values()].flat().length };
}

/** Fails with the PDUs of one packet where they differ. */
export function samePdus(
  theirs: readonly PduLines[] | undefined,
  ours: readonly PduLines[] | undefined,
  packet: number,
): void {
  assertEquals(sorted(theirs), sorted(ours), `packet ${packet}`);
}

/** PDUs of one packet in an order of their own: answers may overtake each other. */
function sorted(pdus: readonly PduLines[] = []): PduLines[] {
  return pdus.toSorted((a, b) => a.join("\n") < b.join("\n") ? -1 : 1);
}

/** The packets of these TCP conversations, by `tcp.stream`. */
export async function packetsIn(
  tshark: Tshark,
  capture: string,
  streams: readonly number[],
): Promise<Set<number>> {
  if (streams.length === 0) return new Set();
  const filter = `tcp.stream in {${streams.join(", ")}}`;
  const args = ["-Y", filter, "-T", "fields", "-e", "frame.number"];
  const { stdout } = await tshark.run({ capture, args });
  return new Set(new TextDecoder().decode(stdout).trim().split("\n").map(Number));
}
