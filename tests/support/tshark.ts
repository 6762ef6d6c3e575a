/**
 * tshark, in every version at hand: the system's own and those in folders that hold a whole
 * small Debian, run by chroot (root only). `.ci/run` makes such folders for 4.4 and 4.6.
 * `IGGYSCOPE_TSHARK_ROOTS` names them, separated by colons; without it they are looked for
 * under `iggyscope/tshark/` in the user's cache folder.
 *
 * @module
 */
import { findProgram, type Finished, missingPeer, run } from "./peer.ts";

/** The releases that CI must have: the system's, and those with Lua 5.4. */
const WANTED = ["4.0", "4.4", "4.6"];

/** The user, and group, that tshark runs as in a folder. */
const NOBODY = 65534;

/** What one run of tshark gets. */
export interface TsharkOptions {
  /** Path of a capture. */
  readonly capture: string;
  /** Path of a Lua script to load. */
  readonly lua?: string;
  /** Path of a TLS key log. */
  readonly keys?: string;
  /** Further arguments, such as `-T fields -e iggy.command`. */
  readonly args?: readonly string[];
}

/** One tshark that can be run. */
export interface Tshark {
  /** For example "4.4.18". */
  readonly version: string;
  /** Reads a capture, with no profile and no name look-ups. */
  run(options: TsharkOptions): Promise<Finished>;
}

/** Every tshark at hand, oldest first; found once per process. */
export function tsharks(): Promise<readonly Tshark[]> {
  return found ??= findAll();
}
let found: Promise<readonly Tshark[]> | undefined;

/** The tsharks to test with, or null when the test is to be skipped (in CI it fails). */
export async function requireTsharks(): Promise<readonly Tshark[] | null> {
  const all = await tsharks();
  for (const release of Deno.env.get("CI") ? WANTED : []) {
    if (!all.some(({ version }) => isOf(version, release))) {
      missingPeer(`tshark ${release}`);
    }
  }
  return all.length > 0 ? all : (missingPeer("tshark"), null);
}

/** The system's tshark (or the one of that release, such as "4.6"), or null as above. */
export async function requireTshark(release?: string): Promise<Tshark | null> {
  const fits = ({ version }: Tshark) => release === undefined || isOf(version, release);
  const tshark = (await tsharks()).find(fits);
  return tshark ?? (missingPeer(`tshark ${release ?? ""}`.trim()), null);
}

/** A folder that holds a whole small Debian, for chroot and so for root, or null as above. */
export async function requireDebian(): Promise<string | null> {
  const [root] = Deno.uid() === 0 ? await findRoots() : [];
  return root ?? (missingPeer("a folder with Debian, and root"), null);
}

function isOf(version: string, release: string): boolean {
  return version === release || version.startsWith(`${release}.`);
}

async function findAll(): Promise<readonly Tshark[]> {
  const roots = [null, ...await findRoots()];
  const all = await Promise.all(roots.map(openTshark));
  const byVersion = new Map<string, Tshark>();
  for (const tshark of all) {
    if (tshark && !byVersion.has(tshark.version)) byVersion.set(tshark.version, tshark);
  }
  const order = new Intl.Collator("en", { numeric: true });
  return [...byVersion.values()].sort((a, b) => order.compare(a.version, b.version));
}

async function findRoots(): Promise<string[]> {
  const named = Deno.env.get("IGGYSCOPE_TSHARK_ROOTS");
  if (named !== undefined) return named.split(":").filter((root) => root !== "");
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
  const folder = `${cache}/iggyscope/tshark`;
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.filter((entry) => entry.isDirectory)
      .map((entry) => `${folder}/${entry.name}`);
  } catch {
    return [];
  }
}

/** Opens the system's tshark (`root` null) or one in a folder; null if it cannot be run. */
async function openTshark(root: string | null): Promise<Tshark | null> {
  const program = findProgram(root === null ? "tshark" : "chroot");
  if (program === null || (root !== null && Deno.uid() !== 0)) return null;
  // Since 4.4 tshark quietly loads no Lua script for root.
  const before = root === null
    ? []
    : [`--userspec=${NOBODY}:${NOBODY}`, root, "/usr/bin/tshark"];
  const { code, stdout } = await run(program, [...before, "--version"], {
    env: root === null ? {} : { HOME: "/nonexistent" },
  });
  const version = /\b\d+\.\d+\.\d+\b/.exec(new TextDecoder().decode(stdout))?.[0];
  if (code !== 0 || version === undefined) return null;
  return {
    version,
    async run({ capture, lua, keys, args = [] }) {
      // A fresh folder as HOME keeps the user's profile out, and a chroot's files inside.
      const home = await Deno.makeTempDir({
        dir: root === null ? undefined : `${root}/tmp`,
        prefix: "iggyscope-",
      });
      try {
        if (root !== null) await Deno.chown(home, NOBODY, NOBODY);
        const inside = (path: string) => root === null ? path : path.slice(root.length);
        const place = async (path: string, name: string) => {
          if (root === null) return path;
          await Deno.copyFile(path, `${home}/${name}`);
          await Deno.chmod(`${home}/${name}`, 0o644);
          return inside(`${home}/${name}`);
        };
        const all = [...before, "-n", "-r", await place(capture, "capture")];
        if (lua !== undefined) {
          all.push("-X", `lua_script:${await place(lua, "script.lua")}`);
        }
        if (keys !== undefined) {
          all.push("-o", `tls.keylog_file:${await place(keys, "keys")}`);
        }
        return await run(program, [...all, ...args], {
          env: { HOME: inside(home), XDG_CONFIG_HOME: inside(home) },
        });
      } finally {
        await Deno.remove(home, { recursive: true });
      }
    },
  };
}
