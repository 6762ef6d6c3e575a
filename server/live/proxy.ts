import type { Conversation, Side, Stamp } from "../../core/flow/mod.ts";
import { Dissector } from "../../core/dissect/dissector.ts";
import type { Metrics } from "../metrics.ts";
import type { LiveSource, SourceContext } from "./capture.ts";

/** Bytes read at once. */
const CHUNK_BYTES = 64 * 1024;

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

/** Reads `8190=127.0.0.1:8090`; null where it is no route. */
export function parseRoute(text: string): Omit<ProxyRoute, "hostname"> | null {
  const match = /^(\d{1,5})=(.+):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const [port, targetPort] = [Number(match[1]), Number(match[3])];
  if (port > 65_535 || targetPort < 1 || targetPort > 65_535) return null;
  return { port, targetPort, targetHost: match[2]!.replace(/^\[(.*)\]$/, "$1") };
}

/**
 * Passes TCP connections on, byte for byte, and dissects what passes. Bytes go out before they
 * are looked at, and whatever the dissection makes of them changes nothing. An end of one
 * direction is passed on as such; a side that breaks off ends the other.
 */
export function startProxy(
  route: ProxyRoute,
  context: SourceContext & { readonly metrics: Metrics },
): Proxy {
  const { feed, registry, log, metrics, decodeAs = [] } = context;
  const listener = Deno.listen({ hostname: route.hostname, port: route.port });
  const { port } = listener.addr as Deno.NetAddr;
  const dissector = new Dissector(registry, (transaction) => feed.add(transaction), {
    decodeAs: [...decodeAs, route.targetPort],
  });
  const open = new Set<Deno.Conn>();
  let conversations = 0;
  const stamps = { packet: 0 };

  async function serve(client: Deno.TcpConn): Promise<void> {
    open.add(client);
    metrics.add("iggyscope_proxy_connections_total");
    let target: Deno.TcpConn;
    try {
      target = await Deno.connect({ hostname: route.targetHost, port: route.targetPort });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      log("warn", "proxy target refused", { target: targetOf(route), detail });
      open.delete(client);
      client.close();
      return;
    }
    open.add(target);
    client.setNoDelay(true);
    target.setNoDelay(true);
    const tap = new Tap(
      conversationOf(conversations++, client, target),
      dissector,
      stamps,
      (detail) => log("error", "proxy could not dissect", { detail }),
    );
    const passed = (bytes: number) => metrics.add("iggyscope_proxy_bytes_total", bytes);
    await Promise.all([
      pass(client, target, "client", tap, passed),
      pass(target, client, "server", tap, passed),
    ]);
    tap.close();
    for (const connection of [client, target]) {
      open.delete(connection);
      closeQuietly(connection);
    }
  }

  const done = (async () => {
    for await (const client of listener) void serve(client);
  })();
  return {
    name: `proxy ${port}=${targetOf(route)}`,
    port,
    done,
    stop() {
      listener.close();
      for (const connection of open) closeQuietly(connection);
    },
  };
}

async function pass(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  side: Side,
  tap: Tap,
  passed: (bytes: number) => void,
): Promise<void> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  try {
    for (;;) {
      const count = await from.read(buffer);
      if (count === null) break;
      for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
      passed(count);
      tap.data(side, buffer, count);
    }
    tap.finish(side);
    await to.closeWrite();
  } catch {
    // One side broke off: neither can go on.
    closeQuietly(from);
    closeQuietly(to);
  }
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

function targetOf({ targetHost, targetPort }: ProxyRoute): string {
  return endpoint(targetHost, targetPort);
}

function endpoint(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Shows the dissection what passes. */
class Tap {
  readonly #conversation: Conversation;
  readonly #dissector: Dissector;
  readonly #stamps: { packet: number };
  readonly #failed: (detail: string) => void;
  #broken = false;

  constructor(
    conversation: Conversation,
    dissector: Dissector,
    stamps: { packet: number },
    failed: (detail: string) => void,
  ) {
    this.#conversation = conversation;
    this.#dissector = dissector;
    this.#stamps = stamps;
    this.#failed = failed;
  }

  data(side: Side, bytes: Uint8Array, end: number): void {
    this.#safely(() => {
      this.#dissector.data(this.#conversation, side, bytes, 0, end, this.#stamp());
    });
  }

  finish(side: Side): void {
    this.#safely(() => {
      this.#dissector.finish(this.#conversation, side, this.#stamp());
    });
  }

  close(): void {
    this.#safely(() => this.#dissector.close(this.#conversation));
    this.#dissector.release(this.#conversation);
  }

  /** A fault of the dissection ends the dissection of this connection, not the connection. */
  #safely(work: () => void): void {
    if (this.#broken) return;
    try {
      work();
    } catch (error) {
      this.#broken = true;
      this.#failed(error instanceof Error ? error.message : String(error));
    }
  }

  #stamp(): Stamp {
    const now = performance.timeOrigin + performance.now();
    const seconds = Math.floor(now / 1000);
    const nanos = Math.min(999_999_999, Math.round((now - seconds * 1000) * 1e6));
    return { packet: ++this.#stamps.packet, seconds, nanos };
  }
}

/** A connection through the proxy. Who connected is the client, whatever the bytes say. */
function conversationOf(
  number: number,
  client: Deno.TcpConn,
  target: Deno.TcpConn,
): Conversation {
  const from = client.remoteAddr, to = target.remoteAddr;
  return {
    number,
    clientPort: from.port,
    serverPort: to.port,
    clientEndpoint: endpoint(from.hostname, from.port),
    serverEndpoint: endpoint(to.hostname, to.port),
    handshake: true,
    swapSides() {},
  };
}
