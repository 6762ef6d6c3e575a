import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { checkAccessible } from "../support/browser.ts";
import { pageTest } from "../support/page_server.ts";

const ALL = "classic-080-all.pcap";

pageTest(
  "keys work at once, columns sort and are chosen, and a valid beginning is not wrong",
  { captures: [ALL], allowed: /422/ },
  async ({ page, captures, visit }) => {
    await visit(`capture=${captures[0]}`);
    await page.locator("#row-0").waitFor();
    const active = page.locator(".row[aria-selected=true]");
    await page.keyboard.press("End"); // without a click before
    await active.filter({ hasText: "89" }).waitFor();
    // What comes above the table leaves it fewer rows to a page.
    await page.locator(".minimap svg").waitFor();
    await page.keyboard.press("Home");
    await page.keyboard.press("Space");
    await page.keyboard.press("PageUp");
    await page.locator("#row-0[aria-selected=true]").waitFor();

    await page.getByRole("button", { name: "Took" }).click();
    await page.locator("[aria-sort=descending]").waitFor();
    await page.locator("#row-0", { hasText: "login_user" }).waitFor();
    await page.locator("#row-3").click();
    const [number] = (await active.innerText()).split("\n");
    await page.getByText(`transaction ${number}`, { exact: true }).waitFor();

    await page.getByRole("button", { name: "Choose columns" }).click();
    await page.getByRole("checkbox", { name: "Server" }).check();
    await page.getByRole("checkbox", { name: "Arguments" }).uncheck();
    await page.keyboard.press("Escape");
    const heads = page.getByRole("columnheader");
    const names = (await heads.allInnerTexts()).map((name) => name.trim());
    assert(names.includes("Server") && !names.includes("Arguments"), names.join());
    assertStringIncludes(await page.locator("#row-0").innerText(), "127.0.0.1:8090");
    await checkAccessible(page);

    await page.locator("#filter").fill("iggy.comm");
    await page.getByRole("option", { name: "iggy.command" }).waitFor();
    assertEquals(await page.locator(".mistake").count(), 0);
    await page.keyboard.press("Enter");
    await page.locator(".mistake").waitFor();
  },
);

pageTest(
  "bytes are coloured by field, pointed at from both sides, and read as JSON",
  { captures: ["classic-080-groups.pcap", "vsr-090e5-all.pcap"] },
  async ({ page, captures, visit }) => {
    const sent = "filter=iggy.command+%3D%3D+%22send_messages%22";
    await visit(`capture=${captures[0]}&${sent}`);
    await page.locator("#row-3").click();
    const field = (name: string) => page.getByRole("treeitem", { name, exact: false });
    await field("stream_id").hover();
    assertEquals(
      (await page.locator(".bytes .hinted").allInnerTexts()).join(""),
      "02066f7264657273",
    );
    await page.locator(".bytes [data-at='4']").hover();
    await page.locator(".field.hinted", { hasText: "code" }).waitFor();
    const looks = await page.locator(".bytes [data-at]").evaluateAll((bytes) =>
      bytes.map((byte) => (byte as unknown as { className: string }).className)
    );
    const colors = new Set(looks.join(" ").match(/of-[1-9]/g)).size;
    assert(colors >= 5, `${colors} colours`);
    const payload = page.getByRole("treeitem", { name: /payload \d+ bytes/ }).first();
    for (let i = 0; i < 60 && await payload.count() === 0; i++) {
      await page.locator(".tree").focus();
      await page.keyboard.press("End");
      await page.keyboard.press("ArrowRight");
    }
    await payload.click();
    await page.locator(".payload pre").waitFor();

    await visit(`capture=${captures[1]}&${sent}`);
    await page.locator("#row-0").click();
    const header = field("vsr").first();
    await header.waitFor();
    assertEquals(await header.getAttribute("aria-expanded"), "false");
  },
);
