import { readCapture } from "../../core/capture/mod.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Log } from "../log.ts";
import type { LiveFeed } from "./feed.ts";
import type { Recorder } from "./recorder.ts";

/** Where live traffic comes from, and an end to it. */
export interface LiveSource {
  /** As the user named it. */
  readonly name: string;
  /** Resolves when nothing more comes. */
  readonly done: Promise<void>;
  stop(): void;
}

/** What a source works with. */
export interface SourceContext {
  readonly feed: LiveFeed;
  readonly recorder: Recorder;
  readonly registry: Registry;
  readonly log: Log;
  /** Ports taken for Iggy's, besides those of the framings. */
  readonly decodeAs?: readonly number[];
}

/** Characters kept of what a capture program says. */
const MAX_SAID = 4096;

/** Programs that capture, in the order they are tried, with what makes them write to us. */
const PROGRAMS: readonly (readonly [string, (device: string) => string[]])[] = [
  ["dumpcap", (device) => ["-q", "-B", "64", "-i", device, "-f", "tcp", "-w", "-"]],
  ["tcpdump", (device) => [
    ...["-i", device, "-B", "65536", "--immediate-mode", "-U", "-s", "0", "-w", "-"],
    "tcp",
  ]],
];

/**
 * Live traffic of an interface, or of a capture on standard input for `-`. Throws an `Error`
 * with a line for the user where no program can be started.
 */
export function captureLive(device: string, context: SourceContext): LiveSource {
  if (device === "-") {
    return { name: "-", done: dissectLive("-", "-", context), stop: () => {} };
  }
  const child = startProgram(device);
  const done = dissectLive(child.stdout, device, context, endOf(child));
  return {
    name: device,
    done,
    stop() {
      try {
        child.kill("SIGTERM");
      } catch {
        // It ended already.
      }
    },
  };
}

function startProgram(device: string): Deno.ChildProcess {
  if (device.startsWith("-")) throw new Error(`--live: "${device}" is no interface`);
  const refused: string[] = [];
  for (const [program, args] of PROGRAMS) {
    try {
      return new Deno.Command(program, {
        args: args(device),
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    } catch (error) {
      const isMissing = error instanceof Deno.errors.NotFound;
      refused.push(`${program} ${isMissing ? "is not there" : "may not be run"}`);
    }
  }
  throw new Error(
    `--live: ${refused.join(", ")}; install one and run with --allow-run=dumpcap`,
  );
}

/** What a capture program says of packets it lost: dumpcap's line, and tcpdump's. */
const DROPPED =
  /received\/dropped on interface .*?: \d+\/(\d+)|(\d+) packets dropped by/g;

/**
 * Packets that a capture program says it lost, in all.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * assertEquals(droppedOf("12 packets captured\n7 packets dropped by kernel\n"), 7);
 * ```
 */
export function droppedOf(said: string): number {
  return said.matchAll(DROPPED)
    .reduce((sum, [, one, other]) => sum + Number(one ?? other), 0);
}

/** What a capture program said when it ended. */
interface End {
  /** Why it failed, in its own words; null where it did not. */
  readonly failure: string | null;
  /** Packets that it lost: dumpcap and tcpdump tell at their end only. */
  readonly dropped: number;
}

async function endOf(child: Deno.ChildProcess): Promise<End> {
  const said = (await new Response(child.stderr).text()).slice(-MAX_SAID);
  const dropped = droppedOf(said);
  const { code, signal } = await child.status;
  if (code === 0 || signal !== null) return { failure: null, dropped };
  return { failure: failureIn(said) ?? `exit code ${code}`, dropped };
}

/** The line that tells most of a failure; null where nothing was said. */
function failureIn(said: string): string | null {
  const lines = said.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.find((line) => /permission|no such|error|can't|cannot|fail/i.test(line)) ??
    lines.at(-1) ?? null;
}

async function dissectLive(
  source: string | ReadableStream<Uint8Array>,
  name: string,
  { feed, recorder, registry, log, decodeAs }: SourceContext,
  end: Promise<End> = Promise.resolve({ failure: null, dropped: 0 }),
): Promise<void> {
  const pipeline = new Pipeline(registry, (transaction) => feed.add(transaction), {
    decodeAs,
    analysis: false,
  });
  let reason: string | null = null;
  try {
    await readCapture(source, (packet) => {
      recorder.packet(packet);
      pipeline.push(packet);
    }, () => {});
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  pipeline.end();
  const { failure, dropped } = await end;
  feed.dropped += dropped;
  // The program that captures knows better than the bytes it did not write.
  reason = failure ?? reason;
  const lost = dropped === 0 ? "" : `; ${dropped} packets were lost before`;
  if (reason === null) {
    log("info", "live source ended", { source: name, dropped });
    return feed.notice("ended", `Nothing more comes from ${name}${lost}.`);
  }
  log("error", "live source failed", { source: name, dropped, detail: reason });
  feed.notice("failed", `${name}: ${reason}${lost}`);
}
