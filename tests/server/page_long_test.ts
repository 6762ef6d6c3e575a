import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type { RowPage, TransactionRow } from "../../server/api.ts";
import { pageTest } from "../support/page_server.ts";

const MANY = 1_000_000;

/** A row that no capture here is long enough to have. */
function row(n: number): TransactionRow {
  return {
    transaction: n,
    conversation: 0,
    client: "10.0.0.1:40000",
    server: "10.0.0.2:8090",
    command: n % 2 === 0 ? "send_messages" : "poll_messages",
    code: 101,
    packet: n * 2,
    time: "2026-11-21T08:48:19.352184000Z",
    status: 0,
    status_name: "ok",
    outcome: "ok",
    error: false,
    response_time_us: n % 1000,
    request_length: 100,
    response_length: 8,
    summary: { request: `stream=s topic=t ${n}`, response: "ok" },
    issues: 0,
    severity: null,
    finding: null,
  };
}

/** Lets the page believe that the capture has a million transactions. */
async function lengthen(page: Page): Promise<string[]> {
  const asked: string[] = [];
  await page.route("**/transactions?*", async (route) => {
    const { searchParams } = new URL(route.request().url());
    const offset = Number(searchParams.get("offset"));
    const limit = Math.min(Number(searchParams.get("limit")), MANY - offset);
    asked.push(String(offset));
    const items = Array.from({ length: limit }, (_, i) => row(offset + i));
    const json = {
      items,
      next: null,
      total: MANY,
      remarks: 0,
      offset,
      complete: true,
      searched: 1,
    } satisfies RowPage;
    await route.fulfill({ json });
  });
  return asked;
}

pageTest(
  "a million rows scroll smoothly, and few of them are in the page",
  { captures: ["classic-080-all.pcap"] },
  async ({ page, captures, visit }) => {
    const asked = await lengthen(page);
    await visit(`capture=${captures[0]}`);
    await page.getByText("1,000,000 transactions").waitFor();
    const rows = page.locator(".rows .row");
    assert(await rows.count() < 60, `${await rows.count()} rows in the page`);

    await page.locator(".grid").focus();
    await page.keyboard.press("End");
    await page.getByRole("row", { name: "999,999" }).waitFor();
    await page.keyboard.press("ArrowUp");
    await page.getByRole("row", { name: "999,998", selected: true }).waitFor();
    await page.keyboard.press("Home");
    await page.getByRole("row", { name: "stream=s topic=t 0 " }).waitFor();

    await page.locator(".grid").evaluate((element) => {
      element.scrollTop = (element.scrollHeight - element.clientHeight) / 2;
    });
    await page.getByRole("row", { name: /^(499,9|500,0)\d\d/ }).first().waitFor();

    await page.locator(".grid").hover();
    const before = asked.length;
    for (let i = 0; i < 30; i++) await page.mouse.wheel(0, 400);
    assert(asked.length - before < 40, `${asked.length - before} requests`);
    await page.getByRole("row", { name: /^50\d,\d\d\d/ }).first().waitFor();
    assertEquals(await rows.count() < 60, true);
  },
);

pageTest(
  "a batch of ten thousand messages is walked in the tree and the bytes by those in sight",
  { captures: ["classic-080-all.pcap"] },
  async ({ page, captures, visit }) => {
    await page.route("**/transactions/51?*", async (route) => {
      const response = await route.fetch();
      const json = await response.json();
      const [first] = json.request.tree;
      json.request.tree = Array.from({ length: 10_000 }, (_, i) => ({
        ...first,
        name: String(i),
        offset: i * 6,
        length: 6,
        children: [],
        text: `message ${i}`,
      }));
      json.request.hex = "0123456789ab".repeat(10_000);
      json.request.length = 60_000;
      await route.fulfill({ json });
    });
    await visit(`capture=${captures[0]}&transaction=51`);
    await page.getByText("message 0", { exact: true }).waitFor();
    await page.locator(".tree").focus();
    for (const key of ["Home", ...Array.from({ length: 20 }, () => "PageDown")]) {
      await page.keyboard.press(key);
      await page.locator(".field[aria-selected=true]").waitFor();
    }
    await page.locator(".bytes .lit").first().waitFor();
    assert(await page.locator(".field").count() < 80);
    assert(await page.locator(".hex .line").count() < 80);
    const at = Number(await page.locator(".bytes .lit").first().getAttribute("data-at"));
    assert(at > 500, `at byte ${at}`);
  },
);
