import { assert, assertEquals } from "@std/assert";
import type { Consumers, ConversationPage, RowPage } from "../../server/api.ts";
import { problemOf, withServer } from "./support.ts";

Deno.test("filters and times apply to the lists of conversations and consumers", async () => {
  await withServer({}, async ({ upload, json, ask }) => {
    const { id } = await upload("classic-080-groups.pcap");
    const base = `/api/captures/${id}`;
    const all = await json<RowPage>(`${base}/transactions?view=row&limit=1000`);
    const whole = await json<ConversationPage>(`${base}/conversations`);
    const filter = 'iggy.command == "poll_messages" && iggy.response_time > 100us';
    const query = `filter=${encodeURIComponent(filter)}`;
    const rows = await json<RowPage>(`${base}/transactions?view=row&limit=1000&${query}`);
    const numbers = [...new Set(rows.items.map(({ conversation }) => conversation))]
      .sort((a, b) => a - b);
    assert(numbers.length > 0 && numbers.length < whole.items.length);
    const chosen = await json<ConversationPage>(`${base}/conversations?${query}`);
    assertEquals(chosen.items.map(({ conversation }) => conversation), numbers);
    // Page by page the same.
    let next: string | null = null;
    const paged: number[] = [];
    do {
      const cursor: string = next === null ? "" : `&cursor=${next}`;
      const page: ConversationPage = await json(
        `${base}/conversations?${query}&limit=1${cursor}`,
      );
      paged.push(...page.items.map(({ conversation }) => conversation));
      next = page.next;
    } while (next !== null);
    assertEquals(paged, numbers);
    const from = Date.parse(all.items.at(-1)!.time!) / 1000 + 1;
    assertEquals(
      (await json<ConversationPage>(`${base}/conversations?from=${from}`)).items,
      [],
    );
    const everyone = await json<Consumers>(`${base}/consumers`);
    const one = `iggy.transaction == ${rows.items[0]!.transaction}`;
    const some = await json<Consumers>(
      `${base}/consumers?filter=${encodeURIComponent(one)}`,
    );
    assertEquals(some.offsets.length, 1);
    assert(everyone.offsets.length > 1);
    const always = await json<Consumers>(`${base}/consumers?filter=iggy`);
    assertEquals(always, everyone);
    await problemOf(await ask(`${base}/consumers?filter=%26`), 422);
  });
});
