/**
 * Other programs that tests compare against: tshark, tcpflow, lua and the like. Where one is
 * absent the test is skipped aloud on a user's machine and fails in CI (`CI` in the
 * environment), so that a green CI has run them all.
 *
 * @module
 */
import { assert } from "@std/assert";

/** What a finished program left. */
export interface Finished {
  readonly code: number;
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly stderr: string;
}

/** How to run a program. */
export interface RunOptions {
  readonly stdin?: Uint8Array<ArrayBuffer>;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** Path of a program in `PATH`, or null. */
export function findProgram(name: string): string | null {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = `${folder || "."}/${name}`;
    try {
      const { isFile, mode } = Deno.statSync(path);
      if (isFile && ((mode ?? 0) & 0o111) !== 0) return path;
    } catch {
      // not in this folder
    }
  }
  return null;
}

/** Tells of a missing peer: an error in CI, else a line; always gives false. */
export function missingPeer(name: string): false {
  assert(!Deno.env.get("CI"), `${name} is missing, and CI must run every peer test`);
  console.warn(`SKIPPED: this test needs ${name}, which is not on this machine`);
  return false;
}

/**
 * Whether the program is there. The first line of a peer test:
 * `if (!requirePeer("tcpflow")) return;`
 */
export function requirePeer(name: string): boolean {
  return findProgram(name) !== null || missingPeer(name);
}

/** Runs a program to its end, in UTC and with plain output. */
export async function run(
  program: string,
  args: readonly string[],
  { stdin, cwd, env }: RunOptions = {},
): Promise<Finished> {
  const child = new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { TZ: "UTC", LC_ALL: "C.UTF-8", NO_COLOR: "1", ...env },
    stdin: stdin ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [{ code, stdout, stderr }] = await Promise.all([
    child.output(),
    stdin && new Blob([stdin]).stream().pipeTo(child.stdin).catch(() => {
      // a program may stop reading early; its exit code tells whether that was right
    }),
  ]);
  return { code, stdout, stderr: new TextDecoder().decode(stderr) };
}
