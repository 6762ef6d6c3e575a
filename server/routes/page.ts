import type { App } from "../services.ts";

/** A file of the page. */
export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** As in the header `content-type`. */
  readonly type: string;
  /** Changes with the bytes. */
  readonly etag: string;
}

/** The files of the page by path: `/`, `/assets/page.js`. */
export type Page = ReadonlyMap<string, PageFile>;

/** The page at `/` and what it loads from `/assets/`. */
export function pageRoutes(app: App, page: Page): void {
  for (const [path, { bytes, type, etag }] of page) {
    app.get(path, (c) => {
      const headers = { etag, "cache-control": "no-cache" };
      const known = c.req.header("if-none-match")?.includes(etag) ?? false;
      if (known) return new Response(null, { status: 304, headers });
      return new Response(bytes, { headers: { ...headers, "content-type": type } });
    });
  }
}
