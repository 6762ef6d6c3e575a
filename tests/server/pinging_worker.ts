/**
 * A worker that pings through a proxy while the main thread stands still: it has the upstream
 * and the client, and tells by shared memory when all answers came.
 *
 * @module
 */
/// <reference lib="deno.worker" />
const PING = Uint8Array.of(4, 0, 0, 0, 1, 0, 0, 0);

/** What the worker is told: the proxy's port once it is known, and where to count answers. */
export interface Pinging {
  readonly proxyPort: number;
  readonly rounds: number;
  readonly answered: Int32Array<SharedArrayBuffer>;
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
self.postMessage(listener.addr.port);

self.onmessage = async ({ data }: MessageEvent<Pinging>) => {
  const { proxyPort, rounds, answered } = data;
  const [client, upstream] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: proxyPort }),
    listener.accept(),
  ]);
  for (let i = 0; i < rounds; i++) {
    await client.write(PING);
    await upstream.read(new Uint8Array(PING.length));
    await upstream.write(new Uint8Array(8));
    await client.read(new Uint8Array(8));
    Atomics.add(answered, 0, 1);
    Atomics.notify(answered, 0);
  }
  client.close();
  upstream.close();
  listener.close();
};
