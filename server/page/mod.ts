/**
 * The web page as the server serves it: `GET /` and the files it asks for.
 *
 * `src/` holds the sources (TypeScript with Preact; `page.tsx` begins, `url_state.ts` says what
 * it shows, one file per view), `dist/` what `deno task page` made of them. The page talks to
 * nothing but the HTTP API of its own server.
 *
 * @module
 */

/** What a page may load and do: its own files, its own server, nothing inline. */
export const PAGE_POLICY: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
  "/page.css": ["page.css", "text/css; charset=utf-8"],
  "/icon.svg": ["icon.svg", "image/svg+xml"],
};

/** Paths of the page's files. */
export const PAGE_PATHS: readonly string[] = Object.keys(FILES);

/**
 * Answers for one of {@link PAGE_PATHS}: the file with its type, an ETag and
 * {@link PAGE_POLICY}; null for any other path.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const response = await pageResponse("/");
 * assertEquals(response?.headers.get("content-type"), "text/html; charset=utf-8");
 * assertEquals(await pageResponse("/etc/passwd"), null);
 * ```
 */
export async function pageResponse(path: string): Promise<Response | null> {
  const [file, type] = Object.hasOwn(FILES, path) ? FILES[path]! : [];
  if (file === undefined || type === undefined) return null;
  const bytes = await Deno.readFile(new URL(`./dist/${file}`, import.meta.url));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return new Response(bytes, {
    headers: {
      "Content-Type": type,
      "Cache-Control": "no-cache",
      "Content-Security-Policy": PAGE_POLICY,
      "ETag": `"${digest.subarray(0, 12).toHex()}"`,
    },
  });
}
