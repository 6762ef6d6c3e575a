/**
 * Times and memory of whole processes, taken in rounds: each round runs every contestant once, so a
 * ratio compares two runs of the same moment and a slow minute of the machine hits both.
 *
 * @module
 */

/** One program under the clock. */
export interface Contestant {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Clears what a run leaves, outside the clock. */
  readonly after?: () => Promise<void>;
}

/** Times of one contestant, one per round, in milliseconds. */
export interface Times {
  readonly name: string;
  /** Whole process, start to end; empty if it could not be run. */
  readonly wall: readonly number[];
  /** Until its first byte of output. */
  readonly first: readonly number[];
  /** Processor time, its own and the system's; empty where GNU time is not there. */
  readonly cpu?: readonly number[];
  /** Most memory it had, in MiB; empty as `cpu`. */
  readonly peak?: readonly number[];
}

/** What of a run is compared. */
export type Figure = "wall" | "cpu";

/** The middle value, NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length - 1 - middle], sorted[middle]];
  return low === undefined || high === undefined ? NaN : (low + high) / 2;
}

/** Median over the rounds of how many times longer `a` took than `b`. */
export function ratio(a: Times, b: Times, figure: Figure = "wall"): number {
  return median((a[figure] ?? []).flatMap((time, round) => {
    const other = b[figure]?.[round];
    return other === undefined ? [] : [time / other];
  }));
}

/** Runs all contestants `rounds` times in turn, after one round that only warms the caches. */
export async function measure(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Times[]> {
  const times = contestants.map(({ name }) => ({
    name,
    wall: new Array<number>(),
    first: new Array<number>(),
    cpu: new Array<number>(),
    peak: new Array<number>(),
  }));
  const broken = new Set<Contestant>();
  for (let round = -1; round < rounds; round++) {
    for (const [index, contestant] of contestants.entries()) {
      if (broken.has(contestant)) continue;
      const result = await time(contestant);
      await contestant.after?.();
      if (result === null) {
        broken.add(contestant);
      } else if (round >= 0) {
        const { wall, first, cpu, peak } = times[index]!;
        wall.push(result.wall);
        first.push(result.first);
        if (result.used !== null) {
          cpu.push(result.used.cpu);
          peak.push(result.used.peak);
        }
      }
    }
  }
  return times;
}

/** GNU time, which tells what a process used. */
const GNU_TIME = "/usr/bin/time";

interface Run {
  readonly wall: number;
  readonly first: number;
  readonly used: { readonly cpu: number; readonly peak: number } | null;
}

/** One run; null if the program is absent or ends with an error. */
async function time({ program, args }: Contestant): Promise<Run | null> {
  if (!await isFile(GNU_TIME)) return await timePlain(program, args);
  const told = await Deno.makeTempFile({ prefix: "iggyscope-bench-" });
  try {
    const format = ["-q", "-f", "%U %S %M", "-o", told, program];
    const run = await timePlain(GNU_TIME, [...format, ...args]);
    const [user, system, kilobytes] = (await Deno.readTextFile(told)).split(" ").map(
      Number,
    );
    if (run === null || kilobytes === undefined) return run;
    const cpu = ((user ?? NaN) + (system ?? NaN)) * 1000;
    return { ...run, used: { cpu, peak: kilobytes / 1024 } };
  } finally {
    await Deno.remove(told);
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

async function timePlain(program: string, args: readonly string[]): Promise<Run | null> {
  const start = performance.now();
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  let first = NaN;
  const buffer = new Uint8Array(1024 * 1024);
  const reader = child.stdout.getReader({ mode: "byob" });
  for (let view = buffer;;) {
    const { value, done } = await reader.read(view);
    if (Number.isNaN(first)) first = performance.now() - start;
    if (done) break;
    view = new Uint8Array(value.buffer);
  }
  const { success } = await child.status;
  return success ? { wall: performance.now() - start, first, used: null } : null;
}

/** Columns of text, the first to the left and the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length));
  }
  return rows.map((row) =>
    row.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)
    ).join("  ").trimEnd()
  ).join("\n");
}
