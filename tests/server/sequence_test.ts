import type { ConversationPage, SequenceGraphs } from "../../server/api.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { problemOf, withServer } from "./support.ts";

Deno.test("a conversation's bytes over time are told as data and drawn", async () => {
  await withServer({}, async ({ upload, json, ask }) => {
    const { id } = await upload("classic-080-lossy.pcap");
    const list = `/api/captures/${id}/conversations`;
    const { items: [conversation] } = await json<ConversationPage>(list);
    const base = `${list}/${conversation!.conversation}/sequence`;
    const { client, server } = await json<SequenceGraphs>(base);
    const again = (flow: typeof client) =>
      flow.segments.filter(({ repair }) => repair !== null && repair !== "out_of_order");
    assertEquals(again(client).length, conversation!.client_flow.retransmitted);
    assertEquals(again(server).length, conversation!.server_flow.retransmitted);
    assert(client.round_trips.length > 0);
    const drawn = await ask(`${base}?format=svg`);
    assertEquals(drawn.headers.get("content-type"), "image/svg+xml");
    const svg = await drawn.text();
    assertStringIncludes(svg, `conversation ${conversation!.conversation}: `);
    assertEquals(
      svg.match(/<title>packet /g)?.length,
      [client, server]
        .reduce((sum, { segments }) => sum + segments.length, 0),
    );
    await problemOf(await ask(`${list}/99/sequence`), 404);
    await problemOf(await ask(`${list}/-1/sequence`), 404);
    await problemOf(await ask(`${base}?format=png`), 400);
  });
});
