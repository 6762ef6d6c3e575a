import { type AppOptions, createApp, type Server } from "./app.ts";
import { captureLive, type LiveSource } from "./live/capture.ts";
import { type ProxyRoute, startProxy } from "./live/proxy.ts";
import { listen, type Listener } from "./listen.ts";
import { isLoopback } from "./security.ts";

/** How long uploads may go on when the server is told to stop, in ms. */
const GRACE_MS = 20_000;
/** How long answers on their way may take after that, in ms. */
const LAST_MS = 1000;

/** What {@link serve} may be told. */
export interface ServeOptions extends AppOptions {
  /** Address to listen on; anything but loopback needs a token. */
  readonly hostname: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Interfaces to capture on; `-` is a capture on standard input. */
  readonly live?: readonly string[];
  readonly proxies?: readonly Omit<ProxyRoute, "hostname">[];
  /** Ports taken for Iggy's, besides 8090. */
  readonly decodeAs?: readonly number[];
}

/** A server that listens. */
export interface RunningServer extends Server {
  readonly port: number;
  readonly sources: readonly LiveSource[];
  /** Resolves when the server has ended and everything is written. */
  readonly stopped: Promise<void>;
  /** Ends it: no new requests, live streams end, uploads may finish for a while. */
  stop(graceMs?: number): Promise<void>;
}

/** Starts the API and its live sources. Rejects where a port is taken or a source fails. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { hostname, port, live = [], proxies = [], decodeAs } = options;
  if (!isLoopback(hostname) && (options.token ?? "") === "") {
    throw new Error(`listening on ${hostname} needs a token`);
  }
  const server = createApp({ ...options, hosts: [hostname, ...options.hosts ?? []] });
  const { app, services } = server;
  const { feed, recorder, registry, log, metrics, limits } = services;
  const connections = limits.proxyConnections;
  const sources: LiveSource[] = [];
  let http: Listener;
  try {
    for (const device of live) {
      sources.push(captureLive(device, { feed, recorder, registry, log, decodeAs }));
    }
    for (const route of proxies) {
      const whole = { ...route, hostname };
      const source = { feed, recorder, registry, log, decodeAs };
      const context = { ...source, metrics, connections };
      sources.push(await startProxy(whole, context));
    }
    services.selector.prepare();
    const { headerMs, keepAliveMs } = limits;
    http = await listen(
      { hostname, port, headerMs, keepAliveMs },
      (request, { hostname: address }) => app.fetch(request, { address }),
    );
    log("info", "listening", { hostname: http.hostname, port: http.port });
  } catch (error) {
    for (const source of sources) source.stop();
    await server.close();
    throw error;
  }
  services.live.push(...sources.map(({ name }) => name));
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  const stop = async (graceMs = GRACE_MS) => {
    if (services.stopping) return await stopped;
    log("info", "stopping");
    for (const source of sources) source.stop();
    // Requests are refused from now on; the socket ends last, or it would cut uploads off.
    await server.close(graceMs);
    // Capture programs tell at their end what they lost.
    const ended = Promise.all([http.close(), ...sources.map(({ done }) => done)]);
    // Who keeps a connection busy does not keep the server from ending.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const last = new Promise<void>((resolve) => timer = setTimeout(resolve, LAST_MS));
    await Promise.race([ended, last]);
    clearTimeout(timer);
    log("info", "stopped");
    resolve();
  };
  return { ...server, port: http.port, sources, stopped, stop };
}
