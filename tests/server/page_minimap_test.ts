import { assert, assertStringIncludes } from "@std/assert";
import { keepPicture } from "../support/browser.ts";
import { pageTest } from "../support/page_server.ts";

pageTest(
  "a range drawn on the strip of time is what every view shows",
  { captures: ["classic-080-lossy.pcap", "classic-080-tls.pcap"] },
  async ({ page, captures, visit }) => {
    await visit(`capture=${captures[0]}`);
    await page.getByText("205 transactions").waitFor();
    const strip = page.locator(".minimap svg");
    const box = await strip.boundingBox();
    assert(box !== null);
    const [left, right] = [box.x + box.width * 0.7, box.x + box.width * 0.95];
    const y = box.y + box.height / 2;
    await page.mouse.move(left, y);
    await page.mouse.down();
    await page.mouse.move(right, y, { steps: 3 });
    await page.mouse.up();
    await page.getByText(/^\d+ of 205 transactions$/).waitFor();
    assert(/from=\d+.*to=\d+/.test(page.url()), page.url());
    await keepPicture(page, "minimap");
    await page.mouse.click(left, y);
    await page.getByText(/^205 transactions$/).waitFor();

    await visit(`capture=${captures[1]}`);
    const row = page.locator("#row-0");
    await row.waitFor();
    assertStringIncludes(await row.innerText(), "TLS");
  },
);
