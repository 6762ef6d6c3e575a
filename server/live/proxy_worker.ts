/**
 * The worker of a proxy: it passes connections on, byte for byte, and shows what passes to the
 * server, which dissects it. Nothing else runs here, so nothing else delays a byte.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import type { Side } from "../../core/flow/mod.ts";
import { endpoint } from "./endpoint.ts";
import type { ProxyRoute } from "./proxy.ts";
import type { FromProxy, Moment, ToProxy } from "./proxy_messages.ts";

/** Bytes read at once. */
const CHUNK_BYTES = 64 * 1024;
/** Bytes shown and not yet looked at; what passes beyond is counted only. */
const MAX_UNSEEN = 64 * 1024 * 1024;
/** Pause after a connection that the system did not let us accept, in ms. */
const ACCEPT_PAUSE_MS = 100;
/** How long a client of an upstream that is down may take to say what it wants, in ms. */
const REFUSED_MS = 5000;
/** Time between two notices of the same, in ms. */
const NOTICE_MS = 1000;

let unseen = 0;

self.onmessage = ({ data }: MessageEvent<ToProxy>) => {
  if (data.kind === "seen") unseen -= data.bytes;
  else void start(data.route, data.connections);
};

async function start(route: ProxyRoute, connections: number): Promise<void> {
  let listener: Deno.TcpListener;
  try {
    // It listens at once in Deno, and a moment later in Node.
    listener = await Deno.listen({ hostname: route.hostname, port: route.port });
  } catch (error) {
    const message = `${route.hostname} port ${route.port}: ${textOf(error)}`;
    return tell({ kind: "failed", message });
  }
  tell({ kind: "listening", port: listener.addr.port });
  void accept(listener, route, connections);
}

async function accept(
  listener: Deno.TcpListener,
  route: ProxyRoute,
  connections: number,
): Promise<void> {
  let open = 0;
  for (let n = 0;;) {
    let client: Deno.TcpConn;
    try {
      client = await listener.accept();
    } catch (error) {
      // Out of descriptors, most likely: those that are open go on, others wait.
      notice(`a connection cannot be accepted: ${textOf(error)}`);
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
      continue;
    }
    if (open >= connections) {
      notice(`more than ${connections} connections at once: further ones are closed`);
      closeQuietly(client);
      continue;
    }
    open++;
    void serve(client, route, n++).finally(() => open--);
  }
}

async function serve(client: Deno.TcpConn, route: ProxyRoute, n: number): Promise<void> {
  const { targetHost: hostname, targetPort: port } = route;
  const from = client.remoteAddr;
  const told = (address: Deno.NetAddr) =>
    tell({
      kind: "open",
      moment: now(),
      endpoints: {
        number: n,
        clientPort: from.port,
        serverPort: address.port,
        clientEndpoint: endpoint(from.hostname, from.port),
        serverEndpoint: endpoint(address.hostname, address.port),
      },
    });
  let target: Deno.TcpConn;
  try {
    target = await Deno.connect({ hostname, port });
  } catch (error) {
    told({ transport: "tcp", hostname, port });
    notice(`${endpoint(hostname, port)} cannot be reached: ${textOf(error)}`);
    await refuse(client, n);
    return tell({ kind: "close", n });
  }
  told(target.remoteAddr);
  client.setNoDelay(true);
  target.setNoDelay(true);
  await Promise.all([
    pass(client, target, "client", n),
    pass(target, client, "server", n),
  ]);
  tell({ kind: "close", n });
  closeQuietly(client);
  closeQuietly(target);
}

async function pass(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  side: Side,
  n: number,
): Promise<void> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  try {
    for (;;) {
      const count = await from.read(buffer);
      if (count === null) break;
      const moment = now();
      for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
      show(n, side, buffer.slice(0, count), moment);
    }
    tell({ kind: "finish", n, side, moment: now() });
    await to.closeWrite();
  } catch {
    // One side broke off: neither can go on.
    closeQuietly(from);
    closeQuietly(to);
  }
}

/** Shows what the client wanted of an upstream that is down, then lets it go. */
async function refuse(client: Deno.TcpConn, n: number): Promise<void> {
  const timer = setTimeout(() => closeQuietly(client), REFUSED_MS);
  const buffer = new Uint8Array(CHUNK_BYTES);
  try {
    const count = await client.read(buffer);
    if (count !== null) show(n, "client", buffer.slice(0, count), now());
  } catch {
    // It said nothing.
  }
  clearTimeout(timer);
  closeQuietly(client);
}

function show(
  n: number,
  side: Side,
  bytes: Uint8Array<ArrayBuffer>,
  moment: Moment,
): void {
  const { length } = bytes;
  if (unseen + length > MAX_UNSEEN) {
    return tell({ kind: "skipped", n, side, length, moment });
  }
  unseen += length;
  self.postMessage({ kind: "data", n, side, bytes, moment }, [bytes.buffer]);
}

function now(): Moment {
  const ms = performance.timeOrigin + performance.now();
  const seconds = Math.floor(ms / 1000);
  return {
    seconds,
    nanos: Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6)),
  };
}

const lastNotice = new Map<string, number>();

function notice(message: string): void {
  const [kind = ""] = message.split(":");
  const time = performance.now();
  if (time - (lastNotice.get(kind) ?? -Infinity) < NOTICE_MS) return;
  lastNotice.set(kind, time);
  tell({ kind: "notice", message });
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tell(message: FromProxy): void {
  self.postMessage(message);
}
