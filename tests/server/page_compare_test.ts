import { assert, assertEquals } from "@std/assert";
import { checkAccessible, keepPicture } from "../support/browser.ts";
import { pageTest } from "../support/page_server.ts";

pageTest(
  "two captures are compared, and a value leads to its transaction",
  { captures: ["classic-070-all.pcap", "classic-080-all.pcap"] },
  async ({ page, captures, visit }) => {
    await visit(`capture=${captures[0]}&view=compare`);
    await page.getByRole("combobox", { name: "Compare with" }).selectOption(captures[1]!);
    await page.getByText("90 pairs, 84 alike, 6 different").waitFor();
    await keepPicture(page, "compare");
    const row = page.getByRole("row").filter({ hasText: "request.version" });
    assertEquals(await row.getByRole("button").allTextContents(), [
      '"0.9.0"',
      '"0.10.0"',
    ]);
    await row.getByRole("button", { name: '"0.10.0"' }).click();
    await page.locator(".row.selected, [aria-selected=true].row").first().waitFor();
    assert(page.url().includes(`capture=${captures[1]}`));
  },
);

pageTest(
  "differences fit in 400 pixels, and heed the filter and the time",
  { captures: ["classic-070-all.pcap", "classic-080-all.pcap"], width: 400 },
  async ({ page, captures, visit }) => {
    await visit(`capture=${captures[0]}&view=compare&filter=iggy.status+%3D%3D+0`);
    await page.getByRole("img", { name: "Requests over time" }).waitFor();
    await page.getByRole("combobox", { name: "Compare with" }).selectOption(captures[1]!);
    await page.getByText("79 pairs, 74 alike, 5 different").waitFor();
    const value = page.getByRole("button", { name: '"0.10.0"' });
    await value.waitFor();
    const box = await value.boundingBox();
    assert(box !== null && box.x >= 0 && box.x + box.width <= 400, JSON.stringify(box));
    const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
    assert(wide <= 400, `${wide} pixels`);
    await checkAccessible(page);
    await keepPicture(page, "compare-narrow");
    await visit(`capture=${captures[0]}&view=compare&to=1`);
    await page.getByText("Of this capture only the chosen time").waitFor();
    await page.getByRole("combobox", { name: "Compare with" }).selectOption(captures[1]!);
    await page.getByText("0 pairs").waitFor();
  },
);
