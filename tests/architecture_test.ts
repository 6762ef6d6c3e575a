/**
 * The rules of the tree, checked on its source: who may import whom, what is documented, and
 * that no test is switched off. Folders that do not exist yet break no rule.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { iggyCommands } from "../plugins/mod.ts";
import { run } from "./support/peer.ts";

/** The stages of `core/` in the order data passes them; each sees only those before it. */
const STAGES = [
  "capture",
  "net",
  "flow",
  "tcp",
  "framing",
  "dissect",
  "stats",
  "filter",
  "export",
  "vectors",
  "compare",
  "findings",
  "diagnose",
  "synth",
  "anonymize",
];
/** Parts of `core/` that every stage may use and that use no stage. */
const COMMON = ["bytes", "schema"];

/** What plugins in some places may import besides `core/schema` and other plugins. */
const PLUGIN_IMPORTS = [
  ["plugins/framings/", "core/bytes/"],
  ["plugins/framings/", "core/issue.ts"],
  ["plugins/framings/", "core/flow/"],
  ["plugins/framings/", "core/framing/"],
  ["plugins/registry.ts", "core/dissect/registry.ts"],
  ["plugins/load.ts", "core/dissect/registry.ts"],
  ["plugins/load.ts", "core/framing/"],
  ["plugins/registry.ts", "core/framing/"],
] as const;

const ROOT = new URL("..", import.meta.url).pathname;

/** Every TypeScript file under a folder (or the file itself), as paths from the root. */
async function sources(path: string): Promise<string[]> {
  let entries: Deno.DirEntry[];
  try {
    if ((await Deno.stat(ROOT + path)).isFile) return [path];
    entries = await Array.fromAsync(Deno.readDir(ROOT + path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const found = await Promise.all(entries.map(({ name, isDirectory }) => {
    if (isDirectory) return sources(`${path}/${name}`);
    return name.endsWith(".ts") ? [`${path}/${name}`] : [];
  }));
  return found.flat().sort();
}

/** Source without comments, so that an example in a docstring is no import. */
async function readCode(path: string): Promise<string> {
  const text = await Deno.readTextFile(ROOT + path);
  return text.replaceAll(/\/\*.*?\*\//gs, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

/** What a file imports: paths from the root, or bare names. */
async function importsOf(path: string): Promise<string[]> {
  const code = await readCode(path);
  const specifiers = code.matchAll(
    /(?:\bfrom\s*|\bimport\s*\(?\s*)(?<quote>["'])(?<name>[^"'\n]+)\k<quote>/g,
  );
  return [...specifiers].map(({ groups }) => groups?.name ?? "").map((name) =>
    name.startsWith(".") ? new URL(name, `file:///${path}`).pathname.slice(1) : name
  );
}

/** Why one file may not import another, or null where it may. */
function objection(from: string, to: string): string | null {
  const [top, part] = from.split("/");
  const [toTop, toPart] = to.split("/");
  const inFolder = (path: string) => path.split("/").length > 2;
  if (top === "plugins") {
    const allowed = toTop === "plugins" || to.startsWith("core/schema/") ||
      PLUGIN_IMPORTS.some(([place, wanted]) =>
        from.startsWith(place) && to.startsWith(wanted)
      );
    return allowed ? null : "a plugin knows only its own part of core and other plugins";
  }
  if (top === "cli" && toTop === "tests") return "the program needs no tests";
  if (top !== "core") return null;
  if (/^node:(fs|net|http|process|child_process)/.test(to)) {
    return "files and sockets live at the edges";
  }
  if (toTop !== "core") {
    return /^[.]?[a-z_]+\/|\.ts$/.test(to) ? "core knows nothing outside itself" : null;
  }
  if (from === "core/mod.ts") return null;
  if (to === "core/mod.ts") return "core/mod.ts is for those outside core";
  if (!inFolder(to) || COMMON.includes(toPart ?? "")) return null;
  if (!inFolder(from)) {
    return "a file at the top of core serves all stages, so it uses none";
  }
  if (COMMON.includes(part ?? "")) return "it serves all stages, so it uses none";
  const [stage, toStage] = [STAGES.indexOf(part ?? ""), STAGES.indexOf(toPart ?? "")];
  if (stage < 0 || toStage < 0) {
    return "this folder of core is no stage: name it in STAGES";
  }
  return toStage <= stage ? null : "data flows from left to right, imports to the left";
}

Deno.test("the import rule tells right from wrong", () => {
  const allowed = [
    ["core/net/ip.ts", "core/capture/packet.ts"],
    ["core/net/ip.ts", "core/bytes/cursor.ts"],
    ["core/schema/mod.ts", "core/issue.ts"],
    ["core/mod.ts", "core/export/mod.ts"],
    ["core/schema/checksums.ts", "hash-wasm"],
    ["core/capture/gzip.ts", "node:zlib"],
    ["core/capture/gzip.ts", "@std/streams"],
    ["plugins/users/get_user.ts", "plugins/_types/identifier.ts"],
    ["plugins/framings/classic/mod.ts", "core/framing/framing.ts"],
    ["cli/main.ts", "core/export/text.ts"],
  ] as const;
  const forbidden = [
    ["core/net/ip.ts", "core/tcp/flow.ts"],
    ["core/bytes/cursor.ts", "core/capture/packet.ts"],
    ["core/issue.ts", "core/tcp/flow.ts"],
    ["core/dissect/registry.ts", "plugins/mod.ts"],
    ["core/dissect/registry.ts", "cli/main.ts"],
    ["core/dissect/registry.ts", "mod.ts"],
    ["core/capture/reader.ts", "node:fs/promises"],
    ["plugins/users/get_user.ts", "core/framing/pdu.ts"],
  ] as const;
  for (const [from, to] of allowed) {
    assertEquals(objection(from, to), null, `${from} ${to}`);
  }
  for (const [from, to] of forbidden) assert(objection(from, to), `${from} ${to}`);
});

Deno.test("imports go one way", async () => {
  const wrong: string[] = [];
  for (const path of [...await sources("core"), ...await sources("plugins")]) {
    for (const imported of await importsOf(path)) {
      const reason = objection(path, imported);
      if (reason) wrong.push(`${path} imports ${imported}: ${reason}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("core knows no word of Iggy", async () => {
  // The program's own name is no protocol's.
  const names = iggyCommands.map(({ name }) => name).join("|");
  const words = new RegExp(`iggy(?!scope)|\\b8090\\b|(["'\`])(${names})\\1`, "i");
  const wrong: string[] = [];
  // The simulated server has to listen somewhere.
  const simulator = /^core\/synth\/simulate\.ts$/;
  for (const path of await sources("core")) {
    if (simulator.test(path)) continue;
    const found = words.exec(await readCode(path));
    if (found !== null) wrong.push(`${path}: ${found[0]}`);
  }
  assertEquals(wrong, []);
});

Deno.test("only the capture readers open files: the later stages run anywhere", async () => {
  const wrong: string[] = [];
  for (const path of await sources("core")) {
    if (path.startsWith("core/capture/")) continue;
    if (/\bDeno\./.test(await readCode(path))) wrong.push(path);
  }
  assertEquals(wrong, []);
});

/** The part of `deno doc --json` that is read here. */
interface Documentation {
  nodes: Record<string, {
    module_doc?: { doc?: string; tags?: { kind: string; name?: string }[] };
    symbols: {
      name: string;
      declarations: {
        declarationKind: string;
        kind: string;
        jsDoc?: { doc?: string };
      }[];
    }[];
  }>;
}

Deno.test("every exported symbol says what it gives", async () => {
  const paths = [...await sources("core"), ...await sources("mod.ts")];
  const { stdout, stderr, code } = await run(
    Deno.execPath(),
    ["doc", "--json", ...paths],
    { cwd: ROOT },
  );
  assertEquals(code, 0, stderr);
  const { nodes }: Documentation = JSON.parse(new TextDecoder().decode(stdout));
  const silent: string[] = [];
  for (const [url, { module_doc, symbols }] of Object.entries(nodes)) {
    const path = new URL(url).pathname.slice(ROOT.length);
    const says = module_doc?.doc ?? module_doc?.tags?.some(({ name }) => name);
    if (/(^|\/)mod\.ts$/.test(path) && !says) silent.push(`${path}: @module`);
    for (const { name, declarations } of symbols) {
      // A re-export is documented where it comes from, an overload by its first form.
      const own = declarations.filter(({ declarationKind, kind }) =>
        declarationKind === "export" && kind !== "reference"
      );
      if (own.length > 0 && !own.some(({ jsDoc }) => jsDoc?.doc)) {
        silent.push(`${path}: ${name}`);
      }
    }
  }
  assertEquals(silent, []);
});

Deno.test("no test is switched off or runs alone", async () => {
  const wrong: string[] = [];
  for (const folder of ["tests", "core", "plugins", "cli", "server"]) {
    for (const path of await sources(folder)) {
      if (!path.endsWith("_test.ts") || path === "tests/architecture_test.ts") continue;
      if (/\.(only|ignore|skip)\(|\b(only|ignore):/.test(await readCode(path))) {
        wrong.push(path);
      }
    }
  }
  assertEquals(wrong, []);
});
