import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Diagnosis } from "../../core/diagnose/mod.ts";
import type { CaptureFindings, Consumers } from "../../server/api.ts";
import { dissectFixture } from "../support/dissect.ts";
import { checkAccessible, keepPicture } from "../support/browser.ts";
import { pageTest } from "../support/page_server.ts";
import { withServer } from "./support.ts";

const IDLE = "classic-080-idlepoll.pcap", GROUPS = "classic-080-groups.pcap";

Deno.test("the API finds what diagnose finds, and how far consumers are", async () => {
  await withServer({}, async ({ upload, json }) => {
    const { id } = await upload(IDLE);
    const found = await json<CaptureFindings>(`/api/captures/${id}/findings`);
    const diagnosis = new Diagnosis();
    for (const transaction of await dissectFixture(IDLE)) {
      diagnosis.transaction(transaction);
    }
    const known = diagnosis.finish();
    assertEquals(found.complete, true);
    assertEquals(found.items.map(({ id }) => id), known.map(({ id }) => id));
    assertEquals(found.items[0]?.transactions, [...known[0]!.transactions]);
    const groups = await upload(GROUPS);
    const { offsets } = await json<Consumers>(`/api/captures/${groups.id}/consumers`);
    assert(offsets.length > 0);
    for (const { newest, lag } of offsets) {
      if (newest === null) assertEquals(lag, null);
    }
  });
});

for (const width of [1440, 400]) {
  pageTest(
    `what is wrong is said first, and leads to its rows, at ${width} pixels`,
    { captures: [IDLE, GROUPS], width },
    async ({ page, captures, visit }) => {
      await visit(`capture=${captures[0]}`);
      const panel = page.getByRole("region", { name: "Findings" });
      await panel.waitFor();
      // On a narrow page they are one line that opens.
      if (width === 400) await panel.getByRole("button", { name: "1 finding" }).click();
      assertStringIncludes(await panel.innerText(), "empty polls without a pause");
      await panel.getByRole("button", { name: "empty polls without a pause" }).click();
      assertStringIncludes(await panel.innerText(), "Set a poll interval");
      await page.locator("#row-0").waitFor();
      await keepPicture(page, `findings-${width}`);
      await checkAccessible(page);
      await panel.getByRole("button", { name: "#827" }).click();
      await page.getByText("transaction 827", { exact: true }).waitFor();
      assert(page.url().includes("transaction=827"), page.url());

      await visit(`capture=${captures[1]}&view=consumers`);
      await page.getByRole("columnheader", { name: "Lag" }).waitFor();
      await keepPicture(page, `consumers-${width}`);
      await checkAccessible(page);
      const lags = () => page.locator("tbody tr td:nth-child(3)").allInnerTexts();
      const falling = await lags();
      await page.getByRole("button", { name: /^Lag/ }).click();
      await page.locator("th[aria-sort=ascending]").waitFor();
      assert(falling.length > 1 && falling.join() !== (await lags()).join());
    },
  );
}

pageTest("an empty page opens a sample by one click", {}, async ({ page, visit }) => {
  await visit("");
  await page.getByRole("button", { name: "Open a sample" }).click();
  await page.locator("#row-0").waitFor();
  // The name comes with the capture's own record, which may be after the rows.
  await page.locator(".of", { hasText: "sample.pcap" }).waitFor();
});
