import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Registry } from "../core/dissect/registry.ts";
import type { JsonOptions } from "../core/schema/mod.ts";
import type { LiveFeed } from "./live/feed.ts";
import type { Recorder } from "./live/recorder.ts";
import type { Limits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Selector } from "./query/selection.ts";
import type { Gate } from "./security.ts";
import type { Store } from "./store/store.ts";

/** What routes work with. */
export interface Services {
  readonly version: string;
  readonly registry: Registry;
  readonly store: Store;
  readonly selector: Selector;
  readonly feed: LiveFeed;
  readonly recorder: Recorder;
  /** Names of live sources; filled as they start. */
  readonly live: string[];
  readonly gate: Gate;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How records are made where a request does not say. */
  readonly json: JsonOptions;
  /** True once the server is being stopped. */
  stopping: boolean;
}

/** What the runtime tells beside a request. */
export interface Bindings {
  /** Address of the client. */
  readonly address?: string;
}

/** The application, with what the runtime tells. */
export type App = OpenAPIHono<{ Bindings: Bindings }>;
