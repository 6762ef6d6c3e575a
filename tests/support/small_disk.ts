/**
 * A small file system of its own, to be filled or made read-only.
 *
 * @module
 */

/** A file system that is mounted on a folder. */
export interface SmallDisk {
  readonly folder: string;
  /** Makes it read-only; files that are open for writing must be closed. */
  readonly toReadOnly: () => Promise<void>;
}

/** Runs a test on a file system of some size, such as `3m`; skips it aloud where none may be mounted. */
export async function withDisk(
  size: string,
  work: (disk: SmallDisk) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    if (!await succeeds("mount", "-t", "tmpfs", "-o", `size=${size}`, "none", folder)) {
      console.log("SKIPPED a disk of its own: no file system may be mounted here");
      return;
    }
    try {
      await work({
        folder,
        toReadOnly: async () => {
          const isDone = await succeeds("mount", "-o", "remount,ro", folder);
          if (!isDone) throw new Error("the disk is in use");
        },
      });
    } finally {
      await succeeds("umount", folder);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function succeeds(program: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}
