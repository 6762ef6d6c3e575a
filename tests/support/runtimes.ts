/**
 * The runtimes of JavaScript besides Deno, as npm packages in a folder that `.ci/run` makes;
 * `IGGYSCOPE_RUNTIMES` names another.
 *
 * @module
 */
import { missingPeer } from "./peer.ts";

/** A runtime: its name and its program. */
export interface Runtime {
  readonly name: string;
  readonly path: string;
}

/** The folder whose `node_modules` has the runtimes, and libraries that peers need. */
export function runtimesFolder(): string {
  return Deno.env.get("IGGYSCOPE_RUNTIMES") ??
    `${Deno.env.get("HOME")}/.cache/iggyscope/runtimes`;
}

const PROGRAMS = [
  ["Node 22", "node22/bin/node"],
  ["Node 24", "node24/bin/node"],
  ["Bun", "bun/bin/bun.exe"],
] as const;

/** Node 22, Node 24 and Bun; empty, and said so, where one is missing. */
export function requireRuntimes(): readonly Runtime[] {
  const found: Runtime[] = [];
  for (const [name, program] of PROGRAMS) {
    const path = `${runtimesFolder()}/node_modules/${program}`;
    try {
      Deno.statSync(path);
    } catch {
      missingPeer(`${name} (${path})`);
      return [];
    }
    found.push({ name, path });
  }
  return found;
}

/** Whether an npm package is among the runtimes. */
export function requirePackage(name: string): boolean {
  try {
    return Deno.statSync(`${runtimesFolder()}/node_modules/${name}`).isDirectory;
  } catch {
    return missingPeer(`the npm package ${name}`);
  }
}
