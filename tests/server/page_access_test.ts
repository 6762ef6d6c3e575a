import { checkAccessible, keepPicture } from "../support/browser.ts";
import { pageTest } from "../support/page_server.ts";

const LOSSY = "classic-080-lossy.pcap";

/** Every view, with something in it. */
const VIEWS: Readonly<Record<string, string>> = {
  captures: "view=captures",
  table: "filter=iggy.status+%21%3D+0",
  detail: "transaction=30",
  "no-match": "filter=iggy.status+%3D%3D+12345",
  charts: "view=charts",
  errors: "view=errors",
  conversations: "view=conversations",
  ladder: "view=conversations&conversation=0",
  topology: "view=topology",
  live: "view=live",
};

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 800]) {
    pageTest(
      `no view breaks a rule of accessibility in ${colorScheme} at ${width} pixels`,
      { captures: [LOSSY], colorScheme, width },
      async ({ page, captures, visit }) => {
        for (const [name, fragment] of Object.entries(VIEWS)) {
          await visit(`capture=${captures[0]}&${fragment}`);
          await page.waitForLoadState("networkidle");
          await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
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
}
