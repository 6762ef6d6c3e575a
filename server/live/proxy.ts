import type { PacketToWrite } from "../../core/capture/mod.ts";
import { Dissector } from "../../core/dissect/dissector.ts";
import type { Metrics } from "../metrics.ts";
import type { LiveSource, SourceContext } from "./capture.ts";
import type { FromProxy, ToProxy } from "./proxy_messages.ts";
import { endpoint } from "./endpoint.ts";
import { FlowFrames } from "./flow_frames.ts";
import { Tap } from "./tap.ts";

/** From where to where a proxy passes bytes. */
export interface ProxyRoute {
  /** Port to listen on; 0 takes a free one. */
  readonly port: number;
  readonly hostname: string;
  readonly targetHost: string;
  readonly targetPort: number;
}

/** A proxy that runs. */
export interface Proxy extends LiveSource {
  /** The port it listens on. */
  readonly port: number;
}

/** What a proxy works with. */
export interface ProxyContext extends SourceContext {
  readonly metrics: Metrics;
  /** Most connections at once. */
  readonly connections: number;
}

/** Reads `8190=127.0.0.1:8090`; null where it is no route. */
export function parseRoute(text: string): Omit<ProxyRoute, "hostname"> | null {
  const match = /^(\d{1,5})=(.+):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const [port, targetPort] = [Number(match[1]), Number(match[3])];
  if (port > 65_535 || targetPort < 1 || targetPort > 65_535) return null;
  return { port, targetPort, targetHost: match[2]!.replace(/^\[(.*)\]$/, "$1") };
}

/**
 * Passes TCP connections on, byte for byte, and dissects what passes. Bytes are passed by a
 * worker that does nothing else and shows them here afterwards: no upload, no search and no
 * fault of the dissection delays or changes them. An end of one direction is passed on as such;
 * a side that breaks off ends the other. Rejects where the port cannot be had.
 */
export async function startProxy(
  route: ProxyRoute,
  context: ProxyContext,
): Promise<Proxy> {
  const { feed, recorder, registry, log, metrics, connections, decodeAs = [] } = context;
  const frames = new FlowFrames();
  const record = (packets: Iterable<PacketToWrite>) => {
    for (const packet of packets) recorder.write(packet);
  };
  const dissector = new Dissector(registry, (transaction) => feed.add(transaction), {
    decodeAs: [...decodeAs, route.targetPort],
  });
  const tap = new Tap(
    dissector,
    (detail) => log("error", "proxy could not dissect", { detail }),
  );
  const worker = new Worker(new URL("./proxy_worker.ts", import.meta.url), {
    type: "module",
    name: "proxy",
  });
  const listening = Promise.withResolvers<number>();
  const done = Promise.withResolvers<void>();
  const tell = (message: ToProxy) => worker.postMessage(message);
  const stop = () => {
    worker.terminate();
    tap.closeAll();
    done.resolve();
  };
  worker.onerror = (event) => {
    event.preventDefault();
    listening.reject(new Error(event.message));
    log("error", "proxy ended", { detail: event.message });
    feed.notice("ended", `The proxy ended: ${event.message}`);
    stop();
  };
  worker.onmessage = ({ data }: MessageEvent<FromProxy>) => {
    switch (data.kind) {
      case "listening":
        return listening.resolve(data.port);
      case "failed":
        return listening.reject(new Error(data.message));
      case "open":
        metrics.add("iggyscope_proxy_connections_total");
        record(frames.open(data.endpoints, data.moment));
        return tap.open(data.endpoints);
      case "data":
        metrics.add("iggyscope_proxy_bytes_total", data.bytes.length);
        if (recorder.id === null) frames.skipped(data.n, data.side, data.bytes.length);
        else record(frames.data(data.n, data.side, data.bytes, data.moment));
        tap.data(data.n, data.side, data.bytes, data.moment);
        return tell({ kind: "seen", bytes: data.bytes.length });
      case "skipped":
        metrics.add("iggyscope_proxy_bytes_total", data.length);
        metrics.add("iggyscope_proxy_unseen_bytes_total", data.length);
        feed.dropped++;
        frames.skipped(data.n, data.side, data.length);
        return tap.skipped(data.n, data.side, data.length, data.moment);
      case "finish":
        record(frames.finish(data.n, data.side, data.moment));
        return tap.finish(data.n, data.side, data.moment);
      case "close":
        frames.close(data.n);
        return tap.close(data.n);
      case "notice":
        log("warn", "proxy", { detail: data.message });
        return feed.notice("proxy", `Proxy: ${data.message}.`);
    }
  };
  tell({ kind: "start", route, connections });
  let port: number;
  try {
    port = await listening.promise;
  } catch (error) {
    stop();
    throw error;
  }
  return {
    name: `proxy ${port}=${endpoint(route.targetHost, route.targetPort)}`,
    port,
    done: done.promise,
    stop,
  };
}
