import { assert, assertEquals } from "@std/assert";
import type { RowPage, TransactionDetail, TransactionRow } from "../../server/api.ts";
import { argumentsOf } from "../../server/query/row.ts";
import { dissectFixture } from "../support/dissect.ts";
import { SORTS } from "../../server/query/orders.ts";
import { problemOf, withServer } from "./support.ts";

const ALL = "classic-080-all.pcap";

Deno.test("transactions are sorted by any column, filtered or not, both ways", async () => {
  await withServer({}, async ({ upload, json, ask }) => {
    const { id } = await upload(ALL);
    const list = (query: string) =>
      json<RowPage>(`/api/captures/${id}/transactions?view=row&${query}`);
    const rising = (numbers: readonly number[]) =>
      numbers.every((number, i) => i === 0 || numbers[i - 1]! <= number);
    const times = (page: RowPage) => page.items.map((row) => row.response_time_us ?? -1);
    const all = await list("sort=response_time");
    assertEquals(all.total, 90);
    assertEquals(new Set(all.items.map((row) => row.transaction)).size, 90);
    assert(rising(times(all)));
    assert(rising(times(await list("sort=-response_time")).reverse()));
    const chosen = await list(
      "sort=-bytes&filter=iggy.command+%3D%3D+%22send_messages%22",
    );
    assert(chosen.total > 4 && chosen.items.length === chosen.total);
    const sizes = chosen.items.map((row) => row.request_length! + row.response_length!);
    assert(rising(sizes.reverse()));
    const shown: Readonly<Record<string, (row: TransactionRow) => string | number>> = {
      transaction: (row) => row.transaction,
      time: (row) => row.time ?? "",
      packet: (row) => row.packet ?? -1,
      conversation: (row) => row.conversation,
      response_time: (row) => row.response_time_us ?? -1,
      code: (row) => row.code ?? -1,
      status: (row) => row.status ?? -1,
      sent: (row) => row.request_length ?? -1,
      received: (row) => row.response_length ?? -1,
      bytes: (row) => (row.request_length ?? 0) + (row.response_length ?? 0),
      client: (row) => Number(row.client.split(":").at(-1)),
      server: (row) => Number(row.server.split(":").at(-1)),
      command: (row) => row.command ?? "",
      arguments: (row) => row.summary.request.replaceAll(/ \([^)]*\)/g, ""),
    };
    assertEquals(
      Object.keys(shown).sort(),
      SORTS.filter((sort) => sort[0] !== "-").sort(),
    );
    for (const [sort, value] of Object.entries(shown)) {
      const [one, other] = [await list(`sort=${sort}`), await list(`sort=-${sort}`)];
      const numbers = ({ items }: RowPage) => items.map((row) => row.transaction);
      assertEquals(numbers(one), numbers(other).reverse(), sort);
      const values = one.items.map(value);
      assertEquals(values, values.toSorted((a, b) => a < b ? -1 : a > b ? 1 : 0), sort);
    }
    // A place in the order, and that of a transaction.
    const [third] = (await list("sort=-response_time&offset=3")).items;
    const at = await list(
      `sort=-response_time&at=${third!.transaction}`,
    );
    assertEquals([at.offset, at.items[0]], [3, third]);
    assertEquals((await list("at=40&filter=iggy.status+%3D%3D+0")).items[0]?.status, 0);
    const route = `/api/captures/${id}/transactions`;
    await problemOf(await ask(`${route}?sort=colour`), 400);
    await problemOf(await ask(`${route}?at=1&offset=2`), 400);
  });
});

Deno.test("rows name the stream and the topic that requests call by number", async () => {
  await withServer({}, async ({ upload, json }) => {
    const { id } = await upload("vsr-090e5-all.pcap");
    const { items } = await json<RowPage>(
      `/api/captures/${id}/transactions?view=row&limit=1000`,
    );
    const asked = items.map(({ summary }) => summary.request);
    assert(asked.includes("stream=0 (orders)"), asked.join("\n"));
    assert(asked.every((text) => !/=[a-z]\S* \(/.test(text)), asked.join("\n"));
  });
  const names = new Map([["4287", "a"], ["a/499", "a/b"], ["orders-1/72", "orders-1/c"]]);
  const options = { maxBytes: 64, showSecrets: false };
  const asked = (await dissectFixture("proto-0110-client.pcap"))
    .map((transaction) => argumentsOf(transaction, options, (key) => names.get(key)));
  assert(asked.includes("stream=4287 (a) topic=499 (b) 3 messages key=user-22"));
  assert(asked.includes("stream=orders-1 topic=72 (c) count=1038 group=alice-1"));
  assert(asked.includes("stream=2137 topic=4354 partition=1019"));
});

Deno.test("the header of classic frames is part of the tree", async () => {
  await withServer({}, async ({ upload, json }) => {
    const { id } = await upload(ALL);
    const [failed] = (await json<RowPage>(
      `/api/captures/${id}/transactions?view=row&filter=iggy.status+%3D%3D+42`,
    )).items;
    const { request, response } = await json<TransactionDetail>(
      `/api/captures/${id}/transactions/${failed!.transaction}`,
    );
    const told = (tree: NonNullable<typeof request>["tree"]) =>
      tree.slice(0, 2).map(({ name, text, offset, length }) => [
        name,
        text,
        offset,
        length,
      ]);
    assertEquals(told(request!.tree), [
      ["length", String(request!.length - 4), 0, 4],
      ["code", `${failed!.code} (${failed!.command})`, 4, 4],
    ]);
    assertEquals(told(response!.tree), [
      ["status", "42 (invalid_credentials)", 0, 4],
      ["length", "0", 4, 4],
    ]);
  });
});
