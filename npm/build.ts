/**
 * Makes the npm package `iggyscope` in `dist/npm/`: `deno task npm`. Deno bundles the program,
 * the library and the workers; esbuild puts `platform.ts` in place of `Deno` and turns syntax
 * that Node 22 lacks into what it knows; TypeScript writes the types.
 *
 * @module
 */
import { build, stop } from "esbuild";
import ts from "typescript";
import config from "../deno.json" with { type: "json" };
import { licencesOf } from "./licences.ts";

const ROOT = new URL("../", import.meta.url);
/** The modules of the library: what they are imported as, their file here, and their source. */
const LIBRARY = Object.entries(config.exports).map(([entry, source]) => ({
  entry,
  file: entry === "." ? "mod" : entry.slice(2),
  source: source.slice(2),
}));
const ENTRIES = [
  "main",
  "ingest_worker",
  "proxy_worker",
  "platform",
  ...LIBRARY.map(({ file }) => file),
];
/** What the package says of the libraries within its bundles. */
const LICENCES = "THIRD_PARTY_LICENSES";
/** Files of the project that the package holds too. */
const COPIED = ["README.md", "LICENSE", "NOTICE", "CHANGELOG.md"];
/** What of the package says what it is and who made it. */
export const PAPERS: readonly string[] = [...COPIED, LICENCES];

/** Writes the package into a folder. */
export async function buildPackage(folder: string): Promise<void> {
  const parts = await Deno.makeTempDir({ prefix: "iggyscope-npm-" });
  const entries = ENTRIES.map((name) => new URL(`npm/${name}.ts`, ROOT).pathname);
  try {
    await bundleParts(entries, parts);
    await checkPlatform(parts);
    await rewriteForNode(parts, `${folder}/lib`);
  } finally {
    await Deno.remove(parts, { recursive: true });
  }
  await copyFolder(new URL("server/page/dist/", ROOT), `${folder}/lib/dist`);
  for (const name of COPIED) {
    const text = await Deno.readTextFile(new URL(name, ROOT));
    await Deno.writeTextFile(`${folder}/${name}`, withoutLinks(text));
  }
  await Deno.writeTextFile(`${folder}/${LICENCES}`, await licencesOf(entries));
  await writeTypes(`${folder}/types`);
  const text = JSON.stringify(packageJson(), null, 2);
  await Deno.writeTextFile(`${folder}/package.json`, `${text}\n`);
}

function packageJson(): Record<string, unknown> {
  return {
    name: config.name,
    version: config.version,
    description:
      "Dissects the traffic of Apache Iggy clients and servers in packet captures",
    license: config.license,
    keywords: ["iggy", "pcap", "wireshark", "dissector", "protocol"],
    type: "module",
    bin: { iggyscope: "lib/main.js" },
    exports: Object.fromEntries(LIBRARY.map(({ entry, file, source }) => [entry, {
      types: `./types/${source.replace(/\.ts$/, ".d.ts")}`,
      default: `./lib/${file}.js`,
    }])),
    engines: { node: ">=22.15", bun: ">=1.3" },
    files: ["lib", "types", ...PAPERS],
  };
}

async function bundleParts(entries: readonly string[], folder: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--quiet",
      "--platform=deno",
      "--code-splitting",
      `--outdir=${folder}`,
      ...entries,
    ],
    cwd: ROOT.pathname,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
}

/** Fails where the program uses more of Deno than the platform has. */
async function checkPlatform(folder: string): Promise<void> {
  const { Deno: platform } = await import("./platform.ts");
  const missing = new Set<string>();
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile) continue;
    const code = await Deno.readTextFile(`${folder}/${name}`);
    for (const [, member = ""] of code.matchAll(/(?<![.\w])Deno\.(\w+)/g)) {
      // Samples of tests that are written out, not run.
      if (!(member in platform) && member !== "test") missing.add(member);
    }
  }
  if (missing.size > 0) {
    throw new Error(`npm/platform.ts lacks ${[...missing].join(", ")}`);
  }
}

async function rewriteForNode(parts: string, folder: string): Promise<void> {
  await build({
    entryPoints: ENTRIES.map((name) => `${parts}/${name}.js`),
    outdir: folder,
    inject: [`${parts}/platform.js`],
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node22",
    legalComments: "none",
    logLevel: "error",
  });
  await stop();
  await Deno.chmod(`${folder}/main.js`, 0o755);
}

/** The types of the library, one file each as the sources are. */
async function writeTypes(folder: string): Promise<void> {
  const roots = LIBRARY.map(({ source }) => new URL(source, ROOT).pathname);
  const program = ts.createProgram(roots, {
    declaration: true,
    emitDeclarationOnly: true,
    noCheck: true,
    allowImportingTsExtensions: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ESNext,
    lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
    strict: true,
    noUncheckedIndexedAccess: true,
    stripInternal: true,
    types: [],
    rootDir: ROOT.pathname,
    outDir: folder,
  });
  await Deno.mkdir(folder, { recursive: true });
  program.emit(undefined, (path, text) => {
    const named = text.replaceAll(/((?:from|import\()\s*"\.[^"]*)\.ts"/g, '$1.js"');
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, named);
  });
}

/** Markdown whose links to what the package has not are plain text; pictures go. */
function withoutLinks(text: string): string {
  return text.replace(
    /(!?)\[([^\]]*)\]\((?!https?:)([^)]*)\)/g,
    (link, picture, shown, target) =>
      COPIED.includes(target) ? link : picture === "" ? shown : "",
  );
}

async function copyFolder(from: URL, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) {
    await Deno.copyFile(new URL(name, from), `${to}/${name}`);
  }
}

if (import.meta.main) {
  const folder = new URL("dist/npm/", ROOT).pathname;
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  await buildPackage(folder);
  console.log(`dist/npm/ is the package: npm pack ./dist/npm`);
}
