/**
 * The HTTP API: captures are taken in, kept, searched and shown; live traffic is followed.
 *
 * A request passes `security.ts`, then one of `routes/`; forms are the schemas of `api.ts`.
 * `store/` keeps captures on disk, `query/` answers questions about them, `live/` takes
 * traffic from an interface, standard input or a proxy. `app.ts` joins it all without a
 * socket; `serve.ts` listens.
 *
 * Dependencies: `hono` routes requests and runs anywhere `fetch` does, so tests need no port;
 * `@hono/zod-openapi` makes validation, types and `/openapi.json` of one schema each.
 * SQLite and zstd are in Deno itself.
 *
 * @module
 */
export { type AppOptions, createApp, type Server } from "./app.ts";
export { type RunningServer, serve, type ServeOptions } from "./serve.ts";
export { LIMITS, type Limits } from "./limits.ts";
