import { getRequestListener } from "@hono/node-server";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Most connections that wait to be accepted: 200 clients that come at once all get in. */
const BACKLOG = 511;

/** Where the server listens, and how long it waits for a client, in ms. */
export interface ListenOptions {
  readonly hostname: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** For the whole header of a request, from the first byte or the end of the last one. */
  readonly headerMs: number;
  /** For the next request of a connection that is kept. */
  readonly keepAliveMs: number;
}

/** A socket that takes requests. */
export interface Listener {
  readonly hostname: string;
  readonly port: number;
  /** Takes no more; resolves when all answers are sent. */
  close(): Promise<void>;
}

/** What answers a request from an address. */
export type Handler = (
  request: Request,
  remote: { readonly hostname: string },
) => Response | Promise<Response>;

/**
 * Serves HTTP by `node:http`, which Deno, Node and Bun have alike, and which ends connections
 * whose request does not come; `Deno.serve` waits for ever. Rejects, with the address, where it
 * cannot listen there.
 */
export function listen(options: ListenOptions, handler: Handler): Promise<Listener> {
  const { hostname, port, headerMs, keepAliveMs } = options;
  const listener = getRequestListener(
    (request, { incoming }) =>
      handler(request, { hostname: incoming.socket.remoteAddress ?? "" }),
    { overrideGlobalObjects: false },
  );
  const server = createServer({
    headersTimeout: headerMs,
    // A body may take as long as it likes while it does not pause: see bodyIdleMs.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: Math.min(headerMs, 1000),
  }, listener);
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      reject(new Error(`${hostname} port ${port}: ${reasonOf(error)}`, { cause: error }));
    });
    server.listen({ host: hostname, port, backlog: BACKLOG }, () => {
      const { address, port } = server.address() as AddressInfo;
      resolve({
        hostname: address,
        port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeIdleConnections();
          }),
      });
    });
  });
}

/** `Address already in use`, of what `node:net` says with the name of the call around it. */
function reasonOf({ message }: Error): string {
  const reason = /^listen \w+: ([^\d]+)/.exec(message)?.[1]?.trim() ?? message;
  return `${reason[0]?.toUpperCase() ?? ""}${reason.slice(1)}`;
}
