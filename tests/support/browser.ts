/**
 * A real browser that tests use the page with: Debian's Chromium, driven by Playwright.
 *
 * Screenshots go to `artifacts/`, which git ignores; CI may keep them.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import axe from "axe-core";
import fs from "node:fs";
import type { Browser, Page } from "playwright-core";
import { findProgram } from "./peer.ts";

const ARTIFACTS = new URL("../../artifacts/page/", import.meta.url).pathname;

/** Without these, Chromium asks hosts of its maker for this and that at every start. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Loads Playwright, which looks for a file under `/proc` to find out whether this is Windows.
 * Deno lets only programs with all permissions look there; tests have fewer, so for that one
 * moment nothing is there.
 */
async function loadPlaywright() {
  const { existsSync } = fs;
  fs.existsSync = (path) => !String(path).startsWith("/proc/") && existsSync(path);
  try {
    return await import("playwright-core");
  } finally {
    fs.existsSync = existsSync;
  }
}

/** Starts the browser. */
export async function openBrowser(): Promise<Browser> {
  const { chromium } = await loadPlaywright();
  return await chromium.launch({
    executablePath: findProgram("chromium") ?? undefined,
    args: FLAGS,
  });
}

/** How a page is opened. */
export interface PageOptions {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
  /** Messages that the page may write to its console. */
  readonly allowed?: RegExp;
}

/** A page of its own, and what it wrote to its console that it should not. */
export interface OpenPage {
  readonly page: Page;
  /** Fails if something went wrong in the page: an exception, a broken policy. */
  close(): Promise<void>;
}

/** Opens an empty page with a profile of its own. */
export async function openPage(
  browser: Browser,
  { width = 1280, colorScheme = "light", allowed }: PageOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme,
    acceptDownloads: true,
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !allowed?.test(text)) complaints.push(text);
  });
  return {
    page,
    async close() {
      await context.close();
      assertEquals(complaints, [], "complaints in the browser's console");
    },
  };
}

/** Keeps a picture of the page as it stands. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${ARTIFACTS}${name}.png` });
}

/** Fails where the page breaks a rule of WCAG 2.2 A or AA that axe-core can check. */
export async function checkAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    // In the browser, whose types are not those of the tests.
    const { axe, document } = globalThis as unknown as {
      axe: typeof import("axe-core");
      document: never;
    };
    const { violations } = await axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`)
    );
  });
  assertEquals(found, []);
}
