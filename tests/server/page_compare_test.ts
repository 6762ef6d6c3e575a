import { assert, assertEquals } from "@std/assert";
import { keepPicture } from "../support/browser.ts";
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
