import { assertEquals } from "@std/assert";
import type {
  Capture,
  ConversationPage,
  LiveStatistics,
  Recording,
  RowPage,
} from "../../server/api.ts";
import { serve } from "../../server/mod.ts";
import { dissectFixture } from "../support/dissect.ts";
import { type Event, eventsOf } from "./events.ts";
import { problemOf, until, withServer } from "./support.ts";

const PING = Uint8Array.of(4, 0, 0, 0, 1, 0, 0, 0);

/** A server that answers each ping with ok. */
function answering(): Deno.TcpListener {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const connection of listener) {
      const request = new Uint8Array(PING.length);
      (async () => {
        while (await connection.read(request) !== null) {
          await connection.write(new Uint8Array(8));
        }
        connection.close();
      })().catch(() => {});
    }
  })().catch(() => {});
  return listener;
}

Deno.test("live traffic is recorded into a capture that can be looked into meanwhile", async () => {
  const target = answering();
  const folder = await Deno.makeTempDir();
  const server = await serve({
    folder,
    hostname: "127.0.0.1",
    port: 0,
    log: () => {},
    proxies: [{ port: 0, targetHost: "127.0.0.1", targetPort: target.addr.port }],
  });
  const port = Number(/proxy (\d+)=/.exec(server.sources[0]!.name)?.[1]);
  const ask = async (path: string, method = "GET") =>
    await server.app.request(path, { method });
  const json = async <T>(path: string): Promise<T> => await (await ask(path)).json();
  try {
    await problemOf(await ask("/api/live/recording", "DELETE"), 404);
    const early = await Deno.connect({ hostname: "127.0.0.1", port });
    const ping = async (connection: Deno.Conn, times: number) => {
      for (let i = 0; i < times; i++) {
        await connection.write(PING);
        await connection.read(new Uint8Array(8));
      }
    };
    await ping(early, 3); // before it is recorded
    await until(() =>
      server.services.metrics.value("iggyscope_live_transactions_total") === 3
    );
    const started = await ask("/api/live/recording?name=work.pcapng", "POST");
    assertEquals(started.status, 201);
    const { id, state } = await started.json() as Capture;
    assertEquals(state, "uploading");
    await problemOf(await ask("/api/live/recording", "POST"), 409);
    assertEquals((await json<Recording>("/api/live/recording")).capture, id);
    await ping(early, 20);
    const late = await Deno.connect({ hostname: "127.0.0.1", port });
    await ping(late, 30);
    // All of it can be asked for while it goes on, conversations that are open too.
    const rows = `/api/captures/${id}/transactions?view=row`;
    // But the last pair of the one joined midway: its next turn is to show that it waits.
    await until(async () => (await json<RowPage>(rows)).total === 49);
    const { items } = await json<ConversationPage>(`/api/captures/${id}/conversations`);
    assertEquals(items.map((each) => each.transactions), [19, 30]);
    const ended = await ask("/api/live/recording", "DELETE");
    const capture = await ended.json() as Capture;
    assertEquals([capture.state, capture.transactions, capture.name], [
      "ready",
      50,
      "work.pcapng",
    ]);
    assertEquals([capture.conversations, capture.format, capture.cut], [
      2,
      "pcapng",
      false,
    ]);
    // Stopping the server keeps what was recorded so far.
    await ask("/api/live/recording", "POST");
    await ping(late, 5);
    await until(() =>
      server.services.metrics.value("iggyscope_live_transactions_total") === 58
    );
    early.close();
    late.close();
  } finally {
    await server.stop(0);
    target.close();
  }
  await withServer({ folder }, async ({ json }) => {
    const { items } = await json<{ items: Capture[] }>("/api/captures");
    assertEquals(items.map(({ state }) => state), ["ready", "ready"]);
    assertEquals(items.map(({ transactions }) => transactions).sort(), [5, 50]);
  });
});

Deno.test("statistics count what passes the filter, and those before are told", async () => {
  const transactions = await dissectFixture("classic-080-all.pcap");
  await withServer({}, async ({ ask, services }) => {
    const counted = async (events: AsyncIterable<Event>, until: number) => {
      let errors = 0, total = 0;
      for await (const { event, data } of events) {
        if (event !== "statistics") continue;
        const told = data as LiveStatistics;
        errors += told.errors;
        total = told.total;
        if (total >= until) break;
      }
      return [errors, total];
    };
    const failed = await ask("/api/live?filter=iggy.status%20!=%200");
    for (const each of transactions) services.feed.add(each);
    assertEquals(await counted(eventsOf(failed.body!), 11), [11, 11]);
    // Who comes now is told of the seconds before.
    const late = await ask("/api/live");
    assertEquals(await counted(eventsOf(late.body!), 90), [11, 90]);
  });
});
