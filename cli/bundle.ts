/**
 * Makes the program start faster: `deno task bundle` writes all its modules, minified and split
 * by when they are needed, to `dist/bundle/`; run `dist/bundle/main.js` in place of
 * `cli/main.ts`. One single file would be parsed whole at every start, and is slower.
 *
 * @module
 */
const ROOT = new URL("../", import.meta.url);
const PAGE = new URL("server/page/dist/", ROOT);
/** What is run: the program, and the workers of `serve`. */
const ENTRIES = [
  "cli/main.ts",
  "server/store/ingest_worker.ts",
  "server/live/proxy_worker.ts",
];

/**
 * Bundles the program into a folder, with the page of `serve` beside it. The folder has to lie
 * two levels below the project for `plugin new` to find the library.
 */
export async function bundleProgram(folder: string): Promise<void> {
  await Promise.all(ENTRIES.map((entry) => bundleEntry(entry, folder)));
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile) await rewrite(`${folder}/${name}`);
  }
  await Deno.mkdir(`${folder}/dist`, { recursive: true });
  for await (const { name } of Deno.readDir(PAGE)) {
    await Deno.copyFile(new URL(name, PAGE), `${folder}/dist/${name}`);
  }
}

/** Bundles one entry; parts are named by what they hold, so those of several do not clash. */
async function bundleEntry(entry: string, folder: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform=deno",
      "--code-splitting",
      "--minify",
      `--outdir=${folder}`,
      new URL(entry, ROOT).pathname,
    ],
    cwd: ROOT.pathname,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
}

/** What the bundler writes for modules that may call `require`, at the start of every program. */
const REQUIRE =
  /import\s*\{\s*createRequire as (\w+)\s*\}\s*from\s*"node:module";\s*var (\w+)\s*=\s*\1\(import\.meta\.url\);/;
/** A part that is loaded when it is needed. */
const LATER = /\bimport\(("\.\/[^"]+")\)/g;
/** The file of a worker. */
const WORKER = /"\.\/(\w+_worker)\.ts"/g;

/**
 * Makes a part load no more than it needs, and find the workers beside it. Deno reads what an
 * `import()` names before the program begins where it can tell what that is: all the program,
 * to say its version. So the name is computed; and `require` is made where it is called first,
 * because `node:module` loads much of Node.
 */
async function rewrite(path: string): Promise<void> {
  const text = await Deno.readTextFile(path);
  const later = text
    .replace(
      REQUIRE,
      (_, _make, name) =>
        `var ${name}=(id)=>globalThis.process.getBuiltinModule("node:module")` +
        `.createRequire(import.meta.url)(id);`,
    )
    .replaceAll(LATER, "import(String($1))")
    .replaceAll(WORKER, '"./$1.js"');
  if (later !== text) await Deno.writeTextFile(path, later);
}

if (import.meta.main) {
  const folder = new URL("dist/bundle/", ROOT).pathname;
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await bundleProgram(folder);
}
