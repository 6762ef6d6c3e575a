import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fixture, withFolder, writingCli } from "../cli/support.ts";
import { checkAccessible } from "../support/browser.ts";
import { pageTest } from "../support/page_server.ts";

const LOSSY = "classic-080-lossy.pcap";

pageTest(
  "exchanges stand to one scale, and the check lists findings with links and vectors",
  { captures: [LOSSY] },
  async ({ page, captures, visit }) => {
    await visit(`capture=${captures[0]}&view=conversations&conversation=0`);
    const line = (command: string) =>
      page.getByRole("listitem").filter({ hasText: command }).first();
    const width = async (command: string) => {
      const box = await line(command).locator(".latency").boundingBox();
      return box?.width ?? 0;
    };
    await line("get_stats").waitFor();
    // 58.0 ms and 25.3 ms
    const ratio = await width("get_stats") / await width("login_user");
    assert(ratio > 2.1 && ratio < 2.5, `${ratio}`);
    assert(await page.locator(".lane .mark.again").count() > 0);
    await page.getByLabel("Whole width").selectOption("10000000");
    await page.locator(".lane").first().waitFor();
    assert(await width("get_stats") < 10);
    await checkAccessible(page);
    await page.getByRole("button", { name: "Packets" }).click();
    await page.getByText("retransmission").first().waitFor();
    await page.getByRole("button", { name: "Bytes" }).click();
    const drawn = page.getByAltText("Bytes over time in both directions");
    await drawn.waitFor();
    assert((await drawn.boundingBox())!.height > 300);
    await checkAccessible(page);

    await visit(`capture=${captures[0]}&view=check`);
    await page.getByText("11 findings").waitFor();
    await checkAccessible(page);
    await page.getByLabel("Command").selectOption("ping");
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "ping-vectors.json" }).click(),
    ]);
    const { items } = JSON.parse(await Deno.readTextFile(await saved.path()));
    assert(items.length > 0);
    await page.getByRole("button", { name: "#20", exact: true }).click();
    await page.getByText("transaction 20", { exact: true }).waitFor();
  },
);

pageTest(
  "the crosshairs of all charts stand at one time, and tell values",
  { captures: [LOSSY] },
  async ({ page, captures, visit }) => {
    await visit(`capture=${captures[0]}&view=charts`);
    const over = page.locator(".chart .u-over");
    await over.nth(2).waitFor();
    await over.first().hover({ position: { x: 250, y: 60 } });
    const times = page.locator(".u-legend .u-series:first-child .u-value");
    await times.nth(2).filter({ hasText: ":" }).waitFor();
    const told = await times.allInnerTexts();
    assertEquals(told.length, 4);
    for (const time of told) assertStringIncludes(time, "08:54:");
    // Each chart stands at its own point next to that time.
    assertEquals(told[1], told[2]);
  },
);

pageTest(
  "charts show where response times went, and how lags went",
  { captures: [LOSSY, "classic-080-groups.pcap"] },
  async ({ page, captures, visit }) => {
    await visit(`capture=${captures[0]}&view=charts`);
    const where = page.getByLabel(
      "Mean response times over time by server, network, lost and sent again",
    );
    await where.waitFor();
    await checkAccessible(page);
    await visit(`capture=${captures[1]}&view=consumers`);
    const lag = page.getByLabel("Messages behind over time: ");
    await lag.waitFor();
    const label = await lag.getAttribute("aria-label");
    assertStringIncludes(label!, "orders/eu/5 group billing at most 22");
    assertEquals(await lag.locator(".u-legend .u-series").count(), 7);
    await checkAccessible(page);
  },
);

pageTest(
  "a capture without Iggy leads to its conversations, and its charts say that they are empty",
  { captures: ["http-080.pcap"] },
  async ({ page, captures, visit }) => {
    await visit(`capture=${captures[0]}`);
    await page.getByText("No Iggy traffic was found in this capture.").waitFor();
    await page.getByRole("button", { name: "Show its conversations" }).click();
    await page.getByText("0 conversations").waitFor();
    await page.getByLabel("also those that are not Iggy’s").check();
    await page.getByRole("cell", { name: /HTTP/ }).waitFor();
    await visit(`capture=${captures[0]}&view=charts`);
    await page.getByText("There are no transactions to draw.").waitFor();
  },
);

pageTest(
  "where there is nothing to draw, the page says why and draws nothing",
  { captures: ["vsr-090e5-cluster.pcap", "vsr-090e5-quic.pcap"] },
  async ({ page, captures: [cluster, quic], visit }) => {
    await visit(`capture=${cluster}&view=charts`);
    await page.getByText("No response was paired with its request.").waitFor();
    await page.locator(".chart").nth(1).waitFor();
    assertEquals(await page.locator(".chart").count(), 2);
    // Without its key log.
    await visit(`capture=${quic}&view=conversations&conversation=-1`);
    for (const form of ["Packets", "Exchanges"]) {
      await page.getByRole("button", { name: form }).click();
      await page.getByText("not readable without its key log").waitFor();
      assertEquals(await page.locator(".ladder").count(), 0);
    }
  },
);

pageTest(
  "a transaction over QUIC leads to its conversation, with connections and streams",
  {},
  ({ page, send, visit }) =>
    withFolder(async (folder) => {
      const [name, opened] = ["vsr-090e5-quic.pcap", `${folder}/opened.pcapng`];
      const keys = ["--keylog", fixture("vsr-090e5-quic.keys"), "--keep-secrets"];
      const made = await writingCli(folder, [...keys, "-w", opened, fixture(name)]);
      assertEquals(made.code, 0, made.stderr);
      await visit(`capture=${await send(await Deno.readFile(opened))}`);
      await page.locator("#row-3").click();
      await page.getByRole("button", { name: "Conversation u0" }).click();
      await page.getByRole("heading", { name: "Conversation u0" }).waitFor();
      for (const form of ["Exchanges", "Packets"]) {
        await page.getByRole("button", { name: form }).click();
        await page.getByText(/connection 0, stream \d/).first().waitFor({
          state: "attached",
        });
      }
    }),
);
