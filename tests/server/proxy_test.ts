import { assert, assertEquals, assertRejects } from "@std/assert";
import type { LiveNotice, LiveTransaction } from "../../server/api.ts";
import { dissectFixture } from "../support/dissect.ts";
import { eventsOf, take } from "./events.ts";
import type { Pinging } from "./pinging_worker.ts";
import { until, withRunning } from "./support.ts";

/** What both sides of the first conversation of a capture said. */
async function dialogue(
  name: string,
): Promise<{ asked: Uint8Array; came: Uint8Array }[]> {
  const transactions = await dissectFixture(name);
  return transactions
    .filter(({ request, response, conversation }) =>
      conversation.number === 0 && request !== null && response !== null
    )
    .map(({ request, response }) => ({ asked: request!.bytes, came: response!.bytes }));
}

async function readExactly(connection: Deno.Conn, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await connection.read(bytes.subarray(at));
    if (count === null) throw new Error("the connection ended");
    at += count;
  }
  return bytes;
}

/** An Iggy server that has one dialogue by heart; keeps what it was asked. */
function actor(lines: Iterable<{ asked: Uint8Array; came: Uint8Array }>) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const done = (async () => {
    for await (const connection of listener) {
      void (async () => {
        try {
          for (const { asked, came } of lines) {
            assertEquals(await readExactly(connection, asked.length), asked);
            for (let at = 0; at < came.length;) {
              at += await connection.write(came.subarray(at));
            }
          }
        } finally {
          connection.close();
        }
      })();
    }
  })();
  const { port } = listener.addr as Deno.NetAddr;
  return { port, done, close: () => listener.close() };
}

Deno.test("the proxy passes every byte as it is, and shows what it means", async () => {
  const lines = await dialogue("classic-080-all.pcap");
  const server = actor(lines);
  const proxies = [{ port: 0, targetHost: "127.0.0.1", targetPort: server.port }];
  await withRunning({ proxies }, async ({ services, sources, port }) => {
    const proxyPort = Number(/proxy (\d+)=/.exec(sources[0]!.name)![1]);
    const response = await fetch(`http://127.0.0.1:${port}/api/live?last=1000`);
    const clients = Array.from({ length: 5 }, async () => {
      const client = await Deno.connect({ hostname: "127.0.0.1", port: proxyPort });
      for (const { asked, came } of lines) {
        for (let at = 0; at < asked.length;) at += await client.write(asked.subarray(at));
        assertEquals(await readExactly(client, came.length), came);
      }
      assertEquals(await client.read(new Uint8Array(1)), null);
      client.close();
    });
    await Promise.all(clients);
    const events = await take(eventsOf(response.body!), "transaction", lines.length * 5);
    const rows = events.map(({ data }) => (data as LiveTransaction).row);
    assertEquals(
      rows.filter(({ conversation }) => conversation === 0).length,
      lines.length,
    );
    assert(rows.every(({ issues }) => issues === 0), "no issue is the proxy's");
    const bytes = lines.reduce(
      (sum, { asked, came }) => sum + asked.length + came.length,
      0,
    );
    await until(() =>
      services.metrics.value("iggyscope_proxy_bytes_total") === bytes * 5
    );
  });
  server.close();
  await server.done;
});

Deno.test("the proxy passes on what is no Iggy, ends of one side, and refusals", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port: targetPort } = listener.addr as Deno.NetAddr;
  const sink = (async () => {
    for await (const connection of listener) {
      assert((await new Response(connection.readable).bytes()).length > 0);
    }
  })();
  const proxies = [{ port: 0, targetHost: "127.0.0.1", targetPort }];
  await withRunning({ proxies }, async ({ sources, services }) => {
    const port = Number(/proxy (\d+)=/.exec(sources[0]!.name)![1]);
    const random = crypto.getRandomValues(new Uint8Array(65_536));
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    for (let i = 0; i < 50; i++) {
      for (let at = 0; at < random.length;) at += await client.write(random.subarray(at));
    }
    await client.closeWrite();
    assertEquals(await client.read(new Uint8Array(1)), null);
    client.close();
    await until(() =>
      services.metrics.value("iggyscope_proxy_bytes_total") === 50 * 65_536
    );
    listener.close();
    const refused = await Deno.connect({ hostname: "127.0.0.1", port });
    await refused.write(random.subarray(0, 10));
    assertEquals(await refused.read(new Uint8Array(1)).catch(() => null), null);
    refused.close();
  });
  await sink;
});

const PING = {
  asked: new Uint8Array([4, 0, 0, 0, 1, 0, 0, 0]),
  came: new Uint8Array(8),
};

/** A server that answers pings for as long as they come. */
function ponger() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const done = (async () => {
    for await (const connection of listener) {
      connection.setNoDelay(true);
      void (async () => {
        try {
          for (;;) {
            await readExactly(connection, PING.asked.length);
            await connection.write(PING.came);
          }
        } catch {
          connection.close();
        }
      })();
    }
  })();
  const { port } = listener.addr as Deno.NetAddr;
  return { port, done, close: () => listener.close() };
}

Deno.test("a request whose upstream is down is shown, and said why", async () => {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port: targetPort } = free.addr as Deno.NetAddr;
  free.close();
  const proxies = [{ port: 0, targetHost: "127.0.0.1", targetPort }];
  await withRunning({ proxies }, async ({ sources, port }) => {
    const proxyPort = Number(/proxy (\d+)=/.exec(sources[0]!.name)![1]);
    const response = await fetch(`http://127.0.0.1:${port}/api/live?last=10`);
    const [mine, other] = response.body!.tee();
    const client = await Deno.connect({ hostname: "127.0.0.1", port: proxyPort });
    await client.write(PING.asked);
    assertEquals(await client.read(new Uint8Array(1)).catch(() => null), null);
    client.close();
    const [notice] = await take(eventsOf(mine), "notice", 1);
    assertEquals((notice!.data as LiveNotice).kind, "proxy");
    assert(
      (notice!.data as LiveNotice).message.includes(`127.0.0.1:${targetPort} cannot`),
    );
    const [event] = await take(eventsOf(other), "transaction", 1);
    const { row } = event!.data as LiveTransaction;
    assertEquals([row.command, row.status], ["ping", null]);
  });
});

Deno.test("connections beyond the limit are closed, and the others go on", async () => {
  const server = ponger();
  const proxies = [{ port: 0, targetHost: "127.0.0.1", targetPort: server.port }];
  const limits = { proxyConnections: 3 };
  await withRunning({ proxies, limits }, async ({ sources }) => {
    const port = Number(/proxy (\d+)=/.exec(sources[0]!.name)![1]);
    const connect = () => Deno.connect({ hostname: "127.0.0.1", port });
    const clients = [await connect(), await connect(), await connect()];
    for (const client of clients) {
      await client.write(PING.asked);
      await readExactly(client, 8);
    }
    const fourth = await connect();
    assertEquals(await fourth.read(new Uint8Array(1)).catch(() => null), null);
    fourth.close();
    for (const client of clients) {
      await client.write(PING.asked);
      await readExactly(client, 8);
      client.close();
    }
  });
  server.close();
  await server.done;
});

Deno.test("a proxy that runs out of descriptors goes on", async () => {
  await runOut(160, 200);
});

Deno.test("a proxy with 1024 descriptors and 600 clients goes on", async () => {
  await runOut(1024, 600);
});

/** Brings more clients to a proxy than it has descriptors for, two each. */
async function runOut(descriptors: number, clients: number): Promise<void> {
  const data = await Deno.makeTempDir();
  const server = ponger();
  const command = [
    `ulimit -n ${descriptors}; exec`,
    Deno.execPath(),
    `run --allow-read=${data},. --allow-write=${data} --allow-net=127.0.0.1`,
    `cli/main.ts serve --port=0 --data=${data} --proxy=0=127.0.0.1:${server.port}`,
    `--max-connections=${clients + 1}`,
  ].join(" ");
  const child = new Deno.Command("sh", {
    args: ["-c", command],
    cwd: new URL("../../", import.meta.url).pathname,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let errors = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      errors += text;
    }
  })();
  try {
    await until(() => /live: proxy \d+=/.test(errors));
    const port = Number(/live: proxy (\d+)=/.exec(errors)![1]);
    const connect = () => Deno.connect({ hostname: "127.0.0.1", port });
    const first = await connect();
    await first.write(PING.asked);
    await readExactly(first, 8);
    const others = await Promise.all(Array.from({ length: clients }, connect));
    for (const client of others) await client.write(PING.asked).catch(() => 0);
    await until(() => /cannot be (accepted|reached)/.test(errors));
    for (let i = 0; i < 5; i++) {
      await first.write(PING.asked);
      await readExactly(first, 8);
    }
    for (const client of others) client.close();
    // Descriptors are free again, and so are new connections.
    await until(async () => {
      const late = await connect();
      const answer = late.write(PING.asked).then(() => readExactly(late, 8));
      const isAnswered = await answer.then(() => true, () => false);
      late.close();
      return isAnswered;
    });
    first.close();
  } finally {
    child.kill("SIGTERM");
    await child.status;
    await reading;
    server.close();
    await server.done;
    await Deno.remove(data, { recursive: true });
  }
}

Deno.test("the proxy passes bytes on while the server's own thread stands still", async () => {
  const rounds = 500;
  const worker = new Worker(new URL("./pinging_worker.ts", import.meta.url), {
    type: "module",
  });
  const targetPort = await new Promise<number>((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
  });
  const proxies = [{ port: 0, targetHost: "127.0.0.1", targetPort }];
  await withRunning({ proxies }, async ({ sources, services }) => {
    const proxyPort = Number(/proxy (\d+)=/.exec(sources[0]!.name)![1]);
    const answered = new Int32Array(new SharedArrayBuffer(4));
    const pinging: Pinging = { proxyPort, rounds, answered };
    worker.postMessage(pinging);
    // No upload and no search keeps this thread longer than until all answers came.
    for (let seen = 0; seen < rounds; seen = Atomics.load(answered, 0)) {
      const state = Atomics.wait(answered, 0, seen, 60_000);
      assert(state !== "timed-out", `${seen} of ${rounds} pings were answered`);
    }
    await until(() =>
      services.metrics.value("iggyscope_proxy_bytes_total") === rounds * 16
    );
  });
  worker.terminate();
});

Deno.test("an address in use is told with its port", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const proxies = [{ port, targetHost: "127.0.0.1", targetPort: 1 }];
  for (const options of [{ port }, { proxies }]) {
    await assertRejects(
      () => withRunning(options, () => Promise.resolve()),
      Error,
      `127.0.0.1 port ${port}: Address already in use`,
    );
  }
});
