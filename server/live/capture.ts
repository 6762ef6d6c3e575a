import { readCapture } from "../../core/capture/mod.ts";
import { Pipeline } from "../../core/dissect/pipeline.ts";
import type { Registry } from "../../core/dissect/registry.ts";
import type { Log } from "../log.ts";
import type { LiveFeed } from "./feed.ts";

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
  readonly registry: Registry;
  readonly log: Log;
  /** Ports taken for Iggy's, besides those of the framings. */
  readonly decodeAs?: readonly number[];
}

/** Programs that capture, in the order they are tried, with what makes them write to us. */
const PROGRAMS: readonly (readonly [string, (device: string) => string[]])[] = [
  ["dumpcap", (device) => ["-q", "-i", device, "-f", "tcp", "-w", "-"]],
  ["tcpdump", (device) => ["-i", device, "-U", "-s", "0", "-w", "-", "tcp"]],
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
  child.stderr.pipeTo(new WritableStream()).catch(() => {
    // It ended.
  });
  const done = dissectLive(child.stdout, device, context);
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

async function dissectLive(
  source: string | ReadableStream<Uint8Array>,
  name: string,
  { feed, registry, log, decodeAs }: SourceContext,
): Promise<void> {
  const pipeline = new Pipeline(registry, (transaction) => feed.add(transaction), {
    decodeAs,
  });
  try {
    await readCapture(source, (packet) => pipeline.push(packet), () => {});
    log("info", "live source ended", { source: name });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    log("error", "live source failed", { source: name, detail });
  }
  pipeline.end();
  feed.notice("ended", `Nothing more comes from ${name}.`);
}
