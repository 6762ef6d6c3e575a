import { assertEquals } from "@std/assert";
import { command, encode, firstOf, name8, since, u32 } from "../../../core/schema/mod.ts";
import { createRegistry } from "../../../core/dissect/mod.ts";
import { iggyCommands, iggyFramings, statusName } from "../../../plugins/iggy.ts";
import { dialogue } from "../../support/dialogue.ts";
import { request } from "../../support/vsr.ts";

Deno.test("a made-up release of one command touches that command's layout alone", () => {
  // The plugin's file would gain the one line with `since`.
  const deleteStream = command({
    name: "delete_stream",
    doc: "Deletes a stream.",
    code: 203,
    operation: 130,
    request: {
      name: name8("Name."),
      reason: since("0.10", u32("Why.")),
    },
    response: {},
  });
  const commands = iggyCommands.map((each) =>
    each.name === deleteStream.name ? deleteStream : each
  );
  const registry = createRegistry({ commands, framings: iggyFramings, statusName });
  const body = encode(deleteStream.request, { name: "s", reason: 9 }, firstOf("0.10"));
  const { transactions } = dialogue(
    [["client", request({ operation: "delete_stream" }, body)]],
    { registry },
  );
  const [found] = transactions;
  assertEquals([found!.release, found!.issues.length], ["0.10+", 1]);
  const { fields } = found!.toRecord({ maxBytes: 64, showSecrets: false }).request!;
  assertEquals(fields, { name: "s", reason: 9 });
});
