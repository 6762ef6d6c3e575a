import { assertEquals } from "@std/assert";
import { ROOT } from "./support.ts";

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
