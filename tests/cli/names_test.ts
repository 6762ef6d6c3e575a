import { assertEquals, assertStringIncludes } from "@std/assert";
import { cli, conversation, request, response, text8, withFolder } from "./support.ts";

const HOSTILE = 'a\x1b]52;c;aGk=\x07\x9b31m\u202eevil\n=1+1,"x"';

/** Characters that a terminal acts on; line ends are the program's own. */
function unsafe(text: string): string[] {
  return [...text.replaceAll(/\r?\n/g, "")].filter((character) =>
    /[\p{Cc}\u202e]/u.test(character)
  );
}

Deno.test("hostile names reach no terminal and no spreadsheet as they are", async () => {
  await withFolder(async (folder) => {
    const capture = `${folder}/hostile.pcap`;
    const formula = "=cmd|'/c calc'!A1";
    await Deno.writeFile(
      capture,
      conversation([
        ["client", request(202, text8(HOSTILE))],
        ["server", response(1012)],
        ["client", request(202, text8(formula))],
        ["server", response(1012)],
      ]),
    );
    for (const format of ["text", "tree", "ndjson", "json", "csv"]) {
      const { stdout } = await cli(["-T", format, capture]);
      assertEquals(unsafe(stdout), [], format);
    }
    const text = await cli([capture, "--width", "400"]);
    assertEquals(text.stdout.split("\n").length, 3);
    assertStringIncludes(text.stdout, "a\\x1b]52;c;aGk=\\x07\\x9b31m\\u{202e}evil\\n");
    const { stdout } = await cli(["-T", "ndjson", capture]);
    assertEquals(JSON.parse(stdout.split("\n")[0]!).request.fields.name, HOSTILE);
  });
});
