import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { keepPicture } from "../support/browser.ts";
import { pageTest } from "../support/page_server.ts";
import { until } from "./support.ts";

const PING = Uint8Array.of(4, 0, 0, 0, 1, 0, 0, 0);
const OK = new Uint8Array(8);

/** A server that answers every ping, as long as this file is tested. */
const target = Deno.listen({ hostname: "127.0.0.1", port: 0 });
target.unref();
(async () => {
  for await (const connection of target) answer(connection);
})();

async function answer(connection: Deno.Conn): Promise<void> {
  const request = new Uint8Array(PING.length);
  try {
    while (await connection.read(request) !== null) await connection.write(OK);
    connection.close();
  } catch {
    // the client broke off
  }
}

/** Sends pings through the proxy. */
async function ping(port: number, times: number): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const response = new Uint8Array(OK.length);
  for (let i = 0; i < times; i++) {
    await connection.write(PING);
    await connection.read(response);
  }
  connection.close();
}

const proxies = [{ port: 0, targetHost: "127.0.0.1", targetPort: target.addr.port }];

pageTest(
  "live traffic is followed, held, caught up with, and looked into",
  { server: { proxies } },
  async ({ page, server, visit }) => {
    const port = Number(/proxy (\d+)=/.exec(server.sources[0]!.name)?.[1]);
    await visit("view=live");
    await page.locator(".pulse.on").waitFor();
    await ping(port, 300);
    await page.getByRole("row", { name: /^299 / }).waitFor();
    assert(await page.locator(".rows .row").count() < 80);
    assertStringIncludes(
      await page.getByRole("row", { name: /^299 / }).innerText(),
      "ping",
    );

    await page.getByRole("button", { name: "Pause" }).click();
    await ping(port, 50);
    const catchUp = page.getByRole("button", { name: "Catch up (50 new)" });
    await catchUp.waitFor();
    assertEquals(await page.getByRole("row", { name: /^349 / }).count(), 0);
    await catchUp.click();
    await page.getByRole("row", { name: /^349 / }).click();
    await page.getByText("transaction 349").waitFor();
    await page.getByRole("treeitem", { name: "Response" }).waitFor();
    await page.getByText("in all 350").waitFor();
    await keepPicture(page, "live");

    await ping(port, 50); // looking into one, the table stands still
    await page.getByText("in all 400").waitFor();
    assertEquals(await page.getByRole("row", { name: /^399 / }).count(), 0);
    await page.getByRole("button", { name: "Follow the newest" }).click();
    await page.getByRole("row", { name: /^399 / }).waitFor();
  },
);

pageTest(
  "the live feed goes on where it broke off",
  { server: { proxies } },
  async ({ page, server, visit }) => {
    await ping(Number(/proxy (\d+)=/.exec(server.sources[0]!.name)?.[1]), 10);
    const asked: (string | undefined)[] = [];
    await page.route("**/api/live?*", async (route) => {
      asked.push(route.request().headers()["last-event-id"]);
      if (asked.length > 1) return await route.continue();
      const notice = { kind: "missed", message: "almost there", missed: 0 };
      const body = `id: before-4\nevent: notice\ndata: ${JSON.stringify(notice)}\n\n`;
      await route.fulfill({ contentType: "text/event-stream", body });
    });
    await visit("view=live");
    await page.getByText("started anew").waitFor();
    await page.locator(".row", { hasText: "ping" }).nth(9).waitFor();
    assertEquals(asked, [undefined, "before-4"]);
  },
);

pageTest(
  "seven tabs share one connection, and what passes is recorded",
  { server: { proxies } },
  async ({ page, server, visit }) => {
    const port = Number(/proxy (\d+)=/.exec(server.sources[0]!.name)?.[1]);
    await ping(port, 10); // before any page is open
    await visit("view=live");
    await page.locator(".pulse.on").waitFor();
    const others = await Promise.all(Array.from({ length: 6 }, async () => {
      const tab = await page.context().newPage();
      await tab.goto(page.url());
      return tab;
    }));
    await ping(port, 10);
    for (const tab of [page, ...others]) {
      await tab.getByRole("row", { name: /^0 / }).waitFor();
      await tab.getByRole("row", { name: /^19 / }).waitFor();
    }
    const listeners = () => server.services.metrics.value("iggyscope_live_listeners");
    assertEquals(listeners(), 1);
    await page.getByRole("tab", { name: "Captures" }).click(); // another has to ask now
    await ping(port, 10);
    for (const tab of others) await tab.getByRole("row", { name: /^29 / }).waitFor();
    await until(() => listeners() === 1); // the server hears a moment later who hung up

    const [tab] = others;
    await tab!.getByRole("button", { name: "Record" }).click();
    await tab!.getByRole("button", { name: "Look into it" }).click();
    await ping(port, 7);
    await tab!.getByText("7 transactions").waitFor();
    await tab!.getByRole("tab", { name: "Conversations" }).click();
    await tab!.getByRole("row", { name: "established" }).or(
      tab!.getByRole("row", { name: "closed" }),
    ).first().waitFor();
    await tab!.getByRole("tab", { name: "Live" }).click();
    await tab!.getByRole("button", { name: "Stop and open" }).click();
    await tab!.getByText("7 transactions").waitFor();
    await tab!.getByRole("tab", { name: "Captures" }).click();
    await tab!.getByText("complete").waitFor();
  },
);

pageTest(
  "a server that takes no more listeners is asked again",
  { server: { proxies }, allowed: /503/ },
  async ({ page, server, visit }) => {
    await ping(Number(/proxy (\d+)=/.exec(server.sources[0]!.name)?.[1]), 3);
    let asked = 0;
    await page.route("**/api/live?*", async (route) => {
      if (asked++ > 0) return await route.continue();
      const problem = { type: "about:blank", title: "Service Unavailable", status: 503 };
      const body = JSON.stringify({ ...problem, detail: "Too many listeners." });
      await route.fulfill({
        status: 503,
        contentType: "application/problem+json",
        body,
      });
    });
    await visit("view=live");
    await page.getByText("Too many listeners. Trying again.").waitFor();
    await page.getByRole("row", { name: /^2 / }).waitFor();
  },
);
