import { assert, assertEquals } from "@std/assert";
import type { Capture, TransactionPage } from "../../server/api.ts";
import { serve } from "../../server/mod.ts";
import { fixture, PATIENT } from "./support.ts";

const READERS = 200;
const MIB = 1024 * 1024;

Deno.test("200 readers and an upload at once: nothing is lost, memory stays flat", async () => {
  const folder = await Deno.makeTempDir();
  const many = { requestsPerSecond: 1e6, requestsAtOnce: 1e6, uploads: 2 };
  const limits = { ...PATIENT, ...many };
  const server = await serve({
    folder,
    limits,
    hostname: "127.0.0.1",
    port: 0,
    log: () => {},
  });
  const url = `http://127.0.0.1:${server.port}/api/captures`;
  try {
    const bytes = await Deno.readFile(fixture("classic-080-concurrent.pcap"));
    const upload = async () => {
      const response = await fetch(url, { method: "POST", body: bytes });
      assertEquals(response.status, 201);
      return await response.json() as Capture;
    };
    const capture = await upload();
    const base = `${url}/${capture.id}`;
    const whole = await (await fetch(`${base}/transactions?format=ndjson`)).text();
    const expected = whole.trimEnd().split("\n");
    let asked = 0;
    const times: number[] = [];

    /** Reads the whole capture by pages of its own size, each asked with a filter or not. */
    const reader = async (n: number) => {
      const limit = 20 + n % 50;
      const filter = n % 4 === 0 ? `&filter=frame.number%20>%20${n % 8}` : "";
      let cursor = "", at = 0;
      for (let page = 0; page < 2; page++) {
        const start = performance.now();
        const response = await fetch(
          `${base}/transactions?limit=${limit}${filter}${cursor}`,
        );
        assertEquals(response.status, 200);
        const { items, next } = await response.json() as TransactionPage;
        times.push(performance.now() - start);
        asked++;
        const lines = items.map((item) => JSON.stringify(item));
        assert(lines.every((line, i) => line === expected[at + i]), "all as expected");
        at += items.length;
        if (next === null) return;
        cursor = `&cursor=${next}`;
      }
    };
    const round = () =>
      Promise.all([...Array.from({ length: READERS }, (_, n) => reader(n)), upload()]);
    await round();
    const first = Deno.memoryUsage().rss;
    const start = performance.now();
    for (let i = 0; i < 2; i++) {
      const last = (await round()).at(-1) as Capture;
      assertEquals(last.transactions, capture.transactions);
    }
    const seconds = (performance.now() - start) / 1000;
    const grown = (Deno.memoryUsage().rss - first) / MIB;
    times.sort((a, b) => a - b);
    const p99 = times[Math.floor(times.length * 0.99)]!;
    console.log(
      `load: ${asked} pages, ${(asked / 1.5 / seconds).toFixed(0)} a second, ` +
        `p99 ${p99.toFixed(0)} ms, memory +${grown.toFixed(0)} MiB`,
    );
    // Collectors run late where the processors are busy.
    assert(grown < 600, `${grown} MiB more`);
    const { items } = await (await fetch(url)).json() as { items: Capture[] };
    assertEquals(items.length, 4);
    assert(items.every(({ transactions }) => transactions === capture.transactions));
  } finally {
    await server.stop(0);
    await Deno.remove(folder, { recursive: true });
  }
});
