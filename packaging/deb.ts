/**
 * Makes a Debian package of the npm package: `deno task deb` writes
 * `dist/iggyscope_VERSION_all.deb`, with the man page and completions. It depends on `nodejs`,
 * which is recent enough in Debian 14 and as a package of NodeSource.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import config from "../deno.json" with { type: "json" };
import { buildPackage, PAPERS } from "../npm/build.ts";

const ROOT = new URL("../", import.meta.url);
const SHELLS = {
  bash: "bash-completion/completions/iggyscope",
  zsh: "zsh/vendor-completions/_iggyscope",
  fish: "fish/vendor_completions.d/iggyscope.fish",
} as const;

/** Source: Debian Policy Manual 12.5, and its machine-readable debian/copyright 1.0. */
const COPYRIGHT =
  `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: iggyscope

Files: *
Copyright: 2026 The iggyscope authors
License: Apache-2.0
 On Debian systems the licence is in /usr/share/common-licenses/Apache-2.0. Which parts
 follow others, and the licences of the libraries within, are in NOTICE and
 THIRD_PARTY_LICENSES.gz beside this file.
`;

const CONTROL = `Package: iggyscope
Version: ${config.version}
Architecture: all
Maintainer: The iggyscope authors <noreply@invalid>
Depends: nodejs (>= 22.15)
Recommends: tcpdump | wireshark-common
Section: net
Priority: optional
Description: Dissects the traffic of Apache Iggy clients and servers
 Reads packet captures, rebuilds TCP, decodes every command of Apache Iggy and
 pairs each response with its request.
`;

/** Writes the package into a folder; gives its path. */
export async function buildDeb(folder: string): Promise<string> {
  const tree = await Deno.makeTempDir({ prefix: "iggyscope-deb-" });
  try {
    const library = `${tree}/usr/lib/iggyscope`;
    const share = `${tree}/usr/share`;
    await Deno.mkdir(library, { recursive: true });
    await buildPackage(library);
    await Deno.remove(`${library}/types`, { recursive: true });
    // Debian has places of its own for these.
    const papers: Record<string, string> = {};
    for (const name of PAPERS) {
      papers[name] = await Deno.readTextFile(`${library}/${name}`);
      await Deno.remove(`${library}/${name}`);
    }
    await Deno.mkdir(`${tree}/usr/bin`);
    await Deno.symlink("../lib/iggyscope/lib/main.js", `${tree}/usr/bin/iggyscope`);
    await writeCompressed(`${share}/man/man1/iggyscope.1.gz`, await say("man"));
    for (const [shell, path] of Object.entries(SHELLS)) {
      await write(`${share}/${path}`, await say("completions", shell));
    }
    const doc = `${share}/doc/iggyscope`;
    await write(`${doc}/copyright`, COPYRIGHT);
    await write(`${doc}/NOTICE`, papers.NOTICE!);
    await writeCompressed(`${doc}/changelog.gz`, papers["CHANGELOG.md"]!);
    await writeCompressed(`${doc}/README.md.gz`, papers["README.md"]!);
    await writeCompressed(
      `${doc}/THIRD_PARTY_LICENSES.gz`,
      papers.THIRD_PARTY_LICENSES!,
    );
    await write(`${tree}/DEBIAN/control`, CONTROL);
    const path = `${folder}/iggyscope_${config.version}_all.deb`;
    await Deno.chmod(tree, 0o755);
    await run("dpkg-deb", ["--build", "--root-owner-group", tree, path]);
    return path;
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await Deno.writeFile(path, bytes);
}

/** Writes text compressed by zlib at its best, as Debian wants it, and without a time. */
async function writeCompressed(path: string, text: string): Promise<void> {
  await write(path, gzipSync(text, { level: 9 }));
}

/** What the program itself prints. */
async function say(...args: string[]): Promise<string> {
  const main = new URL("cli/main.ts", ROOT).pathname;
  return await run(Deno.execPath(), ["run", "--allow-read", main, ...args]);
}

async function run(program: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`${program}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

if (import.meta.main) {
  const folder = new URL("dist/", ROOT).pathname;
  await Deno.mkdir(folder, { recursive: true });
  console.log(await buildDeb(folder));
}
