/**
 * Makes a Debian package of the npm package, for Debian's own Node: `deno task deb` writes
 * `dist/iggyscope_VERSION_all.deb`, with the man page and completions.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { buildPackage } from "../npm/build.ts";

const ROOT = new URL("../", import.meta.url);
const SHELLS = {
  bash: "bash-completion/completions/iggyscope",
  zsh: "zsh/vendor-completions/_iggyscope",
  fish: "fish/vendor_completions.d/iggyscope.fish",
} as const;

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
    await Deno.mkdir(`${tree}/usr/bin`);
    await Deno.symlink("../lib/iggyscope/lib/main.js", `${tree}/usr/bin/iggyscope`);
    await write(`${share}/man/man1/iggyscope.1`, await say("man"));
    for (const [shell, path] of Object.entries(SHELLS)) {
      await write(`${share}/${path}`, await say("completions", shell));
    }
    const licence = await Deno.readTextFile(new URL("LICENSE", ROOT));
    await write(`${share}/doc/iggyscope/copyright`, licence);
    await write(`${tree}/DEBIAN/control`, CONTROL);
    const path = `${folder}/iggyscope_${config.version}_all.deb`;
    await Deno.chmod(tree, 0o755);
    await run("dpkg-deb", ["--build", "--root-owner-group", tree, path]);
    return path;
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
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
