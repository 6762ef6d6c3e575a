import { assert, assertEquals } from "@std/assert";
import type { LiveNotice, LiveStatistics, LiveTransaction } from "../../server/api.ts";
import { captureLive, droppedOf } from "../../server/live/capture.ts";
import { dissectFixture } from "../support/dissect.ts";
import { findProgram, run } from "../support/peer.ts";
import { type Event, eventsOf, take } from "./events.ts";
import { fixture, problemOf, until, withServer } from "./support.ts";

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
    // Those of a second before may come first, where the machine is slow.
    for await (const { event, data } of eventsOf(response.body!)) {
      if (event !== "statistics") continue;
      const { count, errors, response_time_us } = data as LiveStatistics;
      if (count === 0) continue;
      assertEquals([count, errors], [90, 11]);
      const { p50, p99 } = response_time_us!;
      assert(p99 >= p50);
      break;
    }
  });
});

Deno.test("a capture on standard input is followed live", async () => {
  const data = await Deno.makeTempDir();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      `--allow-read=${data},.`,
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
        `--allow-read=${data},.`,
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

Deno.test("what dumpcap lost is counted, by the line that it ends with", () => {
  const line = (interfaceName: string, lost: number) =>
    `Packets received/dropped on interface '${interfaceName}': 121/${lost} ` +
    `(pcap:${lost}/dumpcap:0/flushed:0/ps_ifdrop:0) (94.5%)\n`;
  const head = "Capturing on 'Loopback: lo'\nFile: -\nPackets captured: 121\n";
  assertEquals(droppedOf(head + line("Loopback: lo", 0)), 0);
  assertEquals(droppedOf(head + line("Loopback: lo", 7) + line("eth0", 5)), 12);
});

/** More than dumpcap's buffer holds. */
const FLOOD_BYTES = 160 * 1024 * 1024;

Deno.test("what a real dumpcap loses while it stands still is counted and logged", async () => {
  if (findProgram("dumpcap") === null || !await mayCapture()) {
    console.warn("SKIPPED: this test needs a dumpcap that may capture");
    return;
  }
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await withServer({}, async ({ services, logs }) => {
    const { feed, recorder, registry, log, metrics } = services;
    const context = { feed, recorder, registry, log, decodeAs: [port] };
    const source = captureLive("lo", context);
    const [client, server] = await Promise.all([
      Deno.connect({ hostname: "127.0.0.1", port }),
      listener.accept(),
    ]);
    // It takes a while until dumpcap captures.
    await until(async () => {
      await client.write(Uint8Array.of(4, 0, 0, 0, 1, 0, 0, 0));
      await server.read(new Uint8Array(8));
      await server.write(new Uint8Array(8));
      await client.read(new Uint8Array(8));
      return metrics.value("iggyscope_live_transactions_total") > 0;
    });
    const find = `grep -hF '(dumpcap) ' /proc/[0-9]*/stat | grep ') . ${Deno.pid} '`;
    const { stdout } = await run("sh", ["-c", find]);
    const pid = parseInt(new TextDecoder().decode(stdout));
    Deno.kill(pid, "SIGSTOP");
    const flood = new Uint8Array(1024 * 1024), sink = new Uint8Array(1024 * 1024);
    const reading = (async () => {
      for (let left = FLOOD_BYTES; left > 0;) left -= await server.read(sink) ?? left;
    })();
    for (let sent = 0; sent < FLOOD_BYTES;) {
      sent += await client.write(flood.subarray(0, FLOOD_BYTES - sent));
    }
    await reading;
    Deno.kill(pid, "SIGCONT");
    source.stop();
    await source.done;
    client.close();
    server.close();
    assert(feed.dropped > 0);
    const ended = logs.find((line) => line.includes("live source ended"));
    assert(ended?.includes(`"dropped":${feed.dropped}`), ended);
  });
});

/** Whether dumpcap is let at the loopback interface. */
async function mayCapture(): Promise<boolean> {
  const args = ["-q", "-i", "lo", "-a", "duration:1", "-w", "/dev/null"];
  return (await run("dumpcap", args)).code === 0;
}
