/**
 * The page in a real browser against a real server: what each of its tests begins with.
 *
 * @module
 */
import type { Page } from "playwright-core";
import { type RunningServer, serve, type ServeOptions } from "../../server/mod.ts";
import { readPage } from "../../server/page/mod.ts";
import { keepPicture, openBrowser, openPage, type PageOptions } from "./browser.ts";
import { requirePeer } from "./peer.ts";

/** What a test of the page gets. */
export interface PageSession {
  readonly page: Page;
  /** The server behind it; its port is free by chance. */
  readonly server: RunningServer;
  /** Ids of the captures sent, in order. */
  readonly captures: readonly string[];
  /** Sends a capture more: a name in `fixtures/captures/`, or bytes; gives its id. */
  send(capture: string | Uint8Array<ArrayBuffer>): Promise<string>;
  /** Goes to a fragment such as `view=live`, as someone who was sent the link. */
  visit(fragment: string): Promise<void>;
}

/** How a test of the page begins. */
export interface SessionOptions extends PageOptions {
  /** Captures that the server has: names in `fixtures/captures/`, or bytes. */
  readonly captures?: readonly (string | Uint8Array<ArrayBuffer>)[];
  readonly server?: Partial<ServeOptions>;
}

const FIXTURES = new URL("../../fixtures/captures/", import.meta.url);

/** Registers a test that uses the page; a failure leaves a picture in `artifacts/`. */
export function pageTest(
  name: string,
  options: SessionOptions,
  body: (session: PageSession) => Promise<void>,
): void {
  Deno.test(`in Chromium: ${name}`, async () => {
    if (!requirePeer("chromium")) return;
    const folder = await Deno.makeTempDir();
    const server = await serve({
      folder,
      hostname: "127.0.0.1",
      port: 0,
      page: await readPage(),
      log: () => {},
      ...options.server,
    });
    const base = `http://127.0.0.1:${server.port}`;
    const browser = await openBrowser();
    try {
      const captures: string[] = [];
      for (const capture of options.captures ?? []) {
        captures.push(await send(base, capture));
      }
      const { page, close } = await openPage(browser, options);
      const visit = async (fragment: string) => {
        await page.goto("about:blank");
        await page.goto(`${base}/${fragment === "" ? "" : `#${fragment}`}`);
      };
      try {
        await body({
          page,
          server,
          captures,
          send: (capture) => send(base, capture),
          visit,
        });
      } catch (error) {
        await keepPicture(page, `failed-${name.replaceAll(/\W+/g, "-")}`);
        throw error;
      }
      await close();
    } finally {
      await browser.close();
      await server.stop(0);
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function send(base: string, capture: string | Uint8Array<ArrayBuffer>) {
  const isName = typeof capture === "string";
  const body = isName ? await Deno.readFile(new URL(capture, FIXTURES)) : capture;
  const name = isName ? capture : "made.pcap";
  const response = await fetch(`${base}/api/captures?name=${name}`, {
    method: "POST",
    body,
  });
  const { id } = await response.json() as { id: string };
  return id;
}
