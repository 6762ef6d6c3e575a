import { CaptureError } from "../core/capture/error.ts";
import type { CaptureSummary, ReadOptions } from "../core/capture/open.ts";
import { readCaptures } from "../core/capture/open.ts";
import type { Packet } from "../core/capture/packet.ts";
import { escapeText } from "../core/export/printable.ts";
import type { Issue } from "../core/issue.ts";
import { UsageError } from "./command.ts";
import { output, say } from "./output.ts";
import { Progress } from "./progress.ts";

const CUT = 4, INTERRUPTED = 130;

/** Different findings about the capture itself that are said; there may be one a packet. */
const MAX_SAID = 20;

/** Says findings that belong to no conversation on standard error, each once. */
export class Findings {
  readonly #said = new Set<string>();

  /** For `report` of readers and pipelines. */
  readonly report = ({ message, packet }: Issue): void => {
    if (this.#said.has(message) || this.#said.size > MAX_SAID) return;
    this.#said.add(message);
    if (this.#said.size > MAX_SAID) say("further findings suppressed");
    else say(escapeText(packet === null ? message : `packet ${packet}: ${message}`));
  };
}

/** How captures are read for a command. */
export interface Reading extends ReadOptions {
  packet(packet: Packet): void;
  report(issue: Issue): void;
  /** The end: everything still open is given out. */
  end(): void;
}

/**
 * Reads captures for a command, with progress on a terminal. Ctrl-C leaves whole lines and
 * exits with 130. Says in a line where a capture is cut; gives the exit code, and what each
 * capture proved to be.
 */
export async function readFor(
  sources: readonly string[],
  reading: Reading,
): Promise<{ code: number; summaries: CaptureSummary[] }> {
  const isLive = sources.includes("-") || reading.follow !== undefined;
  output.live = isLive || Deno.stdout.isTerminal() || !sources.every(isFile);
  const interrupt = () => {
    // What comes live ends here; in a file, more would have followed.
    if (isLive) reading.end();
    output.flush();
    Deno.exit(INTERRUPTED);
  };
  Deno.addSignalListener("SIGINT", interrupt);
  const progress = Progress.start(sources);
  const name = sources.length === 1 ? `${sourceName(sources[0]!)}: ` : "";
  const damages: Issue[] = [];
  try {
    const summaries = await readCaptures(
      sources,
      progress === null ? (packet) => reading.packet(packet) : (packet) => {
        reading.packet(packet);
        progress.note(packet);
      },
      (issue) => damages.push(issue),
      reading,
    );
    reading.end();
    output.flush();
    progress?.clear();
    for (const issue of damages) {
      reading.report({ ...issue, message: `${name}${issue.message}` });
    }
    return { code: summaries.some(({ cut }) => cut) ? CUT : 0, summaries };
  } finally {
    progress?.clear();
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}

/** Does the work for each file by itself; one that cannot be read does not stop the others. */
export async function forEachFile(
  files: readonly string[],
  work: (file: string) => Promise<number>,
): Promise<number> {
  let code = 0;
  for (const file of files) {
    try {
      code = Math.max(code, await work(file));
    } catch (error) {
      if (!(error instanceof CaptureError) || files.length === 1) throw error;
      output.flush();
      say(escapeText(error.message));
      code = Math.max(code, 3);
    }
  }
  return code;
}

/** The files named, or standard input where it is not a terminal. */
export function sourcesOf(operands: readonly string[]): readonly string[] {
  if (operands.filter((source) => source === "-").length > 1) {
    throw new UsageError("- can be read only once");
  }
  if (operands.length > 0) return operands;
  if (Deno.stdin.isTerminal()) {
    throw new UsageError("no FILE is named and standard input is a terminal");
  }
  return ["-"];
}

/** Whether reading it never waits for another program. */
function isFile(source: string): boolean {
  try {
    return Deno.statSync(source).isFile;
  } catch {
    return false;
  }
}

function sourceName(source: string): string {
  return source === "-" ? "standard input" : source;
}
