import { checkAccessible, keepPicture } from "../support/browser.ts";
import { pageTest } from "../support/page_server.ts";

const LOSSY = "classic-080-lossy.pcap";

/** Every view, with something in it, and what it has when it is drawn. */
const VIEWS: readonly (readonly [name: string, fragment: string, drawn: string])[] = [
  ["captures", "view=captures", "tbody tr"],
  ["table", "filter=iggy.status+%21%3D+0", ".row.failed"],
  ["detail", "transaction=30", ".field"],
  ["no-match", "filter=iggy.status+%3D%3D+12345", ".empty"],
  ["charts", "view=charts", ".u-over"],
  ["errors", "view=errors", "tbody tr"],
  ["conversations", "view=conversations", "tbody tr"],
  ["ladder", "view=conversations&conversation=0", ".rungs .mark"],
  ["topology", "view=topology", ".node"],
  ["live", "view=live", ".empty"],
  ["compare", "view=compare", "select"],
];

for (const [colorScheme, width] of [["light", 1280], ["dark", 800]] as const) {
  pageTest(
    `no view breaks a rule of accessibility in ${colorScheme} at ${width} pixels`,
    { captures: [LOSSY], colorScheme, width },
    async ({ page, captures, visit }) => {
      for (const [name, fragment, drawn] of VIEWS) {
        await visit(`capture=${captures[0]}&${fragment}`);
        await page.locator(drawn).first().waitFor();
        await keepPicture(page, `${name}-${width}-${colorScheme}`);
        await checkAccessible(page);
      }
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
      await checkAccessible(page);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Download" }).click();
      await page.getByRole("menu").waitFor();
      await checkAccessible(page);
      await page.keyboard.press("Escape");
      await page.keyboard.press("/");
      await page.keyboard.type("iggy.");
      await page.getByRole("option").first().waitFor();
      await checkAccessible(page);
    },
  );
}
