/**
 * Pictures of each view of the page, for README and docs: `deno task screenshots`. A folder and
 * a width make others, to look at: `deno task screenshots /tmp/narrow 400 [VIEW …]`.
 *
 * @module
 */
import { serve } from "../server/mod.ts";
import { readPage } from "../server/page/mod.ts";
import { dissectFixture } from "./support/dissect.ts";
import { openBrowser, openPage } from "./support/browser.ts";

const FIXTURES = new URL("../fixtures/captures/", import.meta.url);
const SHOWN = "classic-080-groups.pcap";
const LOSSY = "classic-080-lossy.pcap";
const OTHER = "classic-080-concurrent.pcap";
const ALIKE = "classic-080-all.pcap";

/** Pixels from top to bottom: the files stay small. */
const HEIGHT = 600;

/** A picture: its name, the capture, the state of the page, and what it waits for. */
type Picture = readonly [name: string, capture: string, state: string, awaited: string];

const PICTURES: readonly Picture[] = [
  ["captures", "", "view=captures", ".captures table"],
  ["transactions", SHOWN, "", "#row-3"],
  ["detail", SHOWN, "filter=iggy.command+%3D%3D+%22send_messages%22", "#row-3"],
  ["charts", SHOWN, "view=charts", ".charts table"],
  ["errors", LOSSY, "view=errors", "#panel table"],
  ["conversations", SHOWN, "view=conversations", "#panel table"],
  ["ladder", LOSSY, "view=conversations&conversation=0", ".exchange"],
  ["consumers", SHOWN, "view=consumers", "#panel table"],
  ["check", LOSSY, "view=check", ".check-view"],
  ["topology", SHOWN, "view=topology", "#panel svg"],
  ["live", "", "view=live", "#row-85"],
  ["compare", LOSSY, "view=compare", "#panel select"],
];

if (import.meta.main) {
  const [folder = "docs/images", width = "1000", ...names] = Deno.args;
  await Deno.mkdir(folder, { recursive: true });
  const data = await Deno.makeTempDir();
  const server = await serve({
    folder: data,
    hostname: "127.0.0.1",
    port: 0,
    page: await readPage(),
    log: () => {},
  });
  // Live traffic as if an interface were watched.
  server.services.live.push("eth0");
  const seen = await dissectFixture(ALIKE);
  for (const each of seen) server.services.feed.add(each);
  const base = `http://127.0.0.1:${server.port}`;
  const browser = await openBrowser();
  try {
    const ids = new Map<string, string>();
    for (const name of [OTHER, LOSSY, SHOWN, ALIKE]) {
      const body = await Deno.readFile(new URL(name, FIXTURES));
      const sent = await fetch(`${base}/api/captures?name=${name}`, {
        method: "POST",
        body,
      });
      ids.set(name, (await sent.json() as { id: string }).id);
    }
    for (const [name, capture, state, awaited] of PICTURES) {
      if (names.length > 0 && !names.includes(name)) continue;
      const { page, close } = await openPage(browser, { width: Number(width) });
      await page.setViewportSize({ width: Number(width), height: HEIGHT });
      const chosen = capture === "" ? "" : `capture=${ids.get(capture)}&`;
      await page.goto(`${base}/#${chosen}${state}`);
      await page.locator(awaited).first().waitFor();
      if (name === "detail") {
        await page.locator("#row-3").click();
        await page.locator(".field").nth(3).waitFor();
      }
      if (name === "compare") {
        const other = page.locator("#panel select option").nth(1);
        await other.waitFor({ state: "attached" });
        const value = await other.getAttribute("value");
        await page.locator("#panel select").selectOption(value);
        await page.locator("#panel table").waitFor();
      }
      if (name === "charts") {
        await page.locator(".chart .u-over").first().hover({
          position: { x: 300, y: 60 },
        });
      }
      // Events of live traffic never end.
      if (name !== "live") await page.waitForLoadState("networkidle");
      await page.screenshot({ path: `${folder}/${name}.png` });
      await close();
    }
  } finally {
    await browser.close();
    await server.stop(0);
    await Deno.remove(data, { recursive: true });
  }
}
