import { assert, assertEquals } from "@std/assert";
import type { LiveNotice, LiveStatistics, LiveTransaction } from "../../server/api.ts";
import { serve, type ServeOptions } from "../../server/mod.ts";
import type { RunningServer } from "../../server/mod.ts";
import { dissectFixture } from "../support/dissect.ts";
import { fixture, problemOf, until, withServer } from "./support.ts";

/** A server-sent event. */
interface Event {
  readonly id: string | null;
  readonly event: string;
  readonly data: unknown;
}

/** The events of a stream, one after another. */
async function* eventsOf(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<Event, void> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      const lines = text.slice(0, end).split("\n");
      const value = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ??
          null;
      const data = value("data");
      if (data === null) continue;
      yield { id: value("id"), event: value("event") ?? "", data: JSON.parse(data) };
    }
  }
}

/** The first events of one kind. */
async function take(
  events: AsyncIterable<Event>,
  kind: string,
  count: number,
): Promise<Event[]> {
  const found: Event[] = [];
  for await (const event of events) {
    if (event.event === kind) found.push(event);
    if (found.length === count) break;
  }
  return found;
}

Deno.test("live events come in order, and a listener resumes where it was", async () => {
  const transactions = await dissectFixture("classic-080-all.pcap");
  await withServer({}, async ({ ask, services, json }) => {
    for (const each of transactions.slice(0, 50)) services.feed.add(each);
    const all = await ask("/api/live?last=50");
    assertEquals(all.headers.get("content-type"), "text/event-stream");
    const first = await take(eventsOf(all.body!), "transaction", 50);
    const numbers = first.map(({ data }) => (data as LiveTransaction).row.transaction);
    assertEquals(numbers, Array.from({ length: 50 }, (_, n) => n));
    for (const each of transactions.slice(50)) services.feed.add(each);
    const resumed = await ask("/api/live", {
      headers: { "last-event-id": first[29]!.id! },
    });
    const rest = await take(eventsOf(resumed.body!), "transaction", 60);
    assertEquals(
      rest.map(({ data }) => (data as LiveTransaction).row.transaction),
      Array.from({ length: 60 }, (_, n) => n + 30),
    );
    const failed = await ask("/api/live?last=90&filter=iggy.status%20!=%200");
    const errors = await take(eventsOf(failed.body!), "transaction", 11);
    assert(errors.every(({ data }) => (data as LiveTransaction).row.error));
    const detail = await json<{ record: { transaction: number } }>("/api/live/7");
    assertEquals(detail.record.transaction, 7);
    await problemOf(await ask("/api/live/90"), 404);
    await problemOf(await ask("/api/live?filter=nope"), 422);
  });
});

Deno.test("who resumes too late is told what is missed", async () => {
  const transactions = await dissectFixture("classic-080-all.pcap");
  await withServer({ limits: { ring: 20 } }, async ({ ask, services }) => {
    services.feed.add(transactions[0]!);
    const first = await ask("/api/live?last=1");
    const [{ id }] = await take(eventsOf(first.body!), "transaction", 1) as [Event];
    for (const each of transactions) services.feed.add(each);
    const late = await ask("/api/live", { headers: { "last-event-id": id! } });
    const events: Event[] = [];
    for await (const event of eventsOf(late.body!)) {
      events.push(event);
      if (events.length === 21) break;
    }
    assertEquals((events[0]!.data as LiveNotice).missed, 70);
    assertEquals((events[1]!.data as LiveTransaction).row.transaction, 71);
    const older = await ask("/api/live", { headers: { "last-event-id": "abc-5" } });
    const [notice] = await take(eventsOf(older.body!), "notice", 1);
    assertEquals((notice!.data as LiveNotice).kind, "missed");
  });
});

Deno.test("a listener that does not keep up is dropped with notice, others go on", async () => {
  const transactions = await dissectFixture("classic-080-all.pcap");
  const limits = { ring: 200, listenerBytes: 4096 };
  await withServer({ limits }, async ({ ask, services }) => {
    const slow = await ask("/api/live");
    const quick = await ask("/api/live");
    let seen = 0;
    const reading = (async () => {
      for await (const { event } of eventsOf(quick.body!)) {
        if (event === "transaction") seen++;
        if (seen === 900) return;
      }
    })();
    for (let round = 0; round < 10; round++) {
      for (const each of transactions) {
        services.feed.add(each);
        await new Promise((resolve) => setTimeout(resolve));
      }
    }
    await reading;
    const events = await Array.fromAsync(eventsOf(slow.body!));
    const last = events.at(-1)!;
    assertEquals([last.event, (last.data as LiveNotice).kind], ["notice", "slow"]);
    assert(events.length < 100);
    assertEquals(services.metrics.value("iggyscope_live_dropped_total"), 1);
    assertEquals(services.metrics.value("iggyscope_live_listeners"), 0);
  });
});

Deno.test("statistics come every second", async () => {
  const transactions = await dissectFixture("classic-080-all.pcap");
  await withServer({}, async ({ ask, services }) => {
    const response = await ask("/api/live");
    for (const each of transactions) services.feed.add(each);
    const [event] = await take(eventsOf(response.body!), "statistics", 1);
    const statistics = event!.data as LiveStatistics;
    assertEquals([statistics.transactions, statistics.errors], [90, 11]);
    assert(statistics.p50_us !== null && statistics.p99_us! >= statistics.p50_us);
  });
});

/** Runs a test with a server that listens. */
async function withRunning(
  options: Partial<ServeOptions>,
  test: (server: RunningServer) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const server = serve({
    folder,
    hostname: "127.0.0.1",
    port: 0,
    log: () => {},
    ...options,
  });
  try {
    await test(server);
  } finally {
    await server.stop(0);
    await Deno.remove(folder, { recursive: true });
  }
}

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
function actor(lines: { asked: Uint8Array; came: Uint8Array }[]) {
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
    assertEquals(services.metrics.value("iggyscope_proxy_bytes_total"), bytes * 5);
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
    assertEquals(services.metrics.value("iggyscope_proxy_bytes_total"), 50 * 65_536);
    listener.close();
    const refused = await Deno.connect({ hostname: "127.0.0.1", port });
    assertEquals(await refused.read(new Uint8Array(1)).catch(() => null), null);
    refused.close();
  });
  await sink;
});

Deno.test("the proxy adds little time", async () => {
  const ping = {
    asked: new Uint8Array([4, 0, 0, 0, 1, 0, 0, 0]),
    came: new Uint8Array(8),
  };
  const rounds = 1000;
  const server = actor(Array.from({ length: rounds }, () => ping));
  const proxies = [{ port: 0, targetHost: "127.0.0.1", targetPort: server.port }];
  const timesOf = async (port: number) => {
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    client.setNoDelay(true);
    const times: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const start = performance.now();
      await client.write(ping.asked);
      await readExactly(client, ping.came.length);
      times.push((performance.now() - start) * 1000);
    }
    client.close();
    times.sort((a, b) => a - b);
    return [times[rounds / 2]!, times[rounds * 0.99]!] as const;
  };
  await withRunning({ proxies }, async ({ sources }) => {
    const direct = await timesOf(server.port);
    const passed = await timesOf(Number(/proxy (\d+)=/.exec(sources[0]!.name)![1]));
    const text = (times: readonly number[]) => times.map((us) => us.toFixed(0)).join("/");
    console.log(
      `proxy: round trip p50/p99 ${text(passed)} µs, direct ${text(direct)} µs`,
    );
    assert(passed[0] - direct[0] < 2000, "less than 2 ms more");
  });
  server.close();
  await server.done;
});

Deno.test("a capture on standard input is followed live", async () => {
  const data = await Deno.makeTempDir();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      `--allow-read=${data},server/page/dist`,
      `--allow-write=${data}`,
      "--allow-net=127.0.0.1",
      "cli/main.ts",
      "serve",
      "--port=0",
      `--data=${data}`,
      "--live=-",
    ],
    cwd: new URL("../../", import.meta.url).pathname,
    stdin: "piped",
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
    await until(() => /iggyscope: http.*\n/.test(errors));
    const url = /iggyscope: (http:\/\/[^ ]+)\/\n/.exec(errors)![1];
    const response = await fetch(`${url}/api/live`);
    const writer = child.stdin.getWriter();
    const bytes = await Deno.readFile(fixture("classic-080-all.pcap"));
    await writer.write(bytes.subarray(0, 200_000));
    const events = eventsOf(response.body!);
    await take(events, "transaction", 10);
    await writer.close();
  } finally {
    child.kill("SIGTERM");
    await child.status;
    await reading;
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("--live of no interface, or without a program, says so", async () => {
  const data = await Deno.makeTempDir();
  const run = async (device: string) => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        `--allow-read=${data},server/page/dist`,
        `--allow-write=${data}`,
        "--allow-net=127.0.0.1",
        "cli/main.ts",
        "serve",
        "--port=0",
        `--data=${data}`,
        `--live=${device}`,
      ],
      cwd: new URL("../../", import.meta.url).pathname,
      stdin: "null",
    }).output();
    return [code, new TextDecoder().decode(stderr)] as const;
  };
  const [code, message] = await run("eth0");
  assertEquals(code, 2);
  assert(message.includes("--allow-run=dumpcap"), message);
  assertEquals((await run("-x"))[0], 2);
  await Deno.remove(data, { recursive: true });
});
