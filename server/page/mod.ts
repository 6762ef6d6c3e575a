/**
 * The web page that the server serves at `/`.
 *
 * `src/` holds the sources (TypeScript with Preact; `page.tsx` begins, `url_state.ts` says what
 * the page shows, one file per view), `dist/` what `deno task page` made of them. The page
 * loads nothing but these files, and talks to nothing but the HTTP API of its own server.
 *
 * Dependencies: `preact` draws, in 5 KB; `uplot` draws charts of 100 000 points on a canvas.
 * Tables draw only the rows in view by `row_window.ts`, without a library.
 *
 * @module
 */
import type { Page, PageFile } from "../routes/page.ts";

/** Where the built page lies. */
export const DIST: URL = new URL("./dist/", import.meta.url);

const FILES: readonly (readonly [path: string, file: string, type: string])[] = [
  ["/", "index.html", "text/html; charset=utf-8"],
  ["/assets/page.js", "page.js", "text/javascript; charset=utf-8"],
  ["/assets/page.css", "page.css", "text/css; charset=utf-8"],
  ["/assets/icon.svg", "icon.svg", "image/svg+xml"],
  ["/assets/sample.pcap", "sample.pcap", "application/vnd.tcpdump.pcap"],
];

/**
 * Reads the built page, for the option `page` of `createApp`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const page = await readPage();
 * assertEquals(page.get("/")?.type, "text/html; charset=utf-8");
 * ```
 */
export async function readPage(): Promise<Page> {
  const files = await Promise.all(FILES.map(async ([path, file, type]) => {
    const bytes = await Deno.readFile(new URL(file, DIST));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const etag = `"${digest.subarray(0, 12).toHex()}"`;
    return [path, { bytes, type, etag }] satisfies [string, PageFile];
  }));
  return new Map(files);
}
