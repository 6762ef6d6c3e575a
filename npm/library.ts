import { existsSync } from "node:fs";
import type { Library } from "../cli/commands/library.ts";

/**
 * The library for plugins of a folder: by its name where Node finds it from there, by its
 * address where the program is elsewhere. Files are plain modules, which every Node runs.
 */
export function packagedLibrary(folder: URL): Library {
  const named = isInstalledFor(folder);
  const entry = (name: string) =>
    named ? `iggyscope/${name}` : new URL(`${name}.js`, import.meta.url).href;
  return {
    schema: entry("schema"),
    iggy: entry("iggy"),
    extension: "mjs",
    testImport: 'import { test } from "node:test";\n',
    test: "test",
    run: (path) => `node --test ${path}`,
  };
}

function isInstalledFor(folder: URL): boolean {
  for (let at = folder;; at = new URL("../", at)) {
    if (existsSync(new URL("node_modules/iggyscope/package.json", at))) return true;
    if (at.pathname === "/" || /^\/[A-Za-z]:\/$/.test(at.pathname)) return false;
  }
}
