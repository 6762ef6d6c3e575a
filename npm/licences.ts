/**
 * The licences of the libraries that are bundled into the npm package, as these state them.
 *
 * @module
 */

/** What `deno info --json` says of a package. */
interface PackageInfo {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  readonly localPath: string;
}

interface ModuleGraph {
  readonly modules: readonly { readonly kind: string; readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, PackageInfo>>;
}

/** Packages that are types only: nothing of them is in a bundle. */
const TYPES_ONLY = /^(@types\/|undici-types$)/;
const LICENCE_FILE = /^(licen[cs]e|notice)(\.(txt|md))?$/i;

/** The text of all licences; `entries` are the modules that the bundles begin with. */
export async function licencesOf(entries: readonly string[]): Promise<string> {
  const used = new Map<string, PackageInfo>();
  for (const entry of entries) {
    const { modules, npmPackages } = await moduleGraph(entry);
    const add = (id: string) => {
      const found = npmPackages[id]!;
      if (used.has(found.name) || TYPES_ONLY.test(found.name)) return;
      used.set(found.name, found);
      found.dependencies.forEach(add);
    };
    for (const { npmPackage } of modules) if (npmPackage !== undefined) add(npmPackage);
  }
  const all = [...used.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  return (await Promise.all(all.map(licence))).join("\n\n");
}

async function moduleGraph(entry: string): Promise<ModuleGraph> {
  const args = ["info", "--json", entry];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args })
    .output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)) as ModuleGraph;
}

/** What a package says of its licence: its files, or else its metadata. */
async function licence({ name, version, localPath }: PackageInfo): Promise<string> {
  const { license, author } = JSON.parse(
    await Deno.readTextFile(`${localPath}/package.json`),
  );
  const by = typeof author === "object" ? author?.name : author;
  const head = `${name} ${version}: ${license}${by === undefined ? "" : `, by ${by}`}\n`;
  const names = (await Array.fromAsync(Deno.readDir(localPath)))
    .map((entry) => entry.name).filter((file) => LICENCE_FILE.test(file)).sort();
  const texts = await Promise.all(
    names.map((file) => Deno.readTextFile(`${localPath}/${file}`)),
  );
  return [head, ...texts.map((text) => `${text.trim()}\n`)].join("\n");
}
