import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Page } from "playwright-core";
import { keepPicture } from "../support/browser.ts";
import { pageTest } from "../support/page_server.ts";

const ALL = "classic-080-all.pcap";
const LOSSY = "classic-080-lossy.pcap";
const CONCURRENT = "classic-080-concurrent.pcap";

const fixture = (name: string) =>
  new URL(`../../fixtures/captures/${name}`, import.meta.url).pathname;

/** The row with the cursor, as text. */
const activeRow = (page: Page) => page.locator(".row[aria-selected=true]").innerText();

pageTest("a capture is sent, opened, deleted", {}, async ({ page, visit }) => {
  await visit("");
  await page.setInputFiles("[aria-label='Capture files']", fixture(ALL));
  await page.getByText("90 transactions").waitFor();
  // The name comes with the capture's own record, which may be after the rows.
  await page.locator(".bar .of", { hasText: ALL }).waitFor();
  await page.getByRole("tab", { name: "Captures" }).click();
  const row = page.getByRole("row", { name: ALL });
  await row.getByText("complete").waitFor();
  await keepPicture(page, "captures");
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: `Delete ${ALL}` }).click();
  await row.waitFor({ state: "detached" });
});

pageTest("a capture is opened with a key log sent from the page", {}, async (session) => {
  const { page, visit } = session;
  await visit("");
  const name = "classic-080-tls";
  await page.setInputFiles("[aria-label='Key log']", fixture(`${name}.keys`));
  await page.getByText(`are opened with ${name}.keys`).waitFor();
  await page.setInputFiles("[aria-label='Capture files']", fixture(`${name}.pcap`));
  await page.locator(".row", { hasText: "ping" }).first().waitFor();
});

pageTest(
  "what is no capture is refused, and an upload can be cancelled",
  { allowed: /415|404/ },
  async ({ page, visit }) => {
    await visit("");
    const drop = async (name: string, size: number) => {
      const data = await page.evaluateHandle(`(() => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(${size})], ${JSON.stringify(name)}));
        return data;
      })()`);
      await page.dispatchEvent("body", "dragover", { dataTransfer: data });
      await page.getByText("Drop to send the capture").waitFor();
      await page.dispatchEvent("body", "drop", { dataTransfer: data });
    };
    await drop("notes.txt", 1000);
    await page.getByRole("alert").getByText("notes.txt").waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await page.route("**/api/captures?*", () => {}); // an answer that never comes
    await drop("slow.pcap", 5000);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.locator(".upload").waitFor({ state: "detached" });
  },
);

pageTest(
  "a filter is completed, its errors shown at their place, and it is remembered",
  { captures: [ALL], allowed: /422/ },
  async ({ page, captures, visit }) => {
    await visit(`capture=${captures[0]}`);
    await page.getByText("90 transactions").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("iggy.com");
    // Lists of what was typed before have others first.
    const first = page.locator("[role=option]:first-child");
    await first.filter({ hasText: "iggy.command" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type(" == login");
    await first.filter({ hasText: "login_" }).waitFor();
    await keepPicture(page, "completion");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter"); // takes the value
    await page.keyboard.press("Enter"); // applies the filter
    await page.getByText(/of 90 transactions/).waitFor();
    const filter = await page.inputValue("#filter");
    assert(/^iggy\.command == "login_\w+"$/.test(filter), filter);

    await page.fill("#filter", "iggy.status != 0 && iggy.stauts > 3");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.locator(".mistake").waitFor();
    assertEquals(await page.locator(".mistake").innerText(), "iggy.stauts");
    assertStringIncludes(await page.locator("#filter-error").innerText(), "iggy.status");
    await keepPicture(page, "filter-error");

    await page.getByRole("button", { name: "Clear filter" }).click();
    await page.locator("#filter").focus();
    await page.getByRole("option", { name: filter }).waitFor();
  },
);

pageTest(
  "fields and bytes are linked both ways, and secrets are masked",
  { captures: [ALL] },
  async ({ page, captures, visit }) => {
    await visit(`capture=${captures[0]}&filter=iggy.command+%3D%3D+%22login_user%22`);
    await page.getByRole("row", { name: /login_user.*ok/ }).first().click();
    const field = page.getByRole("treeitem", { name: "username" });
    await field.click();
    const lit = () => page.locator(".bytes .lit").allInnerTexts();
    assertEquals((await lit()).join(""), "0469676779"); // length 4, "iggy"
    const hidden = page.locator(".bytes [data-at]", { hasText: "**" }).first();
    await hidden.click();
    const selected = page.locator(".field[aria-selected=true]");
    assertStringIncludes(await selected.innerText(), "password");
    assertStringIncludes(await selected.innerText(), "redacted");
    await page.getByRole("button", { name: "Response" }).click();
    await page.locator(".bytes [data-at]").last().click();
    assertStringIncludes(await selected.innerText(), "user_id");
    await page.getByRole("button", { name: "Filter by field" }).click();
    assertStringIncludes(
      await page.inputValue("#filter"),
      "iggy.login_user.response.user_id == 0",
    );
  },
);

pageTest("all of it works by keyboard", { captures: [ALL] }, async (session) => {
  const { page, captures, visit } = session;
  await visit(`capture=${captures[0]}`);
  await page.getByRole("row", { name: "ping" }).first().waitFor();
  await page.locator(".grid").focus();
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await press("ArrowDown", "ArrowDown", "ArrowUp");
  assertStringIncludes(await activeRow(page), "ping");
  await press("End");
  assertStringIncludes(await activeRow(page), "89");
  await press("PageUp", "PageUp", "PageUp", "PageUp", "PageUp", "PageUp");
  assertEquals((await activeRow(page)).split("\n")[0], "0");
  // However late they come, the fields take the focus.
  await page.route(/transactions\/\d+/, async (route) => {
    await new Promise((done) => setTimeout(done, 500));
    await route.continue();
  });
  await press("ArrowDown", "Enter");
  await page.locator(".tree:focus").waitFor();
  await press("Home", "ArrowDown", "ArrowDown", "ArrowDown");
  assertStringIncludes(
    await page.locator(".field[aria-selected=true]").innerText(),
    "username",
  );
  await press("ArrowLeft", "ArrowLeft");
  assertEquals(await page.getByRole("treeitem", { expanded: false }).count(), 1);
  await press("Escape");
  await page.locator(".grid:focus").waitFor();
  assertEquals(await page.locator(".detail").count(), 0);
  for (const [key, view] of ["Captures", "Transactions", "Charts"].entries()) {
    await press(String(key + 1));
    await page.getByRole("tab", { name: view, selected: true }).waitFor();
  }
  await page.getByRole("tab", { name: "Charts" }).focus();
  await press("ArrowRight");
  await page.getByRole("tab", { name: "Errors", selected: true }).waitFor();
  for (const theme of ["[data-theme=light]", "[data-theme=dark]", ":not([data-theme])"]) {
    await press("t");
    await page.locator(`html${theme}`).waitFor();
  }
  await press("?");
  await page.getByRole("dialog").waitFor();
  await press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

pageTest(
  "a link shows what its sender saw, and Back goes back",
  { captures: [CONCURRENT] },
  async ({ page, captures, visit }) => {
    const filter = "&filter=iggy.status+%21%3D+0";
    await visit(`capture=${captures[0]}${filter}&transaction=1500`);
    await page.getByText("421 of 2,764 transactions").waitFor();
    await page.getByText("transaction 1,500").waitFor();
    await page.locator(".row[aria-selected=true]").waitFor();
    await page.getByRole("tab", { name: "Errors" }).click();
    await page.getByText("error answers").first().waitFor();
    await page.goBack();
    await page.getByText("421 of 2,764 transactions").waitFor();
    assertStringIncludes(page.url(), "transaction=1500");
  },
);

pageTest(
  "charts are drawn, and a drag over them filters the table by time",
  { captures: [CONCURRENT] },
  async ({ page, captures, visit }) => {
    await visit(`capture=${captures[0]}&view=charts`);
    const over = page.locator(".u-over").first();
    await over.waitFor();
    await page.getByText("2,764 transactions").waitFor();
    await keepPicture(page, "charts");
    const { x, y, width } = (await over.boundingBox())!;
    await page.mouse.move(x + width * 0.3, y + 50);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.5, y + 60, { steps: 5 });
    await page.mouse.up();
    await page.locator(".chip").waitFor();
    await page.getByRole("button", { name: "Show in table" }).click();
    const counted = page.getByText(/of 2,764 transactions/);
    await counted.waitFor();
    const [shown] = (await counted.innerText()).replaceAll(",", "").match(/\d+/g)!;
    assert(Number(shown) > 100 && Number(shown) < 1500, `${shown} shown`);
    await page.getByRole("button", { name: "Show the whole time" }).click();
    await page.getByText("2,764 transactions").waitFor();
  },
);

pageTest(
  "errors, the ladder and the topology lead to their transactions",
  { captures: [LOSSY] },
  async ({ page, captures, visit }) => {
    await visit(`capture=${captures[0]}&view=errors`);
    await page.getByRole("row", { name: "invalid_credentials" }).first()
      .getByRole("button").click();
    await page.getByText(/ of 205 transactions/).waitFor();
    assertStringIncludes(await page.inputValue("#filter"), "iggy.status == 42");
    await visit(`capture=${captures[0]}&view=conversations`);
    await page.getByRole("button", { name: "10.77.1.2:45410" }).click();
    await page.getByText("retransmission").first().waitFor();
    await keepPicture(page, "ladder");
    await page.getByRole("button", { name: "login_user" }).first().click();
    await page.getByText("transaction 1", { exact: true }).waitFor();
    await visit(`capture=${captures[0]}&view=topology`);
    await page.getByRole("button", { name: "topic" }).first().click();
    await page.getByText(/ of 205 transactions/).waitFor();
  },
);

pageTest(
  "what the filter lets through can be saved",
  { captures: [ALL] },
  async ({ page, captures, visit }) => {
    await visit(`capture=${captures[0]}&filter=iggy.command+%3D%3D+%22ping%22`);
    await page.getByText(/ of 90 transactions/).waitFor();
    for (
      const [item, ending, begin] of [
        ["Records", ".ndjson", '{"transaction":0'],
        ["Table", ".csv", "transaction,"],
        ["Columns (Parquet)", ".parquet", "PAR1"],
        ["Columns (Arrow)", ".arrow", "\xff\xff\xff\xff"],
        ["Conversations", ".pcapng", "\x0a\x0d\x0d\x0a"],
        ["Anonymous conversations", "-anonymous.pcapng", "\x0a\x0d\x0d\x0a"],
        ["Wireshark dissector", ".lua", "--"],
      ] as const
    ) {
      await page.getByRole("button", { name: "Download" }).click();
      const [saved] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("menuitem", { name: new RegExp(`^${RegExp.escape(item)}`) })
          .click(),
      ]);
      const name = saved.suggestedFilename();
      assert(name.endsWith(ending), name);
      const text = new TextDecoder("latin1").decode(
        await Deno.readFile(await saved.path()),
      );
      assert(text.startsWith(begin), `${name}: ${text.slice(0, 40)}`);
    }
  },
);
