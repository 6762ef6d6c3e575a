/**
 * Where new plugins find the library, and how their tests are run.
 *
 * @module
 */
/** Two levels up, in the sources and in the bundle alike. */
const ROOT = new URL("../../", import.meta.url);

/** The library as a new plugin sees it. */
export interface Library {
  /** What the schema language and the registry are imported as. */
  readonly schema: string;
  readonly iggy: string;
  /** How names of its files end. */
  readonly extension: string;
  /** What stands before the tests, and what each of them calls. */
  readonly testImport: string;
  readonly test: string;
  /** The command that runs the test of this path. */
  readonly run: (path: string) => string;
}

/** Gives the library for plugins of a folder. */
export type LibraryFor = (folder: URL) => Library;

/** Inside the project a path from the folder, elsewhere the address of the library. */
let libraryIn: LibraryFor = (folder) => {
  const isInside = folder.href.startsWith(ROOT.href);
  const depth = folder.href.slice(ROOT.href.length).split("/").length - 1;
  const base = isInside ? depth === 0 ? "./" : "../".repeat(depth) : ROOT.href;
  const config = decodeURI(new URL("deno.json", ROOT).pathname);
  return {
    schema: `${base}core/schema/mod.ts`,
    iggy: `${base}plugins/iggy.ts`,
    extension: "ts",
    testImport: "",
    test: "Deno.test",
    run: (path) => `deno test${isInside ? "" : ` --config ${config}`} ${path}`,
  };
};

/** The library for plugins of a folder. */
export function libraryFor(folder: URL): Library {
  return libraryIn(folder);
}

/** Tells that the program is not run from its sources. */
export function packagedAs(library: LibraryFor): void {
  libraryIn = library;
}
