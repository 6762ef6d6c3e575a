import { assert, assertEquals } from "@std/assert";
import type {
  Capture,
  Completion,
  ConversationPage,
  Decoded,
  Ladder,
  Node,
  RowPage,
  Stats,
  Timeline,
  Topology,
  TransactionDetail,
  TransactionPage,
} from "../../server/api.ts";
import { Statistics, statisticsRecord } from "../../core/stats/mod.ts";
import { dissectFixture } from "../support/dissect.ts";
import { seriesOf } from "../../server/page/src/series.ts";
import { problemOf, withServer } from "./support.ts";

const NAME = "classic-080-all.pcap";

Deno.test("pages follow each other by cursor, in order and without repeats", async () => {
  await withServer({}, async ({ upload, json, ask }) => {
    const { id } = await upload(NAME);
    const base = `/api/captures/${id}/transactions`;
    for (const filter of ["", "&filter=iggy.status%20!=%200"]) {
      const all = await json<TransactionPage>(`${base}?limit=1000${filter}`);
      const found: TransactionPage["items"] = [];
      let cursor = "";
      for (let pages = 0; pages < 40; pages++) {
        const page = await json<TransactionPage>(`${base}?limit=7${filter}${cursor}`);
        assertEquals([page.total, page.offset], [all.total, found.length]);
        found.push(...page.items);
        if (page.next === null) break;
        cursor = `&cursor=${page.next}`;
      }
      assertEquals(found, all.items);
      const late = await json<RowPage>(`${base}?view=row&offset=5&limit=3${filter}`);
      assertEquals(
        late.items.map(({ transaction }) => transaction),
        all.items.slice(5, 8).map(({ transaction }) => transaction),
      );
    }
    const beyond = await json<TransactionPage>(`${base}?offset=1000`);
    assertEquals([beyond.items, beyond.next], [[], null]);
    const foreign = (await json<ConversationPage>(
      `/api/captures/${id}/conversations?limit=1`,
    )).next!;
    for (const cursor of ["x", "%00", foreign, "bm9uZTox", "a".repeat(101)]) {
      await problemOf(await ask(`${base}?cursor=${cursor}`), 400);
    }
    for (const wrong of ["limit=0", "limit=1001", "limit=x", "limit=1e2", "offset=-1"]) {
      await problemOf(await ask(`${base}?${wrong}`), 400);
    }
    await problemOf(await ask(`${base}?offset=1&cursor=${foreign}`), 400);
    await problemOf(await ask(`${base}?format=xml`), 400);
  });
});

Deno.test("long pages end early, and go on by their cursor", async () => {
  await withServer({ limits: { pageBytes: 5000 } }, async ({ upload, json }) => {
    const { id, transactions } = await upload(NAME);
    const base = `/api/captures/${id}/transactions?limit=1000`;
    let count = 0, pages = 0, cursor = "";
    for (;;) {
      const page = await json<TransactionPage>(base + cursor);
      assert(page.items.length > 0);
      count += page.items.length;
      pages++;
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    assertEquals(count, transactions);
    assert(pages > 5);
  });
});

Deno.test("a wrong filter is told with its place", async () => {
  await withServer({}, async ({ upload, ask, json }) => {
    const { id } = await upload(NAME);
    const filter = encodeURIComponent("iggy.status == 0 && iggy.reponse_time > 1");
    for (const part of ["transactions", "stats", "timeline", "topology", "pcap"]) {
      const response = await ask(`/api/captures/${id}/${part}?filter=${filter}`);
      const problem = await problemOf(response, 422);
      assertEquals(
        [problem.offset, problem.length, problem.suggestion],
        [20, 17, "iggy.response_time"],
      );
    }
    const long = `/api/captures/${id}/stats?filter=${"a".repeat(5000)}`;
    await problemOf(await ask(long), 422);
    const { candidates, error } = await json<Completion>("/api/complete?text=iggy.stat");
    assert(candidates.some(({ text }) => text === "iggy.status"));
    assertEquals(error?.offset, 0);
  });
});

Deno.test("hostile filters end soon, and others are answered meanwhile", async () => {
  await withServer({ limits: { filterLength: 2_000_000 } }, async ({ upload, ask }) => {
    const { id } = await upload("classic-080-concurrent.pcap");
    const hostile = [
      `${"(".repeat(10_000)}iggy${")".repeat(10_000)}`,
      `${"!".repeat(50_000)}iggy`,
      `iggy.command matches "^(a+)+$"`,
      `iggy.command matches "${"(a|aa)*".repeat(50)}b"`,
      `iggy.command contains "${"x".repeat(1_000_000)}"`,
      `iggy.command in {${'"a" '.repeat(20_000)}}`,
      Array.from({ length: 2000 }, () => "iggy").join(" && "),
      '"'.repeat(1000),
      "\\".repeat(1000),
    ];
    let isOver = false;
    let answered = 0;
    const other = (async () => {
      while (!isOver) {
        await (await ask(`/api/captures/${id}/transactions?limit=10`)).text();
        answered++;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    for (const filter of hostile) {
      const response = await ask(
        `/api/captures/${id}/transactions?limit=1&filter=${encodeURIComponent(filter)}`,
      );
      assert([200, 422].includes(response.status), filter.slice(0, 40));
      await response.text();
    }
    isOver = true;
    await other;
    assert(answered > 0);
  });
});

Deno.test("an answer about a finished capture has an ETag, and is not sent again", async () => {
  await withServer({}, async ({ upload, ask }) => {
    const { id } = await upload(NAME);
    for (
      const part of [
        "",
        "/transactions",
        "/transactions?format=csv",
        "/transactions/3",
        "/stats",
        "/timeline",
        "/conversations",
        "/conversations/0",
        "/topology",
        "/pcap",
      ]
    ) {
      const path = `/api/captures/${id}${part}`;
      const full = await ask(path);
      const etag = full.headers.get("etag")!;
      const body = await full.text();
      assert(body.length > 0 && etag.length > 10, path);
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
        const again = await ask(path, { headers: { "if-none-match": known } });
        assertEquals([again.status, await again.text()], [304, ""]);
      }
      const other = await ask(path, { headers: { "if-none-match": '"other"' } });
      assertEquals([other.status, (await other.text()).length], [200, body.length]);
      const head = await ask(path, { method: "HEAD" });
      assertEquals([head.status, await head.text()], [200, ""]);
      assertEquals(head.headers.get("content-type"), full.headers.get("content-type"));
    }
  });
});

Deno.test("the file is given in ranges", async () => {
  await withServer({ showSecrets: true }, async ({ upload, ask }) => {
    const { id, size } = await upload(NAME);
    const path = `/api/captures/${id}/file`;
    const whole = new Uint8Array(await (await ask(path)).arrayBuffer());
    assertEquals(whole.length, size);
    const cases = [
      ["bytes=0-23", 0, 24],
      ["bytes=100000-", 100_000, size],
      ["bytes=-10", size - 10, size],
      [`bytes=5-${size * 2}`, 5, size],
    ] as const;
    for (const [range, start, end] of cases) {
      const response = await ask(path, { headers: { range } });
      assertEquals(response.status, 206);
      assertEquals(
        response.headers.get("content-range"),
        `bytes ${start}-${end - 1}/${size}`,
      );
      const bytes = new Uint8Array(await response.arrayBuffer());
      assertEquals(bytes, whole.subarray(start, end));
    }
    await problemOf(await ask(path, { headers: { range: `bytes=${size}-` } }), 416);
    const odd = await ask(path, { headers: { range: "lines=1-2" } });
    assertEquals(odd.status, 200);
    await odd.body?.cancel();
  });
  await withServer({}, async ({ upload, ask }) => {
    const { id } = await upload(NAME);
    await problemOf(await ask(`/api/captures/${id}/file`), 403);
  });
});

Deno.test("other methods and paths are told: 405 with Allow, 404, 204 for OPTIONS", async () => {
  await withServer({}, async ({ upload, ask }) => {
    const { id } = await upload(NAME);
    const wrong = [
      ["PUT", "/api/captures", "GET, HEAD, POST, OPTIONS"],
      ["POST", `/api/captures/${id}`, "GET, HEAD, DELETE, OPTIONS"],
      ["DELETE", `/api/captures/${id}/stats`, "GET, HEAD, OPTIONS"],
      ["GET", "/api/decode", "POST, OPTIONS"],
    ] as const;
    for (const [method, path, allow] of wrong) {
      const response = await ask(path, { method });
      assertEquals(
        response.headers.get("allow")?.split(", ").sort(),
        allow.split(", ").sort(),
      );
      await problemOf(response, 405);
      const options = await ask(path, { method: "OPTIONS" });
      assertEquals([options.status, await options.text()], [204, ""]);
    }
    await problemOf(await ask("/api/nothing"), 404);
    await problemOf(await ask(`/api/captures/${"0".repeat(26)}`), 404);
    await problemOf(await ask(`/api/captures/${id}/transactions/90`), 404);
    await problemOf(await ask(`/api/captures/${id}/conversations/99`), 404);
    const gone = await ask(`/api/captures/${"0".repeat(26)}`, { method: "DELETE" });
    await problemOf(gone, 404);
  });
});

Deno.test("statistics and the timeline count what the library counts", async () => {
  const statistics = new Statistics();
  for (const each of await dissectFixture(NAME)) statistics.add(each);
  await withServer({}, async ({ upload, json }) => {
    const { id } = await upload(NAME);
    const base = `/api/captures/${id}`;
    const { issues, ...counts } = await json<Stats>(`${base}/stats`);
    assertEquals(issues, { chat: 0, note: 0, warn: 0, error: 0 });
    // Every key and every number is that of `stats -T json`.
    const { by, total, groups } = statisticsRecord(statistics);
    assertEquals(counts, { by, total, groups });
    const { count, errors, request_bytes } = total;
    const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
    for (const buckets of [1, 5, 100, 1000]) {
      const line = seriesOf(await json<Timeline>(`${base}/timeline?buckets=${buckets}`));
      assert(line.length <= buckets + 1);
      assertEquals([sum(line.count), sum(line.errors)], [count, errors]);
      assertEquals(sum(line.request_bytes), request_bytes);
    }
    // What is known of the whole capture is what its rows give.
    const known = seriesOf(await json<Timeline>(`${base}/timeline?buckets=240`));
    assertEquals(
      known,
      seriesOf(await json<Timeline>(`${base}/timeline?buckets=240&from=0`)),
    );
    const line = seriesOf(await json<Timeline>(`${base}/timeline?buckets=10`));
    const middle = line.start + line.interval * 3;
    const [early, late] = await Promise.all([
      json<Stats>(`${base}/stats?to=${middle.toFixed(6)}`),
      json<Stats>(`${base}/stats?from=${middle.toFixed(6)}`),
    ]);
    assertEquals(early.total.count, sum(line.count.slice(0, 3)));
    assertEquals(early.total.count + late.total.count, count);
    assert(early.total.count > 0 && late.total.count > 0);
    const { items } = await json<Topology>(`${base}/topology`);
    assertEquals(sum(items.map((item) => item.count)), count);
    assert(items.some(({ topic }) => topic === "orders/eu"));
  });
});

Deno.test("a ladder shows PDUs, segments sent again, and gaps", async () => {
  await withServer({}, async ({ upload, json }) => {
    const { id } = await upload("classic-080-lossy.pcap");
    const { items } = await json<ConversationPage>(`/api/captures/${id}/conversations`);
    const [conversation] = items;
    const base = `/api/captures/${id}/conversations/${conversation!.conversation}`;
    const ladder = await json<Ladder>(`${base}?limit=1000&segments=true`);
    const packets = ladder.pdus.map(({ packet }) => packet);
    assertEquals(packets, [...packets].sort((a, b) => a - b));
    assertEquals(
      ladder.pdus.filter(({ kind }) => kind === "request").length <=
        conversation!.transactions,
      true,
    );
    const { client_flow, server_flow } = conversation!;
    const count = (side: string, key: "retransmitted" | "out_of_order") =>
      ladder.segments!.filter((segment) => segment.side === side && segment[key]).length;
    assertEquals(count("client", "retransmitted"), client_flow.retransmitted);
    assertEquals(count("server", "retransmitted"), server_flow.retransmitted);
    const plain = await json<Ladder>(base);
    assertEquals(plain.segments, null);
    const pages: Ladder["pdus"] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: Ladder = await json(`${base}?limit=9&segments=true${cursor}`);
      pages.push(...page.pdus);
      cursor = page.next === null ? null : `&cursor=${page.next}`;
    }
    assertEquals(pages.length, ladder.pdus.length);
  });
});

Deno.test("every node of a field tree lies within its parent and is known to filters", async () => {
  for (const name of [NAME, "vsr-090e5-all.pcap"]) {
    await withServer({}, async ({ upload, json }) => {
      const { items } = await json<{ items: { path: string }[] }>("/api/fields");
      const known = new Set(items.map(({ path }) => path));
      const { id, transactions } = await upload(name);
      for (let n = 0; n < transactions; n++) {
        const detail = await json<TransactionDetail>(
          `/api/captures/${id}/transactions/${n}`,
        );
        for (const pdu of [detail.request, detail.response]) {
          if (pdu === null) continue;
          assertEquals(pdu.hex.length / 2 + pdu.hidden, pdu.length);
          const check = (node: Node, start: number, end: number) => {
            // The length in a frame's header is no field of filters.
            const isLength = node.path === "" && node.name === "length";
            if (node.children.length === 0 && !isLength) {
              assert(known.has(node.path), node.path);
            }
            if (node.length === 0) return;
            assert(node.offset >= start && node.offset + node.length <= end, node.path);
            for (const child of node.children) {
              check(child, node.offset, node.offset + node.length);
            }
          };
          for (const node of pdu.tree) check(node, 0, pdu.length);
        }
      }
    });
  }
});

Deno.test("PDUs are decoded by hand, and what cannot be is told", async () => {
  await withServer({}, async ({ ask }) => {
    const decode = async (body: unknown) =>
      await ask("/api/decode", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
    const ping: Decoded = await (await decode({ hex: "04000000 01000000" })).json();
    assertEquals(ping.items[0]?.command, "ping");
    const login = "15000000 26000000 04 69676779 04 69676779 00000000 00000000 00";
    const decoded = await decode({ hex: login });
    assertEquals(decoded.status, 200);
    const response = { hex: "00000000 04000000 07000000", direction: "response" };
    const answer = await decode({ ...response, command: "login_user" });
    assertEquals((await answer.json()).items[0]?.fields, { user_id: 7 });
    await problemOf(await decode("{"), 400);
    await problemOf(await decode("{}"), 422);
    await problemOf(await decode("[]"), 422);
    await problemOf(await decode({ hex: "xyz1" }), 422);
    await problemOf(await decode({ hex: "0400000" }), 422);
    await problemOf(await decode({ hex: "00", more: 1 }), 422);
    await problemOf(await decode({ ...response, command: "login_usr" }), 422);
    await problemOf(await decode({ hex: "0400", release: "new" }), 422);
    await problemOf(await decode({ hex: "0".repeat(4 * 1024 * 1024 + 2) }), 422);
    await problemOf(await decode({ hex: "0".repeat(9 * 1024 * 1024) }), 413);
  });
});

Deno.test("catalog, Lua, health and metrics are served", async () => {
  await withServer({}, async ({ ask, json, upload }) => {
    const commands = await json<{ items: { name: string }[] }>("/api/commands");
    assert(commands.items.some(({ name }) => name === "poll_messages"));
    const fields = await json<{ items: { path: string }[] }>(
      "/api/fields?prefix=iggy.login_user",
    );
    assert(fields.items.every(({ path }) => path.startsWith("iggy.login_user")));
    const lua = await ask("/api/export/lua");
    assert((await lua.text()).includes("Proto"));
    const capture: Capture = await upload(NAME);
    assertEquals(await json("/healthz"), { status: "ok", captures: 1 });
    const metrics = await (await ask("/metrics")).text();
    assert(metrics.includes(`iggyscope_transactions_total ${capture.transactions}\n`));
    assert(metrics.includes('iggyscope_uploads_total{result="ready"} 1\n'));
    assert(!/undefined|NaN|null/.test(metrics));
  });
});

Deno.test("HEAD has the length of GET, and unknown parameters are refused", async () => {
  await withServer({ showSecrets: true }, async ({ ask, upload }) => {
    const { id } = await upload("classic-080-all.pcap");
    for (const part of ["", "/stats", "/transactions/3", "/file"]) {
      const path = `/api/captures/${id}${part}`;
      const head = await ask(path, { method: "HEAD" });
      const length = (await (await ask(path)).arrayBuffer()).byteLength;
      assertEquals(head.headers.get("content-length"), String(length), path);
      assertEquals(await head.text(), "");
      await problemOf(await ask(`${path}?nosuch=1`), 400);
    }
    await problemOf(await ask("/api/commands?prefix=x"), 400);
    const range = { range: "bytes=0-3" };
    const file = `/api/captures/${id}/file`;
    const etag = (await ask(file, { method: "HEAD" })).headers.get("etag")!;
    const same = await ask(file, { headers: { ...range, "if-range": etag } });
    const other = await ask(file, { headers: { ...range, "if-range": '"other"' } });
    assertEquals([same.status, other.status], [206, 200]);
    await same.body?.cancel();
    await other.body?.cancel();
  });
});

Deno.test("files with captured bytes are for their owner alone", async () => {
  await withServer({}, async ({ upload, folder }) => {
    const { id } = await upload("classic-080-all.pcap");
    for (const name of ["capture", "rows", "pdus", "index.sqlite"]) {
      const { mode } = await Deno.stat(`${folder}/captures/${id}/${name}`);
      assertEquals(mode! & 0o777, 0o600, name);
    }
  });
});
