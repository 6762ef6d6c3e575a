import { assertStringIncludes, assertThrows } from "@std/assert";
import { readerText } from "../../cli/dump_reader.ts";

Deno.test("dump-reader prints the code that writes a layout", () => {
  const text = readerText("poll_messages");
  for (const part of ['{"partition_id":', '"payload":', "return -1;"]) {
    assertStringIncludes(text, part);
  }
});

Deno.test("dump-reader says what there is not", () => {
  assertThrows(() => readerText("nothing"), TypeError, "no command is named nothing");
  assertThrows(() => readerText("ping", "prepare"), TypeError, "ping has no prepare");
});
