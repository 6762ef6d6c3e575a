import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { keepPicture } from "../support/browser.ts";
import { pageTest } from "../support/page_server.ts";

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
    await page.getByRole("row", { name: "299 " }).waitFor();
    assert(await page.locator(".rows .row").count() < 80);
    assertStringIncludes(
      await page.getByRole("row", { name: "299 " }).innerText(),
      "ping",
    );

    await page.getByRole("button", { name: "Pause" }).click();
    await ping(port, 50);
    const catchUp = page.getByRole("button", { name: "Catch up (50 new)" });
    await catchUp.waitFor();
    assertEquals(await page.getByRole("row", { name: "349 " }).count(), 0);
    await catchUp.click();
    await page.getByRole("row", { name: "349 " }).click();
    await page.getByText("transaction 349").waitFor();
    await page.getByRole("treeitem", { name: "Response" }).waitFor();
    await page.getByText("in all 350").waitFor();
    await keepPicture(page, "live");

    await ping(port, 50); // looking into one, the table stands still
    await page.waitForTimeout(400);
    assertEquals(await page.getByRole("row", { name: "399 " }).count(), 0);
    await page.getByRole("button", { name: "Follow the newest" }).click();
    await page.getByRole("row", { name: "399 " }).waitFor();
  },
);

pageTest(
  "the live feed goes on where it broke off",
  { server: { proxies }, allowed: /ERR_|Failed to load/ },
  async ({ page, server, visit }) => {
    const port = Number(/proxy (\d+)=/.exec(server.sources[0]!.name)?.[1]);
    await visit("view=live");
    await page.locator(".pulse.on").waitFor();
    await ping(port, 10);
    await page.getByRole("row", { name: "9 " }).first().waitFor();
    await page.context().setOffline(true);
    await page.evaluate(() => dispatchEvent(new Event("offline")));
    await page.context().setOffline(false);
    await ping(port, 10);
    await page.getByRole("row", { name: "19 " }).waitFor();
    assertEquals(await page.locator(".rows .row").count(), 20);
  },
);
