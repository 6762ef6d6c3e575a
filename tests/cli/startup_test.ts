import { assertEquals } from "@std/assert";
import { run } from "../support/peer.ts";
import { MAIN, ROOT } from "./support.ts";

/** The files under a folder of the project. */
function filesOf(folder: string): string[] {
  return [...Deno.readDirSync(`${ROOT}${folder}`)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesOf(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

Deno.test("what only one command needs is loaded when that command runs", () => {
  // Help loads every command: the server would double its start.
  const heavy = /^(?:import|export)\b(?! type)[^;]*?\bfrom "(?:\.\.\/)+server\//m;
  const wrong = filesOf("cli").filter((path) =>
    heavy.test(Deno.readTextFileSync(`${ROOT}${path}`))
  );
  assertEquals(wrong, [], "use await import() in run()");
});

Deno.test("the version is told before anything else is loaded", () => {
  const imports = Deno.readTextFileSync(`${ROOT}cli/main.ts`).match(/^import .*/gm);
  assertEquals(imports?.length, 1, "only what names the version");
});

Deno.test("a run loads no other command than its own", () => {
  const text = Deno.readTextFileSync(`${ROOT}cli/commands/mod.ts`);
  assertEquals(text.match(/^import (?!type ).*/gm), null, "use the table of loaders");
});

/** A module as `deno info` tells it; where `code` is missing only types are imported. */
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier?: string };
  }[];
}

/** The modules that are loaded with another, as paths from the root. */
async function loadedWith(path: string): Promise<string[]> {
  const args = ["info", "--json", MAIN];
  const { stdout } = await run(Deno.execPath(), args);
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    readonly modules: readonly Module[];
  };
  const known = new Map(modules.map((module) => [module.specifier, module]));
  const root = `file://${ROOT}`;
  const loaded = new Set([root + path]);
  for (const specifier of loaded) {
    for (const { isDynamic, code } of known.get(specifier)?.dependencies ?? []) {
      if (!isDynamic && code?.specifier !== undefined) loaded.add(code.specifier);
    }
  }
  return [...loaded].map((specifier) => specifier.replace(root, ""));
}

Deno.test("what an option asks for is loaded with that option", async () => {
  const unasked =
    /^core\/(?:filter\/compile|export\/(?:text|tree|json|fields|table\/mod))\.ts$/;
  for (const command of ["stats", "dissect"]) {
    const loaded = await loadedWith(`cli/commands/${command}.ts`);
    assertEquals(loaded.includes("core/dissect/pipeline.ts"), true);
    assertEquals(loaded.filter((path) => unasked.test(path)), [], "use await import()");
  }
  const program = await loadedWith("cli/program.ts");
  assertEquals(program.filter((path) => path.endsWith("/mod.ts")), [
    "cli/commands/mod.ts",
  ], "name the module, not the folder");
});
