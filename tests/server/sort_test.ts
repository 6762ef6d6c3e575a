import { assert, assertEquals } from "@std/assert";
import type { RowPage, TransactionDetail } from "../../server/api.ts";
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
    for (const sort of ["transaction", "time", "conversation", "command", "status"]) {
      const [one, other] = [await list(`sort=${sort}`), await list(`sort=-${sort}`)];
      const numbers = ({ items }: RowPage) => items.map((row) => row.transaction);
      assertEquals(numbers(one), numbers(other).reverse(), sort);
    }
    const names = (await list("sort=command")).items.map((row) => row.command ?? "");
    assertEquals(names, names.toSorted((a, b) => a < b ? -1 : a > b ? 1 : 0));
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
