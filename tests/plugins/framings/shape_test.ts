import { assertEquals } from "@std/assert";
import { firstOf, ReleaseSet } from "../../../core/schema/mod.ts";
import { findRequest, findResponse } from "../../../plugins/framings/classic/shape.ts";
import { iggyRegistry } from "../../../plugins/iggy.ts";
import { hex } from "../../support/packets.ts";

const { commands } = iggyRegistry();

/** What is found in bytes that begin a turn of their sender, as far as TCP tells. */
function found(text: string): { request: number; response: number } {
  const bytes = hex(text);
  const search = { bytes, offset: 0, end: bytes.length, starts: [0], turns: [0] };
  const releases = new ReleaseSet([firstOf("0.8")]);
  return {
    request: findRequest(search, false, commands, releases, 1024),
    response: findResponse(search, false, 1, null, releases, 1024),
  };
}

Deno.test("a header that no frame follows is none, although a turn begins there", () => {
  const refused = "04000000 00000000", ping = "04000000 01000000";
  assertEquals(found(refused).response, 0);
  assertEquals(found(refused + refused).response, 0);
  assertEquals(found(refused + "08000000 73747265").response, -1);
  assertEquals(found(ping).request, 0);
  assertEquals(found(ping + ping + "0400").request, 0);
  assertEquals(found(ping + "08000000 73747265").request, -1);
});
