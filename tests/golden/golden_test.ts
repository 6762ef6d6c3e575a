import { assertEquals } from "@std/assert";
import { captures, goldenOf } from "./golden.ts";

for (const capture of captures()) {
  Deno.test(`${capture} is dissected as its golden file says`, async () => {
    const { file, text } = await goldenOf(capture);
    const expected = await Deno.readTextFile(file).catch(() => "");
    // Line by line, so that a failure shows the transaction and not the file.
    const [lines, wanted] = [text.split("\n"), expected.split("\n")];
    const wrong = lines.findIndex((line, i) => line !== wanted[i]);
    if (wrong >= 0) {
      assertEquals(lines[wrong], wanted[wrong] ?? "", "see deno task golden");
    }
    assertEquals(lines.length, wanted.length);
  });
}
