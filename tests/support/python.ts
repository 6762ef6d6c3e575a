import { missingPeer, requirePeer, run } from "./peer.ts";

/** Whether Python has these modules; pip brings them, as `.ci/run` says. */
export async function requirePython(...modules: string[]): Promise<boolean> {
  if (!requirePeer("python3")) return false;
  for (const module of modules) {
    const { code } = await run("python3", [
      "-c",
      "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)",
      module,
    ]);
    if (code !== 0) return missingPeer(`${module} (pip)`);
  }
  return true;
}
