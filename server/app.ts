import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import config from "../deno.json" with { type: "json" };
import type { Registry } from "../core/dissect/registry.ts";
import { iggyRegistry } from "../plugins/iggy.ts";
import { LiveFeed } from "./live/feed.ts";
import { Recorder } from "./live/recorder.ts";
import { LIMITS, type Limits } from "./limits.ts";
import { type Log, stderrLog } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { ProblemError, problemResponse } from "./problem.ts";
import { Selector } from "./query/selection.ts";
import { analysisRoutes } from "./routes/analysis.ts";
import { captureRoutes } from "./routes/captures.ts";
import { catalogRoutes } from "./routes/catalog.ts";
import { conversationRoutes } from "./routes/conversations.ts";
import { judgingRoutes } from "./routes/judging.ts";
import { sequenceRoutes } from "./routes/sequence.ts";
import { liveRoutes } from "./routes/live.ts";
import { isOpen, operationRoutes } from "./routes/operations.ts";
import { type Page, pageRoutes } from "./routes/page.ts";
import { addressOf } from "./routes/support.ts";
import { transactionRoutes } from "./routes/transactions.ts";
import { Gate, SECURITY_HEADERS } from "./security.ts";
import type { App, Bindings, Services } from "./services.ts";
import { Store } from "./store/store.ts";

/** Bytes shown of a bytes value, as in the command line. */
const MAX_BYTES = 64;

/** What {@link createApp} may be told; all but the folder has a default. */
export interface AppOptions {
  /** Folder for captures; nothing else may write there. */
  readonly folder: string;
  /** What transactions are read by; Iggy's registry with `plugins` unless given. */
  readonly registry?: Registry;
  /** Modules that the registry was made with: workers load them to have the same. */
  readonly plugins?: readonly string[];
  readonly limits?: Partial<Limits>;
  /** The token that requests must bear; none unless given. */
  readonly token?: string | null;
  /** Names, besides those of loopback, that the server goes by. */
  readonly hosts?: readonly string[];
  readonly showSecrets?: boolean;
  readonly log?: Log;
  /** Files of the page; none unless given. */
  readonly page?: Page;
}

/** A server without a socket: `app.request("/api/captures")` asks it. */
export interface Server {
  readonly app: App;
  readonly services: Services;
  /** Ends live streams, lets uploads end for a while, and closes all files. */
  close(graceMs?: number): Promise<void>;
}

/**
 * Makes the HTTP API over a folder of captures.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const folder = await Deno.makeTempDir();
 * const { app, close } = createApp({ folder });
 * const body = await Deno.readFile("fixtures/captures/classic-080-all.pcap");
 * const created = await app.request("/api/captures", { method: "POST", body });
 * assertEquals([created.status, (await created.json()).transactions], [201, 90]);
 * await close();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function createApp(options: AppOptions): Server {
  const services = servicesOf(options);
  const { store, feed, recorder } = services;
  const app: App = new OpenAPIHono<{ Bindings: Bindings }>({
    defaultHook(result) {
      if (result.success) return;
      const [issue] = result.error.issues;
      const place = issue?.path.join(".") ?? "";
      throw invalid(result.target, `${place}: ${issue?.message ?? "not valid"}`);
    },
  });
  guard(app, services);
  operationRoutes(app, services);
  captureRoutes(app, services);
  transactionRoutes(app, services);
  conversationRoutes(app, services);
  analysisRoutes(app, services);
  judgingRoutes(app, services);
  sequenceRoutes(app, services);
  catalogRoutes(app, services);
  liveRoutes(app, services);
  if (options.page !== undefined) pageRoutes(app, options.page);
  answerOthers(app, services);
  return {
    app,
    services,
    async close(graceMs) {
      services.stopping = true;
      feed.close();
      // What was recorded so far is a capture like others.
      if (recorder.id !== null) await recorder.stop().catch(() => {});
      await store.close(graceMs);
    },
  };
}

function servicesOf(options: AppOptions): Services {
  const registry = options.registry ?? iggyRegistry();
  const limits = { ...LIMITS, ...options.limits };
  const log = options.log ?? stderrLog;
  const metrics = new Metrics();
  const showSecrets = options.showSecrets ?? false;
  const { folder, plugins = [] } = options;
  const store = new Store({ folder, registry, limits, log, metrics, plugins });
  const json = { maxBytes: MAX_BYTES, showSecrets };
  return {
    version: config.version,
    registry,
    store,
    selector: new Selector({ store, registry, limits, metrics, showSecrets }),
    feed: new LiveFeed({ limits, metrics, json }),
    recorder: new Recorder(store, log),
    live: [],
    gate: new Gate({ hosts: options.hosts ?? [], token: options.token ?? null, limits }),
    limits,
    log,
    metrics,
    json,
    stopping: false,
  };
}

/** What comes before every route: headers, counting, and who may ask. */
function guard(app: App, services: Services): void {
  const { gate, limits, log, metrics } = services;
  app.use(async (c, next) => {
    const start = performance.now();
    await next();
    if (c.req.method === "HEAD") c.res = await withoutBody(c.res);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
    const { status } = c.res;
    metrics.add("iggyscope_requests_total", 1, `status="${status}"`);
    log(status >= 500 ? "error" : "info", "request", {
      method: c.req.method,
      path: c.req.path,
      status,
      ms: Math.round(performance.now() - start),
    });
  });
  app.use(async (c, next) => {
    gate.check(c.req.raw, addressOf(c), isOpen(c.req.path));
    if (services.stopping && c.req.path !== "/healthz") {
      throw new ProblemError(503, "The server is stopping.", {}, { connection: "close" });
    }
    await next();
  });
  const small = bodyLimit({
    maxSize: limits.jsonBytes,
    onError: () => {
      throw new ProblemError(413, `A body has at most ${limits.jsonBytes} bytes here.`);
    },
  });
  app.use("/api/decode", small);
  app.use("/api/session", small);
}

/** The head of an answer, with the length of the body where that is known. */
async function withoutBody(response: Response): Promise<Response> {
  const headers = new Headers(response.headers);
  const isShort = /json/.test(headers.get("content-type") ?? "");
  if (isShort && !headers.has("content-length")) {
    headers.set("content-length", String((await response.arrayBuffer()).byteLength));
  } else await response.body?.cancel();
  return new Response(null, { status: response.status, headers });
}

/** What no route answers: other paths, other methods, and faults. */
function answerOthers(app: App, { log }: Services): void {
  app.notFound((c) => {
    const allowed = methodsOf(app, c.req.path);
    if (allowed.length === 0) {
      return problemResponse(new ProblemError(404, "There is nothing here."));
    }
    const allow = [...new Set([...allowed, "OPTIONS"])].join(", ");
    if (c.req.method === "OPTIONS") {
      return new Response(null, { status: 204, headers: { allow } });
    }
    const detail = `This takes ${allow} only.`;
    return problemResponse(new ProblemError(405, detail, {}, { allow }));
  });
  app.onError((error) => {
    if (error instanceof ProblemError) return problemResponse(error);
    if (error instanceof HTTPException) {
      return problemResponse(new ProblemError(error.status, error.message));
    }
    log("error", "fault", { detail: `${error.name}: ${error.message}` });
    return problemResponse(
      new ProblemError(500, "Internal error; see the log of the server."),
    );
  });
}

/** Methods that the routes of a path take. */
function methodsOf(app: App, path: string): string[] {
  return app.routes
    .filter(({ method, path: pattern }) => {
      if (method === "ALL") return false;
      const parts = pattern.split("/").map((part) =>
        part.startsWith(":") ? "[^/]+" : part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
      );
      return new RegExp(`^${parts.join("/")}$`).test(path);
    })
    .flatMap(({ method }) => method === "GET" ? ["GET", "HEAD"] : [method]);
}

/** What is wrong with a request that does not fit its schema. */
function invalid(target: string, detail: string): ProblemError {
  if (target === "param") return new ProblemError(404, "There is nothing here.");
  return new ProblemError(target === "json" ? 422 : 400, detail);
}
